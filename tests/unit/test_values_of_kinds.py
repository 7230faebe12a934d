"""A value of any kind, built in or of one's own table: refused alone, left out, kept, replayed and guessed alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from service.cli.doctor import command as doctor
from service.errors import InputError, SettingsError
from service.ingest.clean import Cleaned, clean, left_out_of
from service.ingest.identifiers import identifiers_of
from service.ingest.tokens import Tokeniser
from service.model import kinds as table_in_use
from service.model.kinds import kinds
from service.model.kinds_file import read
from service.sources.columns import read_columns
from service.sources.lines import json_objects, unknown_fields
from service.sources.raw import fields, tokenised_fields

AI_API = Path(__file__).resolve().parents[2] / "examples" / "ai-api.toml"
FIELDS = sorted(read(AI_API).fields)
RELAY = """
[[kind]]
name = "relay"
field = "relay_ip"
label = "Relay"
link = "COMES_THROUGH"
prefix = "re"
role = "place"
normalise = "ip"
parents = ["relay_range"]
aliases = ["viaproxy"]
token = false

[[kind]]
name = "relay_range"
label = "RelayRange"
link = "IS_WITHIN"
prefix = "rr"
role = "trait"
token = false
"""
TOKENISER = Tokeniser(b"k" * 32)
NOW = datetime(2026, 3, 10, tzinfo=UTC)
EVENT: dict[str, Any] = {"account_id": "a", "occurred_at": "2026-03-01T12:00:00Z", "uses": 3}


@pytest.fixture(autouse=True)
def own(tmp_path: Path) -> Iterator[None]:
    """The table of the example and one more kind, whose values are addresses."""
    path = tmp_path / "identifiers.toml"
    path.write_text(AI_API.read_text(encoding="utf-8") + RELAY, encoding="utf-8")
    table_in_use.use(path)
    yield
    table_in_use.use(None)


def cleaned(*events: object, tokeniser: Tokeniser = TOKENISER, tokenised: bool = False) -> Cleaned:
    names = tokenised_fields() if tokenised else fields()
    return clean(json_objects(list(events), 1, names), tokeniser, NOW, tokenised=tokenised)


def other(field: str) -> dict[str, str]:
    """A good identifier of another field."""
    return {"ip": "203.0.113.7"} if field != "ip" else {"device_id": "d-1"}


@pytest.mark.parametrize("value", ["x" * 513, "a\nb", ["x"], 1.5])
@pytest.mark.parametrize("field", [*FIELDS, "relay_ip"])
def test_a_value_that_breaks_a_rule_is_refused_alone(field: str, value: object) -> None:
    found = cleaned(EVENT | other(field) | {field: value})
    (good,), (refused,) = found.good.to_dicts(), found.values.to_dicts()
    assert (good[field], good["uses"]) == (None, 3)
    assert all(good[parent] is None for parent in kinds().fields[field].parents)
    assert (refused["field"], refused["uses"], refused["counted"]) == (field, "3", "yes")
    assert refused["reason"] and refused["remedy"]
    if not TOKENISER.plain(kinds().fields[field]) and isinstance(value, str):
        assert refused[field] == "refused", "no secret is kept"
    assert found.refused.is_empty()


@pytest.mark.parametrize("field", [*FIELDS, "relay_ip"])
def test_an_event_whose_only_identifier_is_refused_is_refused_for_it(field: str) -> None:
    (refused,) = cleaned(EVENT | {field: "a\0b"}).refused.to_dicts()
    assert refused["field"] == field
    again = {name: value for name, value in refused.items() if name in tokenised_fields()}
    assert cleaned(again, tokenised=True).good.is_empty(), "what broke a rule does not pass as a token"


@pytest.mark.parametrize("value", ["test", "FFFFFFFF", "n/a"])
@pytest.mark.parametrize("field", [*FIELDS, "relay_ip"])
def test_placeholders_are_those_of_every_kind(field: str, value: str) -> None:
    good = cleaned(EVENT | other(field) | {field: value}).good
    assert left_out_of(good) == {field: 1}


def test_private_addresses_of_every_kind_count_where_all_clients_are_inside() -> None:
    sent = {"ip": "10.1.2.3", "relay_ip": "fd00:1::5", "device_id": "d-1"}
    assert left_out_of(cleaned(EVENT | sent).good) == {"ip": 1, "relay_ip": 1}
    inside = Tokeniser(b"k" * 32, inside=True)
    (good,) = cleaned(EVENT | sent, tokeniser=inside).good.to_dicts()
    assert (good["ip"], good["network"]) == ("10.1.2.3", "10.1.2.0/24")
    assert (good["relay_ip"], good["relay_range"]) == ("fd00:1::/64", "fd00:1::/48")
    found = identifiers_of(inside, **sent)
    assert {("ip", "10.1.2.3"), ("network", "10.1.2.0/24"), ("relay", "fd00:1::/64")} <= set(found)
    assert [kind for kind, _ in identifiers_of(TOKENISER, **sent)] == ["device"]


def test_fields_of_one_s_own_table_are_known_and_may_be_mapped() -> None:
    assert unknown_fields([{"relay_ip": "1.2.3.4", "email": "a@b.de", "browser": "x"}]) == {"browser": 1}
    assert str(read_columns(["relay_ip=via"])) == "relay_ip=via"
    table_in_use.use(None)
    with pytest.raises(InputError, match=r"'relay_ip' is no field of an event; use one of .*email, phone"):
        read_columns(["relay_ip=via"])


def test_the_doctor_guesses_columns_of_every_kind_by_name_and_by_what_is_in_them(tmp_path: Path) -> None:
    rows = [
        {
            "userId": f"u{n}",
            "createdAt": "2026-03-01T00:00:00Z",
            "viaProxy": "198.51.100.9",
            "Mobile": f"+33 1 23 45 67 {n:02}",
            "who": f"someone{n}@mail.org",
        }
        for n in range(20)
    ]
    path = tmp_path / "f"
    path.write_text(json.dumps(rows))
    done = CliRunner().invoke(doctor, [str(path), "--json"])
    (found,) = json.loads(done.stdout)["files"]
    assert found["map"] == "account_id=userId,email=who,occurred_at=createdAt,phone=Mobile,relay_ip=viaProxy"
    assert (found["accounts"], found["ignored_fields"], found["left_out"]) == (20, {}, {})


def test_a_hub_is_one_value_in_all_its_spellings_and_only_of_kinds_that_are_evidence(tmp_path: Path) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    rows = [
        EVENT
        | {
            "account_id": f"a{n}",
            "occurred_at": (start + timedelta(hours=n)).isoformat(),
            "email": f"so.me.one+{n}@gmail.com" if n % 20 == 0 else f"p{n}@mail.org",
            "organisation_id": "everybody",
        }
        for n in range(400)
    ]
    path = tmp_path / "f"
    path.write_text(json.dumps(rows))
    (found,) = json.loads(CliRunner().invoke(doctor, [str(path), "--json"]).stdout)["files"]
    assert [(hub["kind"], hub["value"], hub["accounts"]) for hub in found["hubs"]] == [
        ("email", "someone@gmail.com", 20)
    ]


@pytest.mark.parametrize("name", ["counted", "untyped", "when", "reason", "remedy", "field"])
def test_a_kind_may_not_take_a_name_that_stands_beside_identifiers_of_refused_events(name: str, tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(RELAY.replace('field = "relay_ip"', f'field = "{name}"'), encoding="utf-8")
    with pytest.raises(SettingsError, match=f"key field: '{name}' is Ringsight's own"):
        read(path)


@pytest.mark.parametrize("name", ["counted", "reason", "id", "kind", "first", "born"])
def test_nor_may_a_derived_kind(name: str, tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(RELAY.replace('"relay_range"', f'"{name}"'), encoding="utf-8")
    with pytest.raises(SettingsError, match=f"key name: '{name}' is Ringsight's own"):
        read(path)


def test_an_account_and_links_of_a_replayed_value_get_its_uses_once() -> None:
    value = {"account_id": "a", "occurred_at": EVENT["occurred_at"], "uses": "3", "counted": "yes", "email": "a@b.org"}
    (good,) = cleaned(value, tokenised=True).good.to_dicts()
    assert (good["counted"], good["uses"], good["email_domain"]) == ("yes", 3, "b.org")
    assert isinstance(good["email"], str) and good["email"].startswith("em_")


def test_every_column_of_a_table_is_in_good_and_refused_events() -> None:
    found = cleaned(EVENT | {"ip": "1.2.3.4"}, {})
    names = [*kinds().fields, *(kind.name for kind in kinds().derived)]
    for frame in (found.good, found.refused, found.values):
        assert set(names) <= set(frame.columns)
        assert all(frame.schema[name] == pl.String for name in names)
