"""Values that mean the same become one: e-mail addresses, phone numbers, hashes, hosts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import SettingsError
from service.ingest.clean import clean, left_out_of
from service.ingest.domains import sort_of
from service.ingest.identifiers import identifiers_of
from service.ingest.normalise import UnusableError
from service.ingest.normalisers import NORMALISERS, normalised
from service.ingest.tokens import Tokeniser
from service.model import kinds as table_in_use
from service.model.kinds import BUILT_IN, kinds
from service.model.kinds_file import NORMALISERS as KNOWN
from service.model.kinds_file import read
from service.settings import load_settings
from service.sources.lines import json_objects

TOKENISER = Tokeniser(b"k" * 32)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def of(name: str, value: str) -> tuple[str, ...]:
    return normalised(kinds().by_name[name], value)


@pytest.fixture
def france() -> Iterator[None]:
    table_in_use.use(None, "FR")
    yield
    table_in_use.use(None)


@pytest.mark.parametrize(
    ("spellings", "mailbox"),
    [
        (("j.doe@gmail.com", "JDoe@Gmail.com", "jd.oe+shop@googlemail.com", "jdoe+1@gmail.com "), "jdoe@gmail.com"),
        (("ann@outlook.com", "ann+x@OUTLOOK.com", "\uff21nn@outlook.com"), "ann@outlook.com"),
        (("ann@hotmail.co.uk", "ann+a+b@hotmail.co.uk"), "ann@hotmail.co.uk"),
        (("ann@proton.me", "ann+x@proton.me"), "ann@proton.me"),
        (("ann@fastmail.com", "ann+x@fastmail.com"), "ann@fastmail.com"),
        (("ann@icloud.com", "ann+x@icloud.com"), "ann@icloud.com"),
        (("ann@yahoo.com", "ann-news@yahoo.com"), "ann@yahoo.com"),
        (("a.b@yahoo.fr", "a.b-c@yahoo.fr"), "a.b@yahoo.fr"),
        (("ann@web.de", "mailto:ann@web.de", "MAILTO:Ann@Web.de", "\u200bmailto:ann@web.de"), "ann@web.de"),
        (("ann@web.de", "a\u200bnn@web.de", "\u202eann\u202c@web.de", "an\u00adn\ufeff@web.de"), "ann@web.de"),
        (("ann@web.de", "ann\ufe0f@web.de", "a\u034fnn@web.de", "ann\u3164@web.de"), "ann@web.de"),
        (("info@bücher.example", "INFO@XN--BCHER-KVA.example."), "info@xn--bcher-kva.example"),
    ],
)
def test_spellings_of_one_mailbox_are_one(spellings: tuple[str, ...], mailbox: str) -> None:
    assert {of("email", spelling)[0] for spelling in spellings} == {mailbox}


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ann@gmail.com", ""),
        ("ann@googlemail.com", ""),
        ("ann@qq.com", ""),
        ("ann@firm.example", "firm.example"),
        ("ann@mailinator.com", "mailinator.com"),
        ("ann@x7.mailinator.com", "x7.mailinator.com"),
    ],
)
def test_a_domain_where_anybody_can_have_a_mailbox_is_none_to_share(address: str, domain: str) -> None:
    assert of("email", address)[1] == domain


def test_domains_are_sorted_by_ones_own_lists_and_then_by_kept_ones(tmp_path: Path) -> None:
    (tmp_path / "free.txt").write_text("# ours\nschool.example\nmailinator.com\n", encoding="utf-8")
    (tmp_path / "thrown.txt").write_text(
        "Burner.example # seen in May\n\ngmx.de\nB\u00fccher.example\n", encoding="utf-8"
    )
    lists = 'normalise = "email"\nfree_domains = "free.txt"\nthrowaway_domains = "thrown.txt"'
    table = tmp_path / "identifiers.toml"
    table.write_text(BUILT_IN.read_text(encoding="utf-8").replace('normalise = "email"', lists), encoding="utf-8")
    kind = read(table).by_name["email"]
    sorts = {name: sort_of(kind, name) for name in ("school.example", "mailinator.com", "yahoo.co.jp")}
    assert set(sorts.values()) == {"free"}
    assert (
        sort_of(kind, "burner.example") == sort_of(kind, "a.burner.example") == sort_of(kind, "gmx.de") == "throwaway"
    )
    assert sort_of(kind, of("email", "a@b\u00fccher.example")[1]) == "throwaway"
    assert sort_of(kind, "yopmail.com") == "throwaway" and sort_of(kind, "burner.example.org") is None


def test_a_domain_in_both_lists_is_a_fault_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "free.txt").write_text("a.example\nBoth.example\n", encoding="utf-8")
    (tmp_path / "thrown.txt").write_text("both.example\n", encoding="utf-8")
    lists = 'normalise = "email"\nfree_domains = "free.txt"\nthrowaway_domains = "thrown.txt"'
    table = tmp_path / "identifiers.toml"
    table.write_text(BUILT_IN.read_text(encoding="utf-8").replace('normalise = "email"', lists), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"'email'.*both\.example is in both"):
        read(table)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "free.txt can't be read"),
        (b"\xff\xfea", "UTF-16 text"),
        (b"\xff", "is not UTF-8"),
        (b"a.example\nnot a domain\n", "line 2"),
    ],
)
def test_a_list_that_cannot_be_read_is_a_fault_of_the_table(tmp_path: Path, content: bytes | None, fault: str) -> None:
    if content:
        (tmp_path / "free.txt").write_bytes(content)
    table = tmp_path / "identifiers.toml"
    lists = 'normalise = "email"\nfree_domains = "free.txt"'
    table.write_text(BUILT_IN.read_text(encoding="utf-8").replace('normalise = "email"', lists), encoding="utf-8")
    with pytest.raises(SettingsError, match=fault):
        read(table)


def test_a_list_that_is_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "free.txt")
    table = tmp_path / "identifiers.toml"
    lists = 'normalise = "email"\nfree_domains = "free.txt"'
    table.write_text(BUILT_IN.read_text(encoding="utf-8").replace('normalise = "email"', lists), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"free.txt can't be read \(it is no regular file\)"):
        read(table)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.b@outlook.com", "ab@outlook.com"),
        ("ann+x@firm.example", "ann@firm.example"),
        ("ann-x@gmail.com", "ann@gmail.com"),
        ("ann+x@yahoo.com", "ann@yahoo.com"),
        ("ann@gmail.com", "ann@gmail.com.example"),
    ],
)
def test_what_may_be_two_people_stays_two(one: str, other: str) -> None:
    assert of("email", one) != of("email", other)


@pytest.mark.parametrize(
    "value",
    [
        *("ann", "@gmail.com", "ann@", "ann@localhost", "+x@gmail.com", "a b@firm.example", "<a@firm.example>", "null"),
        *("noreply@firm.example", "No-Reply@firm.example", "someone@example.com", "ann@firm..example"),
        *("mailto:mailto:ann@web.de", "mailto:ann@web.de?cc=bob@web.de", "\u200b@web.de", "no\u200breply@web.de"),
        "x" * 65 + "@a.example",
    ],
)
def test_what_is_the_address_of_nobody_is_left_out(value: str) -> None:
    with pytest.raises(UnusableError):
        of("email", value)
    assert identifiers_of(TOKENISER, email=value) == []


@given(
    st.text(max_size=30),
    st.sampled_from(["gmail.com", "yahoo.co.uk", "firm.example", "bücher.example", "\ufb01rm.example"]),
)
def test_what_an_address_became_becomes_itself(local: str, host: str) -> None:
    try:
        first = of("email", f"{local}@{host}")
    except ValueError:
        return
    assert of("email", first[0]) == first


def test_numbers_with_a_country_are_one_in_any_writing() -> None:
    for value in ("+33 1 23 45 67 89", "+33123456789", "+33 (0)1-23-45-67-89", "tel:+33123456789"):
        assert of("phone", value) == ("+33123456789", "FR"), value
    for value in ("01 23 45 67 89", "+1 555 555 5555", "123", "call me"):
        with pytest.raises(UnusableError):
            of("phone", value)


@pytest.mark.usefixtures("france")
def test_numbers_without_one_are_from_the_region_of_the_setting() -> None:
    assert of("phone", "01 23 45 67 89") == of("phone", "00 33 1 23 45 67 89") == ("+33123456789", "FR")
    assert of("phone", "+44 20 7946 0958") == ("+442079460958", "GB")


def test_a_number_is_from_a_country_or_none() -> None:
    for value, country in (("+1 613 555 0123", "CA"), ("+1 212 555 2368", "US"), ("+883 5100 1234 5678", "")):
        assert of("phone", value)[1] == country, value


@pytest.mark.parametrize("region", ["XX", "FRA", "f", "+33", "France"])
def test_a_region_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    monkeypatch.setenv("RINGSIGHT_PHONE_REGION", region)
    with pytest.raises(SettingsError, match=r"RINGSIGHT_PHONE_REGION: '.*' is no country .*; write it like FR or US"):
        table_in_use.use(None, load_settings().phone_region)


def test_a_region_may_be_in_lower_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGSIGHT_PHONE_REGION", "fr")
    assert load_settings().phone_region == "FR"


@pytest.mark.parametrize(
    ("function", "value", "becomes"),
    [
        ("text", " As It Is ", " As It Is "),
        ("lower", " Half-PRICE ", "half-price"),
        ("lower", "Straße", "strasse"),
        ("hex", "0xDE:AD-be ef.01", "deadbeef01"),
        ("hex", "t13d1516h2", None),
        ("hex", "ffffffff", None),
        ("url_host", "https://www.Shop.Example:8443/a?b", "shop.example"),
        ("url_host", "shop.example/a", "shop.example"),
        ("url_host", "http://[::1", None),
        ("url_host", "localhost", None),
    ],
)
def test_the_other_functions(function: str, value: str, becomes: str | None) -> None:
    kind = replace(kinds().by_name["device"], normalise=function)
    if becomes is None:
        with pytest.raises(UnusableError):
            normalised(kind, value)
    else:
        assert normalised(kind, value) == (becomes,)
        assert normalised(kind, becomes) == (becomes,)


def test_placeholders_of_the_table_identify_nobody() -> None:
    kind = replace(kinds().by_name["device"], placeholders=("house account",))
    with pytest.raises(UnusableError):
        normalised(kind, " House ACCOUNT ")


def test_every_function_that_a_table_may_name_is_there() -> None:
    assert set(KNOWN) == {*NORMALISERS, "email", "ip", "phone"}


def test_an_event_keeps_tokens_of_them_and_goes_on_without_what_is_none() -> None:
    event = {"account_id": "a", "occurred_at": "2026-03-01T12:00:00Z", "device_id": "d"}
    rows = [
        {**event, "email": value, "phone": "+33123456789"} for value in ("A.B+1@gmail.com", "ab@googlemail.com", "me")
    ]
    found = clean(json_objects(rows, 0), TOKENISER, NOW)
    assert found.refused.is_empty()
    token = TOKENISER.token("em", "ab@gmail.com")
    assert found.good["email"].to_list() == [token, token, None]
    assert found.good["email_domain"].to_list() == [None, None, None]
    assert found.good["phone"].unique().to_list() == [TOKENISER.token("ph", "+33123456789")]
    assert left_out_of(found.good) == {"email": 1}
    assert dict(identifiers_of(TOKENISER, email="ab@gmail.com")) == {"email": token}
