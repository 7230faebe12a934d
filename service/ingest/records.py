"""Events to and from the bodies of log records.

A body is an event of the contract (docs/ingest.md) as JSON. Those that Ringsight wrote itself begin with the id of the
token key: their identifiers are ids of graph nodes already, so that no device id or card is kept in the clear.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl

from service.ingest.clean import Cleaned, clean
from service.ingest.tokens import KEY_ID_DIGITS, Tokeniser
from service.sources.eventlog import Entry, Record
from service.sources.lines import json_objects, parsed_lines, unknown_fields
from service.sources.raw import add_counts, fields, tokenised_fields

_MARK = b'{"tokens":'


def entries(good: pl.DataFrame, tokeniser: Tokeniser) -> list[Entry]:
    """Good events (service/ingest/clean.py) as entries for the log. The same event_id is appended once."""
    rows = good.with_columns(pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")).drop("row")
    return [_entry(row, tokeniser.key_id, row["event_id"]) for row in rows.rename({"at": "occurred_at"}).to_dicts()]


def _entry(row: dict[str, Any], key_id: str, once: str | None) -> Entry:
    event = {"tokens": key_id} | {name: value for name, value in row.items() if value is not None}
    return Entry(row["account_id"], once, json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode())


def clean_records(records: Sequence[Record], tokeniser: Tokeniser, now: datetime) -> tuple[Cleaned, Counter[str]]:
    """Cleans log records, and counts the unknown fields of those that others wrote. `row` of what comes out is the
    record's offset."""
    events = [record for record in records if not record.mark]
    ours = [record for record in events if record.body.startswith(_MARK)]
    theirs = [record for record in events if not record.body.startswith(_MARK)]
    parts = [
        _cleaned(group, tokeniser, now, tokenised)
        for group, tokenised in ((ours, True), (theirs, False))
        if group or not events
    ]
    ignored: Counter[str] = Counter()
    for _, unknown in parts:
        add_counts(ignored, unknown)
    good, refused, values = (
        pl.concat(getattr(part, name) for part, _ in parts).sort("row", maintain_order=True)
        for name in ("good", "refused", "values")
    )
    return Cleaned(good, refused, values), ignored


def key_ids(records: Sequence[Record]) -> set[str]:
    """The ids of the token keys that our own records are under."""
    start = len(_MARK) + 1
    keys = {record.body[start : start + KEY_ID_DIGITS] for record in records if record.body.startswith(_MARK)}
    return {key.decode("ascii", "replace") for key in keys}


def _cleaned(
    records: Sequence[Record], tokeniser: Tokeniser, now: datetime, tokenised: bool
) -> tuple[Cleaned, Counter[str]]:
    # One line a record: in JSON, a line's end can only stand between values, where a blank does as well.
    lines = b"\n".join(record.body.replace(b"\n", b" ").strip() or b"null" for record in records)
    rows = parsed_lines(lines)
    raw = json_objects(rows, 0, tokenised_fields() if tokenised else fields())
    offsets = pl.Series("row", [record.offset for record in records], dtype=pl.Int64)
    cleaned = clean(raw.with_columns(offsets), tokeniser, now, tokenised=tokenised)
    return cleaned, Counter() if tokenised else unknown_fields(rows)
