"""Frames of events: what is refused and why, what comes through, and how it adds up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from service.ingest.aggregate import Aggregate, batches
from service.ingest.clean import Cleaned, clean, left_out_of
from service.ingest.dedupe import SeenIds
from service.ingest.records import clean_records, entries
from service.ingest.tokens import Tokeniser
from service.sources.eventlog import Record
from service.sources.lines import json_objects, parsed_lines, unknown_fields
from service.sources.raw import MOST_NAMES, NAME_CHARS, tokenised_fields
from service.sources.raw import fields as event_fields

NOW = datetime(2026, 3, 10, tzinfo=UTC)
TOKENISER = Tokeniser(b"k" * 32)
GOOD: dict[str, Any] = {"account_id": "a", "occurred_at": "2026-03-01T12:00:00Z", "ip": "1.2.3.4"}


def cleaned(*events: object, tokeniser: Tokeniser = TOKENISER, tokenised: bool = False) -> Cleaned:
    fields = tokenised_fields() if tokenised else event_fields()
    return clean(json_objects(list(events), 1, fields), tokeniser, NOW, tokenised=tokenised)


NEITHER = "is neither text nor a whole number"


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"account_id": None}, "account_id", "is missing"),
        ({"account_id": ""}, "account_id", "is missing"),
        ({"account_id": "x" * 257}, "account_id", "is longer than 256"),
        ({"account_id": "a\0b"}, "account_id", "control character"),
        ({"account_id": "a\ud800"}, "account_id", "control character"),
        ({"account_id": ["a"]}, "account_id", NEITHER),
        ({"account_id": True}, "account_id", NEITHER),
        ({"occurred_at": None}, "occurred_at", "is missing"),
        ({"occurred_at": 1.5}, "occurred_at", NEITHER),
        ({"occurred_at": "yesterday"}, "occurred_at", "is not an RFC 3339 time"),
        ({"occurred_at": "2026-03-01"}, "occurred_at", "is not an RFC 3339 time"),
        ({"occurred_at": "2026-03-01T12:00:00"}, "occurred_at", "has no time zone"),
        ({"occurred_at": "2026-02-30T12:00:00Z"}, "occurred_at", "is not an RFC 3339 time"),
        ({"occurred_at": 1772366400}, "occurred_at", "is not an RFC 3339 time"),
        ({"occurred_at": "1999-12-31T23:59:59Z"}, "occurred_at", "is before 2000"),
        ({"occurred_at": "2026-03-11T00:00:01Z"}, "occurred_at", "is more than a day ahead"),
        ({"ip": None}, "event", "are all missing"),
        ({"ip": None, "type": "login"}, "event", "are all missing"),
        ({"ip": None, "type": "refund"}, "event", "are all missing"),
        ({"ip": "999.1.1.1"}, "ip", "is not an IPv4 or IPv6 address"),
        ({"ip": "999.1.1.1", "type": "sign-up"}, "ip", "is not an IPv4 or IPv6 address"),
        ({"ip": None, "device_id": ["d"]}, "device_id", NEITHER),
        ({"ip": None, "device_id": "d" * 513}, "device_id", "is longer than 512"),
        ({"ip": None, "device_id": "none", "payment_fingerprint": "a\nb"}, "payment_fingerprint", "control character"),
    ],
)
def test_a_bad_event_is_refused_with_its_reason_and_the_good_ones_go_on(
    change: dict[str, object], field: str, reason: str
) -> None:
    found = cleaned(GOOD, GOOD | change, GOOD)
    assert found.good.get_column("row").to_list() == [1, 3]
    assert found.values.is_empty()
    (refused,) = found.refused.to_dicts()
    assert (refused["row"], refused["field"]) == (2, field)
    assert reason in refused["reason"]
    assert refused["remedy"]


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"type": "refund"}, "type", "is unknown"),
        ({"type": {}}, "type", NEITHER),
        ({"uses": 0}, "uses", "is not a positive integer"),
        ({"uses": -1}, "uses", "is not a positive integer"),
        ({"uses": "many"}, "uses", "is not a positive integer"),
        ({"uses": 1.5}, "uses", NEITHER),
        ({"uses": 10**10}, "uses", "is over 1000000000"),
        ({"uses": 10**30}, "uses", NEITHER),
        ({"device_id": "d" * 513}, "device_id", "is longer than 512"),
        ({"device_id": ["d"]}, "device_id", NEITHER),
        ({"payment_fingerprint": "a\nb"}, "payment_fingerprint", "control character"),
        ({"event_id": "e" * 513}, "event_id", "is longer than 512"),
        ({"event_id": 1.5}, "event_id", NEITHER),
        ({"ip": "999.1.1.1", "device_id": "d"}, "ip", "is not an IPv4 or IPv6 address"),
        ({"ip": "fe80::1%eth0", "type": "signup"}, "ip", "has a zone"),
        ({"ip": 5.5, "type": "signup"}, "ip", NEITHER),
    ],
)
def test_a_bad_value_is_refused_with_its_reason_and_the_rest_of_its_event_counts(
    change: dict[str, object], field: str, reason: str
) -> None:
    found = cleaned(GOOD, GOOD | change)
    without = cleaned(GOOD, {name: value for name, value in (GOOD | change).items() if name != field})
    assert found.refused.is_empty()
    assert found.good.equals(without.good)
    (value,) = found.values.to_dicts()
    assert (value["row"], value["field"], value["account_id"], value["counted"]) == (2, field, "a", "yes")
    assert reason in value["reason"]
    assert value["remedy"]


def test_each_bad_value_of_an_event_has_its_own_reason() -> None:
    event = GOOD | {"uses": "x", "type": "y", "device_id": "a\tb", "event_id": "e"}
    found = cleaned(event, event)
    assert found.good.get_column("event_id").to_list() == ["e", "e"]
    names = ("type", "uses", "device_id")
    assert found.values.select("row", "field").rows() == [(n, name) for n in (1, 2) for name in names]


def test_a_value_that_passes_later_adds_its_link_and_no_second_use_of_the_account() -> None:
    """An event from the log whose device is a token under a key that this home does not have yet."""
    older, newer = Tokeniser(b"o" * 32), Tokeniser(b"o" * 32, added=(b"n" * 32,))
    (entry,) = entries(cleaned(GOOD | {"device_id": "d", "uses": 7}, tokeniser=newer).good, newer)
    first, _ = clean_records([Record(0, entry.body)], older, NOW)
    (value,) = first.values.to_dicts()
    assert "keys/token.key does not have" in value["reason"]
    assert again(value, tokeniser=older).good.is_empty()
    aggregate = Aggregate()
    aggregate.add(first.good)
    aggregate.add(again(value, tokeniser=newer).good)
    assert aggregate.accounts().get_column("uses").to_list() == [7]
    links = {row["kind"]: (row["id"], row["uses"]) for row in aggregate.links().to_dicts()}
    assert links == {"ip": ("1.2.3.4", 7), "device": (newer.token("dv", "d"), 7)}


def test_what_is_not_an_object_is_refused() -> None:
    found = cleaned([1], "text", None, GOOD)
    assert found.refused.get_column("reason").to_list() == ["is not a JSON object"] * 3
    assert len(found.good) == 1


def test_good_events_are_normalised_and_tokenised() -> None:
    event = GOOD | {"occurred_at": "2026-03-01t14:00:00.5+02:00", "ip": "::ffff:1.2.3.4", "device_id": "d", "uses": "7"}
    (row,) = cleaned(event).good.to_dicts()
    assert row["at"] == datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
    assert (row["ip"], row["network"], row["type"], row["uses"]) == ("1.2.3.4", "1.2.3.0/24", "activity", 7)
    assert row["device_id"] == TOKENISER.token("dv", "d")
    assert row["payment_fingerprint"] is None


def test_a_signup_needs_no_identifier() -> None:
    assert len(cleaned(GOOD | {"ip": None, "type": "signup"}).good) == 1


def test_refused_events_hold_no_secret() -> None:
    late = {"occurred_at": "2026-04-01T00:00:00Z"}
    event = GOOD | late | {"device_id": "secret-device", "payment_fingerprint": "secret-card"}
    text = json.dumps(cleaned(event).refused.to_dicts())
    assert "secret" not in text
    assert TOKENISER.token("dv", "secret-device") in text
    hidden = cleaned(event, tokeniser=Tokeniser(b"k" * 32, ip_plain=False))
    assert "1.2.3.4" not in json.dumps(hidden.refused.to_dicts())


def test_a_refused_event_can_be_cleaned_again_without_a_second_token() -> None:
    (first,) = cleaned(GOOD | {"occurred_at": "2026-03-20T00:00:00Z", "device_id": "d"}).refused.to_dicts()
    (row,) = again(first, NOW + timedelta(days=30)).good.to_dicts()
    assert row["device_id"] == TOKENISER.token("dv", "d")


def again(refused: dict[str, object], now: datetime = NOW, tokeniser: Tokeniser = TOKENISER) -> Cleaned:
    """A refused event, tried again."""
    event = {name: value for name, value in refused.items() if name in tokenised_fields() and value is not None}
    return clean(json_objects([event], 0, tokenised_fields()), tokeniser, now, tokenised=True)


@pytest.mark.parametrize("ip_plain", [True, False])
@pytest.mark.parametrize(
    "bad",
    [
        {"device_id": "d" * 513},
        {"device_id": "a\tb"},
        {"device_id": ["d"]},
        {"payment_fingerprint": "p" * 600},
        {"payment_fingerprint": 1.5},
        {"ip": "999.1.1.1"},
        {"ip": "fe80::1%eth0"},
        {"ip": 5.5},
        {"uses": 1.5},
        {"type": {}, "device_id": "d"},
        {"account_id": "a" * 257},
        {"event_id": "e" * 513},
    ],
)
def test_what_broke_a_rule_when_it_came_does_not_pass_later(ip_plain: bool, bad: dict[str, object]) -> None:
    tokeniser = Tokeniser(b"k" * 32, ip_plain)
    sent = GOOD | {"device_id": "d", "type": "signup", "occurred_at": "2026-03-20T00:00:00Z"} | bad
    (refused,) = clean(json_objects([sent], 0), tokeniser, NOW).refused.to_dicts()
    now = NOW + timedelta(days=30)
    later = again(refused, now, tokeniser)
    assert later.good.equals(clean(json_objects([sent], 0), tokeniser, now).good)
    for value in [*later.values.to_dicts(), *later.refused.to_dicts()]:
        assert again(value, NOW + timedelta(days=60), tokeniser).good.is_empty()


@pytest.mark.parametrize("ip_plain", [True, False])
@pytest.mark.parametrize("ip", ["2001:db8:1:2::5", "::ffff:1.2.3.4", "1.2.3.4", "2001:DB8::1", None])
def test_what_passes_later_is_the_event_as_it_would_have_been(ip_plain: bool, ip: str | None) -> None:
    tokeniser = Tokeniser(b"k" * 32, ip_plain)
    late, now = GOOD | {"ip": ip, "device_id": "d", "occurred_at": "2026-03-20T00:00:00Z"}, NOW + timedelta(days=30)
    (refused,) = clean(json_objects([late], 0), tokeniser, NOW).refused.to_dicts()
    assert again(refused, now, tokeniser).good.equals(clean(json_objects([late], 0), tokeniser, now).good)


def test_what_identifies_nobody_is_left_out_and_the_event_counts() -> None:
    rows = [
        GOOD | {"device_id": "null", "payment_fingerprint": "N/A"},
        GOOD | {"ip": "127.0.0.1", "device_id": "d"},
        GOOD | {"ip": "ff02::1", "type": "login"},
        GOOD | {"ip": None, "device_id": "00000000-0000-0000-0000-000000000000", "type": "payment", "event_id": "none"},
    ]
    found = cleaned(*rows)
    assert found.refused.is_empty()
    good = found.good.to_dicts()
    assert [row["ip"] for row in good] == ["1.2.3.4", None, None, None]
    assert [row["network"] for row in good] == ["1.2.3.0/24", None, None, None]
    assert [row["device_id"] is None for row in good] == [True, False, True, True]
    assert left_out_of(found.good) == {"ip": 2, "device_id": 2, "payment_fingerprint": 1, "event_id": 1}
    assert found.good.get_column("event_id").null_count() == 4
    aggregate = Aggregate()
    aggregate.add(found.good)
    assert aggregate.accounts().get_column("uses").to_list() == [4]
    assert len(aggregate.links()) == 2


def test_strangers_with_placeholders_share_nothing() -> None:
    """The case of the trial: 500 accounts whose fields are null, zeros and private addresses."""
    aggregate = Aggregate()
    values = [("null", "127.0.0.1"), ("undefined", "10.0.0.1"), ("unknown", "192.168.1.1"), ("0000-0000", "fe80::1")]
    rows = [GOOD | {"account_id": f"x{n}", "device_id": values[n % 4][0], "ip": values[n % 4][1]} for n in range(500)]
    aggregate.add(cleaned(*rows).good)
    assert (len(aggregate.accounts()), len(aggregate.links())) == (500, 0)


def test_an_event_without_its_placeholders_comes_through_the_log_as_well() -> None:
    first = cleaned(GOOD | {"ip": "10.0.0.1", "type": "login"}, GOOD | {"device_id": "none"})
    records = [Record(n, entry.body) for n, entry in enumerate(entries(first.good, TOKENISER))]
    again, _ = clean_records(records, TOKENISER, NOW)
    assert again.refused.is_empty()
    assert again.good.drop("row").equals(first.good.drop("row"))
    assert left_out_of(again.good) == {"ip": 1, "device_id": 1}


def test_a_refused_event_without_its_placeholder_passes_once_it_is_sound() -> None:
    (refused,) = cleaned(GOOD | {"ip": "10.0.0.1", "occurred_at": "2026-03-20T00:00:00Z"}).refused.to_dicts()
    assert len(again(refused, NOW + timedelta(days=30)).good) == 1
    nothing = cleaned(GOOD | {"ip": None, "event_id": "none"})
    assert nothing.refused.get_column("reason").to_list() == [
        "payment_fingerprint, device_id, ip, email and phone are all missing"
    ]


@pytest.mark.parametrize("account", ["null", "undefined", "NaN", " ", "\u200b", "00000000-0000-0000-0000-000000000000"])
def test_a_placeholder_is_no_account(account: str) -> None:
    assert cleaned(GOOD | {"account_id": account}).refused.get_column("reason").to_list() == [
        "is a placeholder, no account"
    ]


@pytest.mark.parametrize("account", ["unknown", "0", "nullo", "None of the above"])
def test_an_account_may_have_an_odd_name(account: str) -> None:
    assert len(cleaned(GOOD | {"account_id": account}).good) == 1


def test_the_same_event_id_counts_once_in_a_frame_and_over_frames() -> None:
    seen = SeenIds()
    frame = cleaned(GOOD | {"event_id": "1"}, GOOD | {"event_id": "1"}, GOOD, GOOD, GOOD | {"event_id": "2"}).good
    assert seen.filter(frame).get_column("row").to_list() == [1, 3, 4, 5]
    assert seen.filter(frame).get_column("row").to_list() == [3, 4]
    for number in range(3, 40):
        assert len(seen.filter(cleaned(GOOD | {"event_id": str(number)}).good)) == 1
    assert len(seen.filter(frame)) == 2


def _brute_force(events: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[str, str, int]]:
    found: dict[tuple[str, str], tuple[str, str, int]] = {}
    for event in events:
        key, at = (event["account_id"], event["ip"]), event["occurred_at"]
        first, last, uses = found.get(key, (at, at, 0))
        found[key] = (min(first, at), max(last, at), uses + event["uses"])
    return found


def test_links_add_up_however_the_events_are_cut() -> None:
    events: list[dict[str, Any]] = [
        {
            "account_id": f"a{n % 7}",
            "occurred_at": (NOW - timedelta(hours=n * 13 % 101)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "ip": f"1.2.3.{n % 5 + 1}",
            "uses": n % 3 + 1,
        }
        for n in range(200)
    ]
    aggregate = Aggregate()
    for low in range(0, 200, 33):
        aggregate.add(cleaned(*events[low : low + 33]).good)
    time = "%Y-%m-%dT%H:%M:%SZ"
    found = {
        (row["account_id"], row["id"]): (row["first"].strftime(time), row["last"].strftime(time), row["uses"])
        for row in aggregate.links().to_dicts()
    }
    assert found == _brute_force(events)
    assert aggregate.accounts().get_column("uses").sum() == sum(event["uses"] for event in events)


def test_batches_hold_each_link_and_account_once_and_an_account_comes_before_its_links() -> None:
    aggregate = Aggregate()
    aggregate.add(cleaned(*[GOOD | {"account_id": f"a{n % 10}", "ip": f"9.9.{n}.1"} for n in range(95)]).good)
    alone = [GOOD | {"account_id": f"lone{n}", "ip": None, "type": "signup"} for n in range(23)]
    aggregate.add(cleaned(*alone).good)
    found = list(batches(aggregate.accounts(), aggregate.links(), 10))
    assert [batch.n_links for batch in found] == [10] * 9 + [5, 0, 0, 0]
    rows = [row for batch in found for row in batch.rows]
    assert len({row[0] for row in rows}) == 33
    assert sum(row[4] for row in rows) == 95 + 23
    links = [(row[0], link[0]) for row in rows for link in row[7]]
    assert len(set(links)) == len(links) == 95
    assert all(row[5] == row[6] == [] for row in rows)
    assert list(batches(aggregate.accounts(), aggregate.links(), 10)) == found


def test_nothing_gives_no_batch() -> None:
    empty = Aggregate()
    assert list(batches(empty.accounts(), empty.links(), 10)) == []


@pytest.mark.parametrize(
    "data",
    [
        b'{"account_id": "a"}\nnot json\n{"account_id": "b"}\n',
        b'{"account_id": "a"}\n\n[1]\n{"account_id": "b"}',
        b'{"account_id": "a"}\n{"account_id": "\xff"}\n{"account_id": "b"}\n',
        b'{"account_id": "a"}\n{"account_id": ["x"]}\r\n{"account_id": "b"}\n',
        b'{"account_id": "a"}\n{"account_id": "x"}{"account_id": "y"}\n{"account_id": "b"}\n',
    ],
)
def test_one_bad_line_does_not_touch_its_neighbours(data: bytes) -> None:
    frame = json_objects(parsed_lines(data), 11)
    assert frame.get_column("row").to_list() == [11, 12, 13]
    assert frame.get_column("account_id").to_list()[::2] == ["a", "b"]
    wrong = frame.get_column("error").is_not_null() | frame.get_column("untyped").is_not_null()
    assert wrong.to_list() == [False, True, False]


@pytest.mark.parametrize("rows", [[{"a": 1, "b": None, "ip": "x"}, {"a": "y"}, [1], None, {"a": []}]])
def test_fields_that_no_event_has_are_counted_where_they_hold_something(rows: list[Any]) -> None:
    assert unknown_fields(rows) == {"a": 3}


def test_names_of_unknown_fields_are_bounded() -> None:
    rows = [{f"f{n}": 1, "x" * 10_000 + str(n): 2, "\ud800": 3} for n in range(1000)]
    found = unknown_fields(rows)
    assert len(found) == MOST_NAMES + 1
    assert found.total() == 3000
    assert max(map(len, found)) == NAME_CHARS
    assert "".join(found).encode()


def test_numbers_are_text_on_both_reading_paths() -> None:
    line = b'{"account_id": 5, "uses": 3}\n'
    quick = json_objects(parsed_lines(line), 1)
    careful = json_objects(parsed_lines(line + b"x\n"), 1).head(1)
    assert quick.select("account_id", "uses").rows() == careful.select("account_id", "uses").rows() == [("5", "3")]
    assert quick.schema == pl.Schema(careful.schema)
