"""Random events through parsing and normalising: none is lost, none stops the others, no raw value gets through."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.errors import InputError, RingsightError
from service.ingest.clean import clean, good_columns
from service.ingest.identifiers import identifiers_of
from service.ingest.normalise import ACCOUNT_ID_CHARS, TYPES, check_text, normalise_ip
from service.ingest.tokens import Tokeniser
from service.sources.files import open_events
from service.sources.lines import filled_lines, json_objects, parsed_lines
from service.sources.raw import fields as event_fields

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
FUZZ = settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
TOKENISER = Tokeniser(b"k" * 32)

TEXT = st.text(max_size=40)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
VALUE = st.recursive(SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
PLAUSIBLE = st.fixed_dictionaries(
    {
        "account_id": st.sampled_from(["a", "b-1", "x" * 256]) | TEXT,
        "occurred_at": st.sampled_from(["2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "1999-12-31T23:59:59Z"]) | TEXT,
    },
    optional={
        "type": st.sampled_from(TYPES) | TEXT,
        "ip": st.ip_addresses().map(str) | TEXT,
        "device_id": TEXT,
        "payment_fingerprint": TEXT,
        "event_id": TEXT,
        "uses": st.integers() | SCALAR,
    },
)
EVENT = PLAUSIBLE | st.dictionaries(st.sampled_from(event_fields()) | TEXT, VALUE, max_size=6) | VALUE


def judged(raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Good and refused events of a raw frame, after checks that hold for every input."""
    cleaned = clean(raw, TOKENISER, NOW)
    good, refused = cleaned.good, cleaned.refused
    assert sorted([*good["row"], *refused["row"]]) == sorted(raw["row"])
    assert set(good_columns()) <= set(good.columns)
    for row in good.iter_rows(named=True):
        assert 1 <= len(row["account_id"]) <= ACCOUNT_ID_CHARS
        check_text(row["account_id"], ACCOUNT_ID_CHARS)
        assert row["type"] in TYPES
        assert datetime(2000, 1, 1, tzinfo=UTC) <= row["at"] <= datetime(2026, 11, 2, tzinfo=UTC)
        assert 1 <= row["uses"] <= 1_000_000_000
        assert row["device_id"] is None or row["device_id"].startswith("dv_")
        assert row["payment_fingerprint"] is None or row["payment_fingerprint"].startswith("pm_")
        assert (row["ip"] is None) == (row["network"] is None)
    for row in pl.concat([refused, cleaned.values]).iter_rows(named=True):
        assert row["reason"] and row["remedy"] and row["field"]
    assert set(cleaned.values["row"]) <= set(good["row"])
    return good, refused


@FUZZ
@given(st.lists(EVENT, max_size=8))
def test_random_objects(events: list[Any]) -> None:
    judged(json_objects(events, 0))


@FUZZ
@example([b" "])
@example([b"{}", b"\v"])
@given(st.lists(st.binary(max_size=60) | EVENT.map(lambda event: json.dumps(event).encode()), max_size=8))
def test_random_lines(lines: list[bytes]) -> None:
    data = b"\n".join(lines)
    raw = json_objects(parsed_lines(data), 0)
    assert len(raw) == filled_lines(data)
    judged(raw)


@FUZZ
@given(st.lists(EVENT, max_size=6))
def test_a_line_and_an_object_are_judged_alike(events: list[Any]) -> None:
    """The same event by HTTP and in a file: the same verdict."""
    lines = b"\n".join(json.dumps(event, allow_nan=False).encode() for event in events if _is_json(event))
    objects = [json.loads(line) for line in lines.splitlines()]
    by_line, by_object = judged(json_objects(parsed_lines(lines), 0)), judged(json_objects(objects, 0))
    assert by_line[0].equals(by_object[0])
    assert by_line[1]["row"].equals(by_object[1]["row"])


@FUZZ
@given(st.binary(max_size=400), st.sampled_from([".jsonl", ".csv", ".json", ".parquet", ".jsonl.gz", ".csv.gz", ""]))
def test_random_files(content: bytes, suffix: str) -> None:
    """A file of any bytes is read, or refused with a reason that names it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"events{suffix}"
        path.write_bytes(content)
        try:
            for chunk in open_events(path).chunks():
                judged(chunk.events)
        except RingsightError as error:
            assert "events" in error.detail


@FUZZ
@given(st.ip_addresses().map(str) | st.text(alphabet="0123456789abcdef:.%/ ", max_size=45) | TEXT)
def test_an_address_is_refused_or_has_one_form(value: str) -> None:
    try:
        address = normalise_ip(value)
    except ValueError as error:
        assert str(error)
        return
    assert normalise_ip(address.ip.removesuffix("/64")) == address
    assert address.network.endswith(("/24", "/48"))


@FUZZ
@given(TEXT | st.none(), TEXT | st.none(), TEXT | st.none())
def test_identifiers_are_tokens_or_a_named_field(ip: str | None, device: str | None, card: str | None) -> None:
    try:
        found = identifiers_of(TOKENISER, ip=ip, device_id=device, payment_fingerprint=card)
    except InputError as error:
        assert error.extra["field"] in ("ip", "device_id", "payment_fingerprint")
        return
    for kind, identifier in found:
        if kind in ("device", "payment_method"):
            assert len(identifier) == 3 + 32
            assert identifier.partition("_")[0] in ("dv", "pm")


@pytest.mark.parametrize("depth", [100, 10_000, 1_000_000])
def test_a_deep_line_does_not_stop_the_others(depth: int) -> None:
    good = b'{"account_id": "a", "occurred_at": "2026-01-01T00:00:00Z", "ip": "203.0.113.7"}'
    kept, refused = judged(
        json_objects(parsed_lines(good + b"\n" + b"[" * depth + b"\n" + b'{"a":' * depth + b"\n" + good), 0)
    )
    assert (len(kept), len(refused)) == (2, 2)


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False).encode()
    except ValueError:
        return False
    return True
