"""JSON lines and CSV to raw frames. Polars reads a block at once; only a block that it refuses, or a CSV block with
quotes, is read row by row, so that each bad row gets its own reason and the good ones go on."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from service.errors import InputError
from service.sources.blocks import BLOCK_BYTES
from service.sources.raw import FIELDS, REQUIRED, raw_frame

csv.field_size_limit(BLOCK_BYTES)
QUOTE_LEFT_OPEN = "opens a quote that is never closed: nothing after it could be read"
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
    """Reads blocks of CSV whose header is known. A quoted field may hold line ends: they end no row."""

    def __init__(self, header: bytes, name: str) -> None:
        try:
            names = next(csv.reader([header.decode("utf-8").strip("\r\n")], strict=True))
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
        """A raw frame of rows without the header. Blank lines do not count as rows."""
        frame = None if b'"' in data else self._plain(data)
        if frame is not None:
            missing = [pl.lit(None, pl.String).alias(field) for field in FIELDS if field not in self.names]
            return _numbered(frame.with_columns(missing), first_row, FIELDS)
        values = _columns(FIELDS)
        for row in _CsvRows(data):
            if row != [] and not (isinstance(row, list) and len(row) == 1 and not row[0].strip(" \t\v\f")):
                _append(values, *self._fields(row))
        return raw_frame(values, first_row)

    def _plain(self, data: bytes) -> pl.DataFrame | None:
        """Rows without quotes. None if they are not all sound: Polars would fill up short ones."""
        rows = filled_lines(data)
        if data.count(b",") != rows * (len(self.names) - 1):
            return None
        try:
            frame = pl.read_csv(data, has_header=False, new_columns=self.names, infer_schema=False, quote_char=None)
        except (pl.exceptions.PolarsError, ValueError):
            return None
        return frame if frame.columns == self.names and len(frame) == rows else None

    def _fields(self, row: list[str] | str) -> tuple[dict[str, Any], str | None]:
        if isinstance(row, str):
            return {}, row
        if any(_SURROGATE.search(cell) for cell in row if not cell.isascii()):
            return {}, "is not UTF-8"
        if len(row) != len(self.names):
            return {}, f"has {len(row)} columns where the header has {len(self.names)}"
        return {name: cell or None for name, cell in zip(self.names, row, strict=True)}, None


class _CsvRows:
    """The cells of each row, or what is wrong with it. `end`: the position after the last row that was closed."""

    def __init__(self, data: bytes) -> None:
        self.end = 0
        self._lines = io.BytesIO(data)
        self._over = False

    def __iter__(self) -> Iterator[list[str] | str]:
        rows = csv.reader(self._text(), strict=True)
        while True:
            try:
                row: list[str] | str = next(rows)
            except StopIteration:
                return
            except csv.Error:
                row = QUOTE_LEFT_OPEN if self._over else "is not a CSV row (is a quote wrong?)"
            if not self._over:
                self.end = self._lines.tell()
            yield row

    def _text(self) -> Iterator[str]:
        for line in self._lines:
            yield line.decode("utf-8", "surrogateescape")
        self._over = True


def whole_csv_rows(data: bytes) -> int:
    """How many bytes of a block with quotes are whole rows: a line's end within quotes ends none."""
    rows = _CsvRows(data[: data.rfind(b"\n") + 1])
    for _ in rows:
        pass
    return rows.end


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
