"""What files of networks say of addresses, what is refused of them at the start, and what an event keeps."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service.cli import cli
from service.detection.reading.kind_codes import codes
from service.errors import InputError, SettingsError
from service.ingest import networks
from service.ingest.clean import clean
from service.ingest.identifiers import identifiers_of
from service.ingest.networks import NOTHING, Origin
from service.ingest.tokens import Tokeniser
from service.keyfile import SECRET_BYTES
from service.model.kinds import kinds
from service.rings import search
from service.rings.allow_list import kept_as
from service.settings import load_settings
from service.sources.lines import json_objects
from tests.support.networks import CARRIER, HOSTER, write

PLAIN = Tokeniser(bytes(SECRET_BYTES))
TOKENS = Tokeniser(bytes(SECRET_BYTES), ip_plain=False)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def none_after() -> Iterator[None]:
    yield
    networks.use(())


@pytest.fixture
def systems(tmp_path: Path) -> Path:
    records: dict[str, dict[str, Any]] = {
        "203.0.113.0/24": HOSTER,
        "2600:beef::/32": HOSTER,
        "198.51.100.0/24": CARRIER,
    }
    path = write(tmp_path / "asn.mmdb", records)
    networks.use([path])
    return path


def test_without_a_file_nothing_is_said() -> None:
    assert networks.origin("203.0.113.9") == NOTHING and not networks.in_use()
    assert "asn" not in dict(identifiers_of(PLAIN, ip="203.0.113.9"))


@pytest.mark.usefixtures("systems")
def test_an_address_is_of_the_autonomous_system_of_the_file() -> None:
    assert networks.origin("203.0.113.9") == Origin("AS64500", "Example Hosting", None)
    assert networks.origin("198.51.100.9") == Origin("AS64501", "Example Mobile", None)
    for address in ("192.0.2.1", "2001:db8::/64", "ip_0123" + "0" * 28, "", "x" * 5000):
        assert networks.origin(address) == NOTHING, address
    for value in ("203.0.113.9", "::ffff:203.0.113.9", "2600:beef:1:2:3::4"):
        assert dict(identifiers_of(PLAIN, ip=value))["asn"] == "AS64500", value
    assert dict(identifiers_of(TOKENS, ip="203.0.113.9"))["asn"] == TOKENS.token("as", "AS64500")


@pytest.mark.parametrize(
    ("record", "sort"),
    [
        ({"traits": {"user_type": "hosting", "connection_type": "Corporate"}}, "hosting"),
        ({"traits": {"user_type": "cellular"}}, "mobile"),
        ({"connection_type": "Cable/DSL"}, "residential"),
        ({"connection_type": "Cellular"}, "mobile"),
        ({"user_type": "router", "connection_type": "Corporate"}, "business"),
        ({"is_hosting_provider": True}, "hosting"),
        ({"usage_type": "DCH"}, "hosting"),
        ({"usage_type": "MOB"}, "mobile"),
        ({"usage_type": "EDU"}, "business"),
        ({"asn": "AS64500", "type": "isp"}, "residential"),
        ({"type": "something new"}, None),
        ({"user_type": {"a": 1}, "traits": "none"}, None),
    ],
)
def test_the_sort_of_a_network_is_read_as_makers_of_files_have_it(
    tmp_path: Path, record: dict[str, Any], sort: str | None
) -> None:
    networks.use([write(tmp_path / "kinds.mmdb", {"203.0.113.0/24": record})])
    assert networks.origin("203.0.113.0/24").sort == sort


@pytest.mark.parametrize("value", [0, "AS0", "64500 Example", 1 << 32, "-", "", {"number": 1}, True])
def test_what_is_no_number_of_a_system_is_none(tmp_path: Path, value: object) -> None:
    networks.use([write(tmp_path / "odd.mmdb", {"203.0.113.0/24": {"asn": value, "name": "x"}})])
    assert networks.origin("203.0.113.1") == NOTHING


def test_of_two_files_the_first_that_says_something_counts(tmp_path: Path, systems: Path) -> None:
    other = {"asn": "64999", "as_name": "Another", "type": "hosting"}
    sorts = write(tmp_path / "sorts.mmdb", {"203.0.113.0/24": other}, version=4)
    networks.use([systems, sorts])
    assert networks.origin("203.0.113.9") == Origin("AS64500", "Example Hosting", "hosting")
    assert networks.origin("2600:beef::/64").asn == "AS64500", "though one of them has IPv4 only"


@pytest.mark.parametrize("damage", ["missing", "empty", "junk", "cut", "tree", "folder", "pipe"])
def test_a_missing_or_damaged_file_is_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, systems: Path, damage: str
) -> None:
    path, whole = tmp_path / "bad.mmdb", systems.read_bytes()
    made = {"empty": b"", "junk": b"<html>" * 500, "cut": whole[: len(whole) // 2], "tree": b"\xff" * 300 + whole[300:]}
    if damage == "pipe":
        os.mkfifo(path)
    elif damage == "folder":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes(made[damage])
    with pytest.raises(SettingsError, match=rf"RINGSIGHT_MMDB: {path} .*; (fetch it again|check the name|name MMDB)"):
        networks.use([path])
    assert networks.origin("203.0.113.9").asn == "AS64500", "those in use stay"
    monkeypatch.setenv("RINGSIGHT_MMDB", f"{systems}, {path}")
    monkeypatch.setenv("RINGSIGHT_HOME", str(tmp_path / "home"))
    told = CliRunner().invoke(cli, ["keys", "list"])
    assert isinstance(told.exception, SettingsError) and "RINGSIGHT_MMDB" in str(told.exception)


def test_what_is_damaged_where_nobody_looked_stops_no_ingest(
    systems: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = systems.read_bytes()
    path = tmp_path / "later.mmdb"
    path.write_bytes(whole.replace(b"\x4eExample Mobile", b"\x00\xffExample Mobil"))  # a type that there is not
    monkeypatch.setattr(networks, "_here_and_there", lambda version: ())
    networks.use([path])
    for _ in range(2):
        assert networks.origin("198.51.100.9") == NOTHING
    assert networks.origin("203.0.113.9").asn == "AS64500"
    assert caplog.text.count("RINGSIGHT_MMDB: a file is damaged") == 1, "told once"


def test_several_files_are_named_with_commas(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert load_settings().mmdb == ()
    monkeypatch.setenv("RINGSIGHT_MMDB", f" {tmp_path}/a.mmdb , {tmp_path}/b.mmdb,")
    assert load_settings().mmdb == (tmp_path / "a.mmdb", tmp_path / "b.mmdb")


@pytest.mark.usefixtures("systems")
def test_an_event_keeps_the_system_of_its_address() -> None:
    event = {"account_id": "a", "occurred_at": "2026-03-01T12:00:00Z", "device_id": "d"}
    rows = [{**event, "ip": value} for value in ("203.0.113.9", "2600:beef:1:2::7", "192.0.2.77", "10.0.0.1")]
    found = clean(json_objects(rows, 0), PLAIN, NOW)
    assert found.good["asn"].to_list() == ["AS64500", "AS64500", None, None]


@pytest.mark.usefixtures("systems")
def test_a_system_is_allowed_and_sought_by_its_number() -> None:
    assert kept_as(PLAIN, "asn", "as64500") == kept_as(PLAIN, "asn", "203.0.113.9") == "AS64500"
    assert kept_as(TOKENS, "asn", "AS64500") == TOKENS.token("as", "AS64500")
    with pytest.raises(
        InputError, match=r"no file of RINGSIGHT_MMDB has .* of 192.0.2.1; write its number, like AS64500"
    ):
        kept_as(PLAIN, "asn", "192.0.2.1")
    assert "AS64500" in search.candidates(PLAIN, " as64500".strip())["asn"]
    assert search.candidates(PLAIN, "asterisk")["asn"] == ["asterisk"]


def test_a_system_ties_no_accounts() -> None:
    asn = kinds().by_name["asn"]
    assert asn.role == "trait" and not asn.evidence
    assert "asn" not in codes().names, "detection reads no link to it"
