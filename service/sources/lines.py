"""JSON lines and CSV to raw frames. Polars reads a block at once; only a block that it refuses is read line by line,
so that each bad line gets its own reason and the good ones go on."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from service.errors import InputError
from service.sources.raw import FIELDS, REQUIRED, raw_frame

_NESTED = re.compile(rb":\s*[\[{]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAYBE_BLANK = (b"\n\n", b" \n", b"\t\n", b"\r", b"\v", b"\f")  # one is in each blank line but the first and the last


def json_lines(data: bytes, first_row: int, fields: Sequence[str] = FIELDS) -> pl.DataFrame:
    """A raw frame of JSON lines. Blank lines do not count as rows."""
    if not _NESTED.search(data):
        try:
            frame = pl.read_ndjson(data, schema=dict.fromkeys(fields, pl.String))
        except pl.exceptions.PolarsError:
            frame = None
        if frame is not None and len(frame) == filled_lines(data):
            return _numbered(frame, first_row, fields)
    values = _columns(fields)
    for line in data.split(b"\n"):
        if line.strip():
            _append(values, *_json_fields(line))
    return raw_frame(values, first_row)


def json_objects(objects: list[Any], first_row: int, fields: Sequence[str] = FIELDS) -> pl.DataFrame:
    """A raw frame of parsed JSON values (an array's members)."""
    values = _columns(fields)
    for item in objects:
        _append(values, *_fields_of(item))
    return raw_frame(values, first_row)


class CsvReader:
    """Reads blocks of CSV whose header is known."""

    def __init__(self, header: bytes, name: str) -> None:
        try:
            names = next(csv.reader([header.decode("utf-8").strip("\r\n")]))
        except (UnicodeDecodeError, csv.Error, StopIteration):
            names = []
        self.names = [column.strip() for column in names]
        missing = [column for column in REQUIRED if column not in self.names]
        if missing:
            found = ", ".join(self.names)[:200] or "nothing"
            raise InputError(
                f"{name}: the CSV header lacks {' and '.join(missing)} (it has {found}); "
                f"its first line must name the columns, of {', '.join(FIELDS)}"
            )
        twice = sorted({column for column in self.names if self.names.count(column) > 1})
        if twice:
            raise InputError(f"{name}: the CSV header names {', '.join(twice)} more than once; keep one of them")

    def frame(self, data: bytes, first_row: int) -> pl.DataFrame:
        """A raw frame of lines without the header. Blank lines do not count as rows."""
        try:
            frame = pl.read_csv(data, has_header=False, new_columns=self.names, infer_schema=False)
        except (pl.exceptions.PolarsError, ValueError):
            frame = None
        if frame is not None and frame.columns == self.names and len(frame) == filled_lines(data):
            missing = [pl.lit(None, pl.String).alias(field) for field in FIELDS if field not in self.names]
            return _numbered(frame.with_columns(missing), first_row, FIELDS)
        values = _columns(FIELDS)
        for line in data.split(b"\n"):
            if line.strip():
                _append(values, *self._fields(line))
        return raw_frame(values, first_row)

    def _fields(self, line: bytes) -> tuple[dict[str, Any], str | None]:
        try:
            cells = next(csv.reader([line.decode("utf-8").strip("\r\n")], strict=True))
        except UnicodeDecodeError:
            return {}, "is not UTF-8"
        except (csv.Error, StopIteration):
            return {}, "is not a CSV row (is a quote left open?)"
        if len(cells) != len(self.names):
            return {}, f"has {len(cells)} columns where the header has {len(self.names)}"
        return dict(zip(self.names, cells, strict=True)), None


def filled_lines(data: bytes) -> int:
    """Lines that hold something. The usual case (no blank line) needs a few passes at C speed."""
    if data.startswith(b"\n") or any(end in data for end in _MAYBE_BLANK):
        return sum(1 for line in data.split(b"\n") if line.strip())
    return data.count(b"\n") + bool(data[data.rfind(b"\n") + 1 :].strip())


def _numbered(frame: pl.DataFrame, first_row: int, fields: Sequence[str]) -> pl.DataFrame:
    row = pl.int_range(first_row, first_row + pl.len(), dtype=pl.Int64).alias("row")
    return frame.select(row, *fields, pl.lit(None, pl.String).alias("error"))


def _columns(fields: Sequence[str]) -> dict[str, list[str | None]]:
    return {name: [] for name in (*fields, "error")}


def _append(values: dict[str, list[str | None]], fields: dict[str, Any], error: str | None) -> None:
    for name in values:
        if name == "error":
            continue
        value = fields.get(name)
        if value is None or isinstance(value, str):
            values[name].append(value if value is None else _sound(value))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            values[name].append(str(value))
        else:
            values[name].append(None)
            error = error or f"has {name} that is neither text nor a number"
    values["error"].append(error)


def _sound(value: str) -> str:
    """Text that can be UTF-8: half of a surrogate pair becomes NUL, which validation refuses."""
    return value if value.isascii() else _SURROGATE.sub("\0", value)


def _json_fields(line: bytes) -> tuple[dict[str, Any], str | None]:
    try:
        return _fields_of(json.loads(line))
    except UnicodeDecodeError:
        return {}, "is not UTF-8"
    except (ValueError, RecursionError):
        return {}, "is not JSON"


def _fields_of(item: Any) -> tuple[dict[str, Any], str | None]:
    return (item, None) if isinstance(item, dict) else ({}, "is not a JSON object")
