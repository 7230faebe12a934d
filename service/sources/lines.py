"""JSON and CSV to raw frames: each bad row gets its own reason and the good ones go on, and a value means the same in
every form. Polars reads a plain block of CSV at once; one that it refuses, or that has quotes, is read row by row.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

import orjson
import polars as pl

from service.errors import InputError
from service.sources.blocks import BLOCK_BYTES
from service.sources.columns import AS_NAMED, Columns
from service.sources.raw import REQUIRED, add_counts, count_names, fields, raw_frame

csv.field_size_limit(BLOCK_BYTES)
_SEPARATORS = {";": "semicolon", "\t": "tab", "|": "pipe"}
QUOTE_LEFT_OPEN = "opens a quote that is never closed: nothing after it could be read"
NOT_UTF8 = "is not UTF-8"
HEADER_BYTES = 1 << 20
_EXCEL_SEPARATOR = re.compile(rb'\s*"?sep=.?"?\s*', re.IGNORECASE)
_CELL = re.compile(r'(?:"(?:[^"]|"")*"|[^"][^,\r\n]*|)(?=[,\r\n]|$)')
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_SURROGATE = re.compile("[\ud800-\udfff]")
_TEXT = {str, type(None)}
LARGE = 2**63
_MAYBE_BLANK = (b"\n\n", b" \n", b"\t\n", b"\r", b"\v", b"\f")  # one is in each blank line but the first and the last


def parsed_lines(data: bytes) -> list[Any]:
    """The value of each line that is not blank; a BadRow for one that is no JSON."""
    rows = []
    for line in data.split(b"\n"):
        try:
            rows.append(orjson.loads(line))
        except orjson.JSONDecodeError:
            if line.strip():
                rows.append(_parsed(line))
    return rows


def unknown_fields(rows: list[Any]) -> Counter[str]:
    """Name of a field that no event has -> how many of these parsed values have something in it."""
    known, found = frozenset(fields()), Counter[str]()
    for row in rows:
        if type(row) is dict and not known.issuperset(row):
            count_names(found, [name for name in row if name not in known and row[name] is not None])
    return found


def json_objects(rows: list[Any], first_row: int, names: Sequence[str] = ()) -> pl.DataFrame:
    """A raw frame of parsed JSON values (an array's members); a BadRow is refused."""
    errors: list[str | None] = [None] * len(rows)
    untyped: list[str | None] = [None] * len(rows)
    for place, row in enumerate(rows):
        if type(row) is not dict:
            errors[place] = row.reason if isinstance(row, BadRow) else "is not a JSON object"
    filled = [row if type(row) is dict else {} for row in rows] if any(errors) else rows
    values = {name: [row.get(name) for row in filled] for name in names or fields()}
    for name, column in values.items():
        if not _TEXT.issuperset(map(type, column)):
            _make_text(name, column, untyped)
    try:
        return raw_frame({**values, "untyped": untyped, "error": errors}, first_row)
    except UnicodeEncodeError:
        sound = {name: [value and _SURROGATE.sub("\0", value) for value in column] for name, column in values.items()}
        return raw_frame({**sound, "untyped": untyped, "error": errors}, first_row)


def json_value(data: bytes) -> Any:
    """A JSON value, with whole numbers of any size as they are. Raises ValueError; UnicodeDecodeError for what is not
    UTF-8: json itself takes UTF-16, UTF-32 and encoded halves of surrogate pairs (RFC 8259 has UTF-8 only)."""
    text = data.decode()
    if json.detect_encoding(data) not in ("utf-8", "utf-8-sig"):  # UTF-16 of plain letters is UTF-8 with zeros in it
        zero = data.index(0)
        raise UnicodeDecodeError("utf-8", data, zero, zero + 1, "is UTF-16 or UTF-32")
    return json.loads(text.removeprefix("\ufeff"), parse_constant=_refused)


@dataclass(frozen=True, slots=True)
class BadRow:
    """Stands for a row that could not be read."""

    reason: str


def _parsed(line: bytes) -> Any:
    """A line that orjson does not read: half of a surrogate pair is JSON too."""
    try:
        return json_value(line)
    except UnicodeDecodeError:
        return BadRow(NOT_UTF8)
    except (ValueError, RecursionError):
        return BadRow("is not JSON")


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _make_text(name: str, column: list[Any], untyped: list[str | None]) -> None:
    """Whole numbers become their digits. Of larger ones, and of fractions, parsers keep different digits."""
    for place, value in enumerate(column):
        column[place] = value_text(value)
        if column[place] is None and value is not None:
            untyped[place] = f"{untyped[place]} {name}" if untyped[place] else name


def value_text(value: object) -> str | None:
    """A parsed value as text, which whole numbers of moderate size are too; None of any other."""
    if type(value) is int and abs(value) < LARGE:
        return str(value)
    return value if isinstance(value, str) else None


def other_separator(header: str) -> str | None:
    """The likely cause and the remedy, if a header seems to have something else than commas between its columns."""
    counts = {word: header.count(sign) for sign, word in _SEPARATORS.items()}
    word = max(counts, key=lambda one: counts[one])
    if counts[word] <= header.count(","):
        return None
    return (
        f"its columns seem to have a {word} between them, and only commas are read; write it with commas (and take "
        f"Excel's first line `sep=` out), for example: mlr --icsv --ifs {word} --ocsv cat IN > OUT"
    )


def header_line(file: BinaryIO, start: int = 0) -> tuple[bytes, int]:
    """The line that names the columns of a CSV file, and where its rows begin: after blank lines and the `sep=,` that
    Excel reads."""
    file.seek(start)
    while line := file.readline(HEADER_BYTES):
        start += len(line)
        if line.strip() and not _EXCEL_SEPARATOR.fullmatch(line):
            break
    return line, start


def column_names(header: str) -> tuple[list[str], bool]:
    """The names in a CSV header, without blanks around them, and whether there are blanks after its commas: then those
    of the rows belong to no value either. No names if it is no CSV row."""
    line = header.strip("\r\n")
    try:
        names = next(csv.reader([line], strict=True, skipinitialspace=True))
        return [name.strip() for name in names], names != next(csv.reader([line]))
    except (csv.Error, StopIteration):
        return [], False


def quote_fault(row: str, spaced: bool, names: Sequence[str] = ()) -> str:
    """What is wrong with a row that is no CSV: in which column, and the remedy. `spaced`: blanks after commas belong to
    no value."""
    at, column = 0, 1
    while True:
        if spaced:
            at += len(row[at:]) - len(row[at:].lstrip(" "))
        cell = _CELL.match(row, at)
        if cell is None:
            break
        at, column = cell.end() + 1, column + 1
        if at > len(row):
            return "is not a CSV row (is a quote wrong?)"
    where = f"column {column}" + (f" ({names[column - 1]})" if column <= len(names) else "")
    quoted = _QUOTED.match(row, at)
    behind = row[quoted.end() :].partition(",")[0] if quoted else ""
    if quoted and not behind.strip():
        return f"has a blank behind the closing quote of {where}, where only a comma may follow; take the blank out"
    return f'has text behind the closing quote of {where}; write a quote inside a value twice ("")'


class CsvReader:
    """Reads blocks of CSV whose header is known. A quoted field may hold line ends: they end no row."""

    def __init__(self, header: bytes, name: str, columns: Columns = AS_NAMED) -> None:
        try:
            names, self.spaced = column_names(header.decode("utf-8"))
        except UnicodeDecodeError:
            names = []
        self.names = [columns.name(column) for column in names]
        missing = [column for column in REQUIRED if column not in self.names]
        if missing:
            if remedy := other_separator(header.decode("utf-8", "replace")):
                raise InputError(f"{name}: the CSV header lacks {' and '.join(missing)}: {remedy}")
            line = header.decode("utf-8", "replace").strip("\r\n")
            found = ", ".join(names)[:200] or f"no sound row: it {quote_fault(line, True)}"
            raise InputError(
                f"{name}: the CSV header lacks {' and '.join(missing)} (it has {found}); "
                f"its first line must name the columns, of {', '.join(fields())}, or --map say which is which "
                "(`ringsight doctor` suggests how)"
            )
        twice = sorted({column for column in self.names if self.names.count(column) > 1})
        if twice:
            raise InputError(f"{name}: the CSV header names {', '.join(twice)} more than once; keep one of them")

    def read(self, data: bytes, first_row: int) -> tuple[pl.DataFrame, Counter[str]]:
        """A raw frame of rows without the header, and how many have something in each unknown column. Blank lines do
        not count as rows."""
        frame = None if self.spaced or b'"' in data else self._plain(data)
        if frame is None:
            rows = [self._fields(row) for row in _CsvRows(data, self.spaced, self.names) if not _is_blank(row)]
            return json_objects(rows, first_row), unknown_fields(rows)
        ignored: Counter[str] = Counter()
        unknown = [name for name in self.names if name not in fields()]
        add_counts(ignored, {name: filled for name in unknown if (filled := frame.get_column(name).count())})
        missing = [pl.lit(None, pl.String).alias(field) for field in fields() if field not in self.names]
        return _numbered(frame.with_columns(missing), first_row), ignored

    def whole_rows(self, data: bytes) -> int:
        """How many bytes of a block with quotes are whole rows: a line's end within quotes ends none."""
        rows = _CsvRows(data[: data.rfind(b"\n") + 1], self.spaced)
        for _ in rows:
            pass
        return rows.end

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

    def _fields(self, row: list[str] | BadRow) -> dict[str, str | None] | BadRow:
        if isinstance(row, BadRow):
            return row
        if any(_SURROGATE.search(cell) for cell in row if not cell.isascii()):
            return BadRow(NOT_UTF8)
        if len(row) != len(self.names):
            return BadRow(f"has {len(row)} columns where the header has {len(self.names)}")
        return {name: cell or None for name, cell in zip(self.names, row, strict=True)}


def _is_blank(row: list[str] | BadRow) -> bool:
    return isinstance(row, list) and len(row) <= 1 and not "".join(row).strip(" \t\v\f")


class _CsvRows:
    """The cells of each row, or what is wrong with it. `end`: the position after the last row that was closed."""

    def __init__(self, data: bytes, spaced: bool, names: Sequence[str] = ()) -> None:
        self.end = 0
        self._spaced, self._names = spaced, names
        self._row: list[str] = []
        self._lines = io.BytesIO(data)
        self._over = False

    def __iter__(self) -> Iterator[list[str] | BadRow]:
        rows = csv.reader(self._text(), strict=True, skipinitialspace=self._spaced)
        while True:
            try:
                row: list[str] | BadRow = next(rows)
            except StopIteration:
                return
            except csv.Error:
                fault = QUOTE_LEFT_OPEN if self._over else quote_fault("".join(self._row), self._spaced, self._names)
                row = BadRow(fault)
            if not self._over:
                self.end = self._lines.tell()
            self._row.clear()
            yield row

    def _text(self) -> Iterator[str]:
        for line in self._lines:
            self._row.append(line.decode("utf-8", "surrogateescape"))
            yield self._row[-1]
        self._over = True


def filled_lines(data: bytes) -> int:
    """Lines that hold something. The usual case (no blank line) needs a few passes at C speed."""
    if data.startswith(b"\n") or any(end in data for end in _MAYBE_BLANK):
        return sum(1 for line in data.split(b"\n") if line.strip())
    return data.count(b"\n") + bool(data[data.rfind(b"\n") + 1 :].strip())


def _numbered(frame: pl.DataFrame, first_row: int) -> pl.DataFrame:
    row = pl.int_range(first_row, first_row + pl.len(), dtype=pl.Int64).alias("row")
    return frame.select(row, *fields(), *(pl.lit(None, pl.String).alias(name) for name in ("untyped", "error")))
