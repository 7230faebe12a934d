"""Reads and checks a table of the kinds of identifier (TOML; docs/identifiers.md)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from reprlib import repr as shown  # cut, whatever stands in the file
from typing import Annotated, Any

import idna
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.errors import InputError, SettingsError, told
from service.model.kind_table import Kind, Role, Table
from service.model.shapes import SHAPES
from service.textfile import read_text

# Name of a function in service/ingest/normalisers.py -> how many coarser values it gives with each value.
NORMALISERS = {"text": 0, "lower": 0, "hex": 0, "url_host": 0, "ip": 4, "email": 1, "phone": 1}
MOST_KINDS = 40
# What stands beside identifiers in the graph, in events and in answers.
TAKEN: dict[str, set[str]] = {
    "name": {"account", "bundle", "rest", "ring", "burst", "partition", "all", "strong", "id", "kind", "first", "last"}
    | {"born", "score", "risk", "level", "label", "status", "strength", "source", "target", "created_at", "members"},
    "field": {"account_id", "occurred_at", "type", "event_id", "uses", "model", "endpoint", "tokens_in", "tokens_out"}
    | {"row", "error", "untyped", "at", "when", "left_out", "counted", "nothing", "rule", "tokens", "uses_n"}
    | {"field", "reason", "remedy"},
    "label": {"Account", "Action", "Allowed", "Change", "DetectionRun", "Drawing", "IngestSource", "LogPartition"}
    | {"Nothing", "Pointer", "Ring", "SeenIds", "TokenKey", "Worker"},
    "link": {"MEMBER_OF", "SIMILAR_TO", "CONTINUES", "MERGED_FROM", "SPLIT_FROM", "ON", "NOTHING"},
    "prefix": {"ac"},
}
TAKEN["name"] |= TAKEN["field"]
SHOWN_CHARS = 200  # of what a file has in place of names
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{2,63}")  # as the DNS has it (IDNA)
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Word = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f<>&\"\\]+$")]


class _Entry(BaseModel):
    """One [[kind]] of the file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: _Name
    field: _Name | None = None
    label: str = Field(pattern=r"^[A-Z][A-Za-z]{0,39}$")
    link: str = Field(pattern=r"^[A-Z][A-Z_]{0,39}$")
    prefix: str = Field(pattern=r"^[a-z]{2}$")
    role: Role
    normalise: str = "text"
    token: bool = True
    parents: list[_Name] = []
    placeholders: list[Annotated[str, Field(min_length=1, max_length=512)]] = []
    aliases: list[Annotated[str, Field(pattern=r"^[a-z0-9]{1,60}$")]] = []
    word: _Word | None = None
    plural: _Word | None = None
    free_domains: str | None = None
    throwaway_domains: str | None = None
    about: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    colour: str = Field(default="#5f667a", pattern=r"^#[0-9a-f]{6}$")
    shape: str = "hexagon"

    def kind(self, address: bool, region: str | None, folder: Path) -> Kind:
        """As the table has it."""
        free, throwaway = _domains(folder, self.free_domains), _domains(folder, self.throwaway_domains)
        for both in sorted(free & throwaway):
            raise InputError(f"{both} is in both free_domains and throwaway_domains; leave it in one of the files")
        word = self.word or self.name.replace("_", " ")
        return Kind(
            **self.model_dump(include={"name", "field", "label", "link", "prefix", "role", "normalise", "token"}),
            parents=tuple(self.parents),
            placeholders=tuple(value.lower() for value in self.placeholders),
            aliases=tuple(self.aliases),
            word=word,
            plural=self.plural or f"{word}s",
            about=self.about or f"The {word}",
            colour=self.colour,
            shape=self.shape,
            address=address,
            region=region if self.normalise == "phone" else None,
            free_domains=free,
            throwaway_domains=throwaway,
        )


def read(path: Path, region: str | None = None) -> Table:
    """The table in a file; `region`: where phone numbers without a country's code are from.

    Raises SettingsError that names the line, the key and what to do.
    """
    if region is not None:
        _check_region(region)
    text = _text(path)
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise SettingsError(f"{path} is nested too deeply; see docs/identifiers.md for what it may hold") from None
    except ValueError as error:  # also of a number with thousands of digits
        raise SettingsError(f"{path} is not TOML: {str(error)[:SHOWN_CHARS]}; mend that place") from None
    rows = found.pop("kind", None)
    if found or not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        extra = f"; {', '.join(found)[:SHOWN_CHARS]} is not known" if found else ""
        raise SettingsError(f"{path}: it must hold [[kind]] tables and nothing else{extra}; see docs/identifiers.md")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.split("#")[0].strip() == "[[kind]]"]
    places = [f"{path}, line {line}" for line in lines] if len(lines) == len(rows) else [str(path)] * len(rows)
    entries = [_entry(row, place) for row, place in zip(rows, places, strict=True)]
    for place, reason in _faults(entries):
        raise SettingsError(f"{places[place]}, kind {entries[place].name!r}: {reason}")
    child = {parent: entry for entry in entries for parent in entry.parents}
    made = []
    for where, entry in zip(places, entries, strict=True):
        address = "ip" in (entry.normalise, getattr(child.get(entry.name), "normalise", ""))
        try:
            made.append(entry.kind(address, region, path.parent))
        except InputError as error:
            raise SettingsError(f"{where}, kind {entry.name!r}: {error}") from None
    return Table(tuple(sorted(made, key=lambda kind: kind.field is None)))


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except OSError as error:
        raise SettingsError(
            f"RINGSIGHT_IDENTIFIERS: {path} can't be read ({error.strerror}); check the name and its permissions"
        ) from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}; save it as UTF-8") from None


def _domains(folder: Path, name: str | None) -> frozenset[str]:
    """The domains in a file beside the table: one a line, `#` before what is none. Raises InputError."""
    if name is None:
        return frozenset()
    path = folder / name
    try:
        lines = [_in_dns(line.partition("#")[0].strip()) for line in read_text(path).splitlines()]
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InputError(f"{path} can't be read ({what}); name a text file with one domain a line") from None
    for number, line in enumerate(lines, 1):
        if line and not _DOMAIN.fullmatch(line):
            raise InputError(
                f"{path}, line {number}: {shown(line)} is no domain; write it like mail.example, one a line"
            )
    return frozenset(filter(None, lines))


def _in_dns(name: str) -> str:
    """A domain as the DNS has it (IDNA); what can't be one stays."""
    try:
        return name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        return name


def _check_region(region: str) -> None:
    from phonenumbers import SUPPORTED_REGIONS  # takes a tenth of a second to import

    if region not in SUPPORTED_REGIONS:
        raise SettingsError(f"RINGSIGHT_PHONE_REGION: {shown(region)} is no country (ISO 3166); write it like FR or US")


def _entry(row: dict[str, Any], place: str) -> _Entry:
    try:
        return _Entry(**row)
    except (ValidationError, TypeError) as error:
        if isinstance(error, TypeError):  # a key that is no name, such as "a b"
            raise SettingsError(f"{place}: a key is no name; see docs/identifiers.md") from None
        first = error.errors()[0]
        key, name = ".".join(str(part) for part in first["loc"])[:SHOWN_CHARS], shown(row.get("name", "?"))
        known = f"; known keys: {', '.join(_Entry.model_fields)}" if first["type"] == "extra_forbidden" else ""
        got = "" if first["type"] in ("missing", "extra_forbidden") else f" (got {shown(first.get('input'))})"
        raise SettingsError(
            f"{place}, kind {name}, key {key}: {told(first)}{got}{known}; see docs/identifiers.md"
        ) from None


def _faults(entries: list[_Entry]) -> Iterator[tuple[int, str]]:
    """(place, what is wrong and what to do) of each fault that shows only beside other kinds."""
    for key in ("name", "field", "label", "link", "prefix"):
        seen: dict[str, str] = {}
        for place, entry in enumerate(entries):
            value = getattr(entry, key)
            if value is None:
                continue
            if value in TAKEN[key]:
                yield place, f"key {key}: {value!r} is Ringsight's own; choose another"
            if value in seen:
                yield place, f"key {key}: {value!r} is that of {seen[value]!r} too; choose another"
            seen[value] = entry.name
    derived = {entry.name for entry in entries if entry.field is None}
    parents = [parent for entry in entries for parent in entry.parents]
    for place, entry in enumerate(entries):
        yield from ((place, reason) for reason in _own_faults(entry, derived, parents))
    if len(entries) > MOST_KINDS:
        yield MOST_KINDS, f"there are over {MOST_KINDS} kinds; take some out"
    if not any(entry.role == "strong" and entry.field for entry in entries):
        yield 0, "no kind of events has the role strong, and nothing else ties accounts to one another; give one"


def _own_faults(entry: _Entry, derived: set[str], parents: list[str]) -> Iterable[str]:
    if entry.normalise not in NORMALISERS:
        yield f"key normalise: {shown(entry.normalise)} is not known; use one of {', '.join(NORMALISERS)}"
    elif len(entry.parents) > NORMALISERS[entry.normalise]:
        yield f"key parents: {entry.normalise!r} gives {NORMALISERS[entry.normalise]} coarser values; name so many"
    if (entry.free_domains or entry.throwaway_domains) and entry.normalise != "email":
        yield "key free_domains or throwaway_domains: only kinds with normalise = 'email' have domains; take it out"
    if entry.shape not in SHAPES:
        yield f"key shape: {shown(entry.shape)} is not known; use one of {', '.join(SHAPES)}"
    for parent in entry.parents:
        if parent not in derived:
            yield f"key parents: {parent!r} is no kind without a field; add a [[kind]] of that name without one"
    if entry.field is None:
        if entry.role == "strong":
            yield "key role: what is derived is shared by many; use place, trait or container"
        if parents.count(entry.name) != 1:
            yield "key field: a kind without one is derived, and must stand in the parents of one other kind"
        if entry.parents:
            yield "key parents: a derived kind has none; name both in the parents of the kind that events bring"
    elif re.fullmatch("|".join(sorted(derived)) or "-", entry.field):
        yield f"key field: {entry.field!r} is the name of a derived kind; choose another"
