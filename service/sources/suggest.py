"""Guesses which columns of somebody else's file are the fields of an event, by their names and by what is in them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from service.errors import InputError
from service.model.kinds import kinds
from service.sources.columns import Columns
from service.sources.files import ARRAY_BYTES, BOM, EventFile, json_array, opened
from service.sources.lines import column_names, header_line, parsed_lines
from service.sources.parquet import UNREADABLE
from service.sources.raw import REQUIRED, fields

SAMPLE_ROWS = 200
SAMPLE_BYTES = 1 << 20
MIN_ENDING = 4  # letters, unless it is a word of its own: deviceDate and signup_ts are times, paid is no id
MOSTLY = 0.8  # of a column's values have to look like those of a kind for it to be that kind's

# Names that others use, letters and digits only, the likelier ones first. Those of identifiers are in their table.
NAMES = {
    "account_id": (
        *("account", "accountid", "userid", "user", "useruuid", "uid", "customerid", "customer", "custid"),
        *("memberid", "member", "playerid", "subscriberid", "clientid", "username", "nameorig", "fromuserid"),
    ),
    "occurred_at": (
        *("timestamp", "eventtime", "eventtimestamp", "occurredat", "createdat", "created", "datetime", "time", "ts"),
        *("at", "date", "signuptime", "purchasetime", "transactiontime", "transactiondt", "transactiondatetime"),
    ),
    "type": ("eventtype", "event", "eventname", "action", "activity", "transactiontype"),
    "event_id": ("eventid", "transactionid", "requestid", "eventuuid", "uuid", "id"),
    "uses": ("uses", "requests", "count", "hits"),
}
# What normalises a kind -> how its values look, where they look like nothing else.
_LOOKS = {
    "ip": re.compile(r"\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}"),
    "phone": re.compile(r"\+\d[\d ().-]{6,18}\d"),
}


def suggested(source: EventFile) -> Columns:
    """The file's own columns, and those guessed for the fields that it has no column of. Raises InputError if it can't
    be read."""
    rows = sample(source)
    names = list(dict.fromkeys(name for row in rows for name in row))
    pairs = dict(source.columns.pairs)
    free = [name for name in names if name not in fields() and name not in pairs.values()]
    missing = [field for field in fields() if field not in names and field not in pairs]
    for guess in (_by_name, _by_values):  # a name says more than values: all names come first
        for field in [field for field in missing if field not in pairs]:
            found = guess(field, free, rows)
            if found is not None:
                pairs[field] = found
                free.remove(found)
    return Columns(tuple(sorted(pairs.items())))


def header(source: EventFile) -> list[str]:
    """The columns of a table (CSV or Parquet) by their own names; none of JSON, each object of which has its own.
    Raises InputError if it can't be read."""
    return list(next(iter(sample(source)), {})) if source.form in ("csv", "parquet") else []


def sample(source: EventFile) -> list[dict[str, Any]]:
    """The first rows, with their own names of columns."""
    if source.form == "parquet":
        return _parquet_rows(source)
    with opened(source.path, source.packed) as file:
        data = file.read(SAMPLE_BYTES).removeprefix(BOM)
    if source.form == "csv":
        return _csv_rows(data)
    found = parsed_lines(data) if source.form == "jsonl" else _array(source)
    return [row for row in found[:SAMPLE_ROWS] if type(row) is dict]


def _csv_rows(data: bytes) -> list[dict[str, Any]]:
    """The rows up to the first that is none; what is wrong with it is for the rules of ingest to say."""
    header, start = header_line(io.BytesIO(data))
    names, spaced = column_names(header.decode("utf-8", "replace"))
    text = io.StringIO(data[start:].decode("utf-8", "replace"), newline="")
    rows: list[dict[str, Any]] = [dict.fromkeys(names)]
    with suppress(csv.Error):
        for row in islice(csv.DictReader(text, names, skipinitialspace=spaced), SAMPLE_ROWS):
            rows.append({name: value for name, value in row.items() if name})
    return rows


def _array(source: EventFile) -> list[Any]:
    with opened(source.path, source.packed) as file:
        return json_array(source.path, file.read(ARRAY_BYTES))  # an array is read as a whole or not at all


def _parquet_rows(source: EventFile) -> list[dict[str, Any]]:
    try:
        with pq.ParquetFile(source.path) as file:
            batch = next(file.iter_batches(SAMPLE_ROWS), None)
            names = file.schema_arrow.names
            if batch is None:
                return [dict.fromkeys(names)]
            columns = [_texts(column) for column in batch.columns]
    except UNREADABLE as error:
        raise InputError(f"{source.path} is a damaged Parquet file ({error}); make it again") from None
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _texts(column: pa.Array) -> list[Any]:
    """A column's texts. Of other values nothing is guessed, and not all can be had: a time beyond Python's calendar."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return column.to_pylist() if text else [None] * len(column)


def _by_name(field: str, free: Sequence[str], _: list[dict[str, Any]]) -> str | None:
    bare = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in reversed(free)}
    kind = kinds().fields.get(field)
    known_names = (field.replace("_", ""), *(kind.aliases if kind else NAMES[field]))
    for known in known_names:
        if known in bare:
            return bare[known]
    if field not in REQUIRED:
        return None
    endings = tuple(known for known in known_names if len(known) >= MIN_ENDING)
    return next(
        (name for text, name in bare.items() if text.endswith(endings) or _last_word(name) in known_names), None
    )


def _last_word(name: str) -> str:
    """`ts` of signup_ts, "signup ts" and signupTs."""
    words: list[str] = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+", name)
    return words[-1].lower() if words else ""


def _by_values(field: str, free: Sequence[str], rows: list[dict[str, Any]]) -> str | None:
    kind = kinds().fields.get(field)
    if kind is None or (looks := _LOOKS.get(kind.normalise)) is None:
        return None
    for name in free:
        values = [row[name] for row in rows if isinstance(row.get(name), str) and row[name]]
        if values and sum(looks.fullmatch(value) is not None for value in values) >= MOSTLY * len(values):
            return name
    return None
