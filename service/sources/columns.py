"""Somebody else's names of columns, read as the fields of an event: `ip=client_ip,account_id=user`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.errors import InputError
from service.sources.raw import fields
from service.textfile import read_text


@dataclass(frozen=True, slots=True)
class Columns:
    """Pairs of a field and the column that it is read from. Without pairs, each field is read from its own name."""

    pairs: tuple[tuple[str, str], ...] = ()

    def name(self, column: str) -> str:
        """What a column is called once it is read, without blanks around its name. One whose name is a field's that
        is read from elsewhere is none."""
        column = column.strip()
        for field, source in self.pairs:
            if column == source:
                return field
        taken = any(column == field for field, _ in self.pairs)
        return f"{column} (not read)" if taken else column

    def source(self, field: str) -> str:
        """The column that a field is read from."""
        return dict(self.pairs).get(field, field)

    def rows(self, rows: list[Any]) -> list[Any]:
        """Parsed JSON values, the objects with their fields renamed."""
        if not self.pairs:
            return rows
        keys = {key for row in rows if type(row) is dict for key in row}
        names = {key: self.name(key) for key in keys}
        return [{names[key]: row[key] for key in row} if type(row) is dict else row for row in rows]

    def __str__(self) -> str:
        return ",".join(f"{field}={source}" for field, source in self.pairs)


AS_NAMED = Columns()


def read_columns(values: Sequence[str]) -> Columns:
    """Columns from `field=column` pairs, with commas between, or from files with one pair a line (# begins a comment).

    Raises InputError that names the pair and the remedy.
    """
    pairs: dict[str, str] = {}
    for value in values:
        for place, pair in _pairs_of(value):
            field, equals, source = (part.strip() for part in pair.partition("="))
            if not equals or not source:
                raise InputError(f"{place}: {pair!r} is no FIELD=COLUMN, such as ip=client_ip; mend it")
            if field not in fields():
                raise InputError(f"{place}: {field!r} is no field of an event; use one of {', '.join(fields())}")
            if pairs.get(field, source) != source or (source in pairs.values() and pairs.get(field) != source):
                raise InputError(f"{place}: {field} or {source!r} is named twice; keep one of them")
            pairs[field] = source
    return Columns(tuple(sorted(pairs.items())))


def _pairs_of(value: str) -> list[tuple[str, str]]:
    if "=" in value:
        return [("--map", pair) for pair in value.split(",") if pair.strip()]
    try:
        lines = read_text(Path(value)).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--map {value!r} is no FIELD=COLUMN, and no file that can be read ({error})") from None
    return [(f"{value}, line {n}", line) for n, line in enumerate(lines, 1) if line.strip() and line.lstrip()[0] != "#"]
