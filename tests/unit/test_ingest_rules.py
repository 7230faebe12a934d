"""The rules for single values: addresses, text, tokens."""

from __future__ import annotations

import stat
import timeit
from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv6Address, ip_address
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InputError, SettingsError
from service.ingest.identifiers import identifiers_of
from service.ingest.normalise import (
    NO_ACCOUNT_PATTERN,
    PLACEHOLDER_PATTERN,
    Address,
    UnusableError,
    check_text,
    is_placeholder,
    normalise_ip,
)
from service.ingest.tokens import Tokeniser, load_tokeniser

TOKENISER = Tokeniser(b"k" * 32)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("203.0.113.7", ("203.0.113.7", "203.0.113.0/24")),
        ("::ffff:1.2.3.4", ("1.2.3.4", "1.2.3.0/24")),
        ("::FFFF:102:304", ("1.2.3.4", "1.2.3.0/24")),
        ("2001:db8:1:2:3:4:5:6", ("2001:db8:1:2::/64", "2001:db8:1::/48", "2001:db8:1::/56", "2001:db8::/32")),
        ("2001:0DB8:0001:ab02::", ("2001:db8:1:ab02::/64", "2001:db8:1::/48", "2001:db8:1:ab00::/56", "2001:db8::/32")),
        ("64:ff9b::102:304", ("1.2.3.4", "1.2.3.0/24")),
        ("2002:102:304::1", ("1.2.3.4", "1.2.3.0/24")),
        ("2002:102:304:ffff:1:2:3:4", ("1.2.3.4", "1.2.3.0/24")),
        ("2001:0:4136:e378:8000:63bf:fefd:fcfb", ("1.2.3.4", "1.2.3.0/24")),
        ("2001:0:4136:e378:0:1234:fefd:fcfa", ("1.2.3.5", "1.2.3.0/24")),
        ("100.70.1.2", ("100.70.1.2", "100.70.1.0/24")),
        (" 1.2.3.4 ", ("1.2.3.4", "1.2.3.0/24")),
        ("1.2.3.4:443", ("1.2.3.4", "1.2.3.0/24")),
        ("[::ffff:1.2.3.4]:50123", ("1.2.3.4", "1.2.3.0/24")),
        ("[2001:db8:1:ab02::1]", ("2001:db8:1:ab02::/64", "2001:db8:1::/48", "2001:db8:1:ab00::/56", "2001:db8::/32")),
        (
            " [2001:db8:1:ab02::1]:443",
            ("2001:db8:1:ab02::/64", "2001:db8:1::/48", "2001:db8:1:ab00::/56", "2001:db8::/32"),
        ),
    ],
)
def test_an_address_has_one_form(value: str, expected: tuple[str, ...]) -> None:
    assert normalise_ip(value) == Address(*expected)


@pytest.mark.parametrize(
    "value",
    [
        "999.1.1.1",
        "1.2.3",
        "01.2.3.4",
        "1.2.3.4\n",
        "1.2.3.4:",
        "1.2.3.4:123456",
        "999.1.1.1:80",
        "[1:2]:80",
        "[]:80",
        "[2001:db8::1]80",
        "1.2.3.4/24",
        "fe80::1%eth0",
        "::",
        "0.0.0.0",
        "ff02::1",
        "224.0.0.1",
        "255.255.255.255",
        "::ffff:0.0.0.0",
        "localhost",
        "1.2.3.4\x00",
        "1:2",
    ],
)
def test_what_is_no_client_address_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|has) "):
        normalise_ip(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("8.8.8.8, 10.0.0.1", "is a list"),
        ("8.8.8.8,1.1.1.1", "is a list"),
        ("2001:db8::1, 1.1.1.1", "is a list"),
        ("8.8.8.8:443, 1.1.1.1:80", "is a list"),
        ("8.8.8.8 1.1.1.1", "is a list"),
        ("8.8.8.0/24", "is a range"),
        ("2001:db8::/64", "is a range"),
        ("8.8.8", "is not an IPv4 or IPv6 address"),
    ],
)
def test_what_is_no_address_is_told_what_it_is(value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}"):
        normalise_ip(value)


UNUSABLE = [
    "127.0.0.1",
    "127.9.9.9",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.1",
    "192.168.1.1",
    "169.254.1.1",
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "239.1.2.3",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::1.2.3.4",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:0:1.2.3.4",
    "64:ff9b::a00:1",
    "2002:a00:1::1",
    "2002:7f00:1::1",
    "2001:0:4136:e378:8000:63bf:3f57:fefe",
    "4000::1",
    "unknown",
    "localhost",
    "-",
]


@pytest.mark.parametrize("value", UNUSABLE)
def test_an_address_that_many_machines_have_is_unusable_but_not_wrong(value: str) -> None:
    with pytest.raises(UnusableError):
        normalise_ip(value)
    assert identifiers_of(TOKENISER, ip=value, device_id="d") == identifiers_of(TOKENISER, device_id="d")


INSIDE = Tokeniser(b"k" * 32, inside=True)


@pytest.mark.parametrize(
    ("value", "ip"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("172.31.255.1", "172.31.255.1"),
        ("::ffff:192.168.1.1", "192.168.1.1"),
        ("64:ff9b::a00:1", "10.0.0.1"),
        ("2002:a00:1::1", "10.0.0.1"),
        ("fd12:3:4:5::1", "fd12:3:4:5::/64"),
    ],
)
def test_a_private_address_counts_where_the_clients_are_inside(value: str, ip: str) -> None:
    assert identifiers_of(TOKENISER, ip=value) == []
    assert identifiers_of(INSIDE, ip=value)[0] == ("ip", ip)
    assert identifiers_of(replace(INSIDE, added=(b"n" * 32,)).at(INSIDE.key_id), ip=value)[0] == ("ip", ip)


@pytest.mark.parametrize("value", ["127.0.0.1", "::1", "169.254.1.1", "fe80::1", "0.0.0.0", "ff02::1", "240.0.0.1"])
def test_what_is_nobodys_address_is_left_out_inside_as_well(value: str) -> None:
    assert identifiers_of(INSIDE, ip=value) == []


@pytest.mark.parametrize("value", ["172.15.0.1", "172.32.0.1", "11.0.0.1", "192.169.0.1", "2001:db8::1", "3fff::1"])
def test_the_neighbours_of_private_addresses_are_usable(value: str) -> None:
    assert normalise_ip(value).ip


PLACEHOLDERS = [
    "null",
    "NULL",
    "Null",
    " null ",
    "(null)",
    "undefined",
    "none",
    "None",
    "nil",
    "N/A",
    "n/a",
    "NA",
    "unknown",
    "Unknown",
    "nan",
    "NaN",
    "[object Object]",
    "not available",
    "false",
    "-",
    "--",
    "?",
    "***",
    " ",
    "\u200b",
    "\u00a0",
    "0",
    "0000",
    "0.0",
    "0x0",
    "000000000000000",
    "00000000-0000-0000-0000-000000000000",
    "00:00:00:00:00:00",
    "{00000000-0000-0000-0000-000000000000}",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "FFFFFFFF",
    "ff:ff:ff:ff:ff:ff",
    "test",
    "TEST",
    "000-00-0000",
    "02:00:00:00:00:00",
    "9774d56d682e549c",
    "To be filled by O.E.M.",
]
VALUES = [
    "nullable",
    "none-1",
    "10",
    "0a",
    "d",
    "ffff",
    "unknown-17",
    "test-1",
    "contest",
    "a0000000-0000-0000-0000-000000000000",
    "x null",
    "é",
]


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_a_placeholder_is_no_identifier(value: str) -> None:
    assert is_placeholder(value)
    assert identifiers_of(TOKENISER, device_id=value, payment_fingerprint=value) == []


@pytest.mark.parametrize("value", VALUES)
def test_what_only_looks_like_a_placeholder_is_an_identifier(value: str) -> None:
    assert not is_placeholder(value)
    assert len(identifiers_of(TOKENISER, device_id=value, payment_fingerprint=value)) == 2


@given(st.sampled_from(PLACEHOLDERS + VALUES) | st.text("nulNA/ 0-f\u017f\u200b", max_size=14))
def test_frames_and_single_values_have_the_same_placeholders(value: str) -> None:
    frame = pl.select(pl.lit(value).str.contains(PLACEHOLDER_PATTERN)).item()
    assert frame == is_placeholder(value)
    assert pl.select(pl.lit(value).str.contains(NO_ACCOUNT_PATTERN)).item() <= (frame or not value)


@given(st.ip_addresses(v=4).map(str))
def test_a_normalised_ipv4_stays_as_it_is(value: str) -> None:
    try:
        address = normalise_ip(value)
    except ValueError:
        return
    assert address.ip == value
    assert address.network.endswith(".0/24")


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_a_value_error(value: str) -> None:
    try:
        normalise_ip(value)
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize("value", ["", "a\0", "a\nb", "\x7f", "\u2028", "x" * 11])
def test_text_that_cannot_be_kept(value: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|has) "):
        check_text(value, 10)


def test_tokens_differ_by_kind_and_key_and_name_their_key() -> None:
    other = Tokeniser(b"o" * 32)
    token = TOKENISER.token("dv", "x")
    assert token == TOKENISER.token("dv", "x")
    assert token.startswith(f"dv_{TOKENISER.key_id}")
    assert len(token) == 35
    assert len({token, TOKENISER.token("pm", "x"), other.token("dv", "x")}) == 3
    assert "6b6b" not in repr(TOKENISER) and "kkk" not in repr(TOKENISER)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = load_tokeniser(tmp_path, True)
    assert load_tokeniser(tmp_path, True).key == first.key
    path = tmp_path / "keys" / "token.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    path.write_text("damaged")
    with pytest.raises(SettingsError, match="restore it from a backup"):
        load_tokeniser(tmp_path, True)


def test_identifiers_of_a_request() -> None:
    found = identifiers_of(TOKENISER, ip="::ffff:1.2.3.4", device_id="d", payment_fingerprint="")
    assert found == [("device", TOKENISER.token("dv", "d")), ("ip", "1.2.3.4"), ("network", "1.2.3.0/24")]
    hidden = identifiers_of(Tokeniser(b"k" * 32, ip_plain=False), ip="1.2.3.4")
    assert [(kind, value[:3]) for kind, value in hidden] == [("ip", "ip_"), ("network", "nw_")]
    with pytest.raises(InputError, match=r"^ip is not an IPv4 or IPv6 address"):
        identifiers_of(TOKENISER, ip="999.1.1.1")
    with pytest.raises(InputError, match="device_id has a control character"):
        identifiers_of(TOKENISER, device_id="a\0")


def test_identifiers_are_quick_enough_for_every_request() -> None:
    def one() -> None:
        identifiers_of(TOKENISER, ip="203.0.113.7", device_id="device-1", payment_fingerprint="card-1")

    best = min(timeit.repeat(one, number=200, repeat=20)) / 200
    assert best < 100e-6  # about 8 microseconds on an idle core; the bound leaves room for a busy machine


@given(
    st.one_of(st.ip_addresses(v=6), *(st.ip_addresses(network=one) for one in ("2000::/3", "2002::/16", "2001::/32")))
)
def test_ipv6_is_read_as_the_standard_library_reads_it(address: IPv6Address) -> None:
    number = int(address)
    if address.ipv4_mapped is not None or number >> 32 == 0x64FF9B << 64:
        return
    if number >> 125 != 1:
        with pytest.raises(UnusableError):
            normalise_ip(str(address))
        return
    tunnelled = address.sixtofour or (address.teredo and address.teredo[1])
    if tunnelled is not None:
        with suppress(UnusableError):
            assert normalise_ip(str(address)) == normalise_ip(str(tunnelled))
        return
    for text in (str(address), address.exploded, str(address).upper()):
        read = normalise_ip(text)
        assert read.ip == f"{IPv6Address(number >> 64 << 64)}/64"
        assert read.network == f"{IPv6Address(number >> 80 << 80)}/48"


@given(st.text("0123456789abcdefABCDEF:.", max_size=40))
def test_what_the_standard_library_refuses_is_refused(text: str) -> None:
    try:
        ip_address(text)
    except ValueError:
        with pytest.raises(ValueError):
            normalise_ip(text)
