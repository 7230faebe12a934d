"""Loads queries from files under cypher/: one query a file, values only as parameters.

A file starts with a header of three comment lines: `// name:`, `// parameters:` (comma-separated, or none)
and `// purpose:`. Queries are addressed by folder and name, such as "serve/ring_members".

Labels and relationship types of identifiers can't be parameters: they come from the table of kinds (service/model/
kinds.py, the allow-list) when a file is read. SENT_LABEL and SENT_LINK stand for those of all kinds that events bring,
EVIDENCE_, STRONG_, DERIVED_ and EVERY_ for other groups of them. A part that is the same for each kind stands between
`// for each sent kind` (or another group; `, joined by UNION`) and `// end`, with KIND_NAME, KIND_LABEL, KIND_LINK,
KIND_PREFIX, KIND_ROLE and KIND_NUMBER (its place in the group) in it, and with CHILD_.. of the kind that a derived one
is made from. A file with the line `// kinds: sent` is one query for each of those, "serve/index_identifiers@device".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service.errors import RingsightError
from service.model.kinds import Kind, Table, kinds

CYPHER = Path(__file__).resolve().parents[2] / "cypher"
NOTHING = "Nothing"  # the label and the link that nothing has: of a group without kinds
_EACH = re.compile(r"^ *// for each (\w+) kind(?:, joined by ([^\n]+))?\n(.*?)^ *// end\n", re.MULTILINE | re.DOTALL)
_OF_KINDS = re.compile(r"^// kinds: (\w+)\n", re.MULTILINE)
_UNION = re.compile(r"\b(SENT|EVIDENCE|STRONG|DERIVED|EVERY)_(LABEL|LINK)\b")
_OF_KIND = re.compile(r"(KIND|CHILD)_(NAME|LABEL|LINK|PREFIX|ROLE|COLOUR|NUMBER)")


@dataclass(frozen=True, slots=True)
class Query:
    """A query file: its name ("folder/name"), the parameters it declares, its purpose and its text."""

    name: str
    parameters: tuple[str, ...]
    purpose: str
    text: str


def load(name: str) -> Query:
    """The query `folder/name`, or `folder/name@kind`. Raises RingsightError if the file or its header is missing."""
    return _load(name, kinds())


@cache
def _load(name: str, table: Table) -> Query:
    file, _, kind = name.partition("@")
    path = CYPHER / f"{file}.cypher"
    if not path.is_file() or (kind and kind not in table.by_name):
        raise RingsightError(f"there is no query file cypher/{file}.cypher" + (f" of kind {kind}" if kind else ""))
    text = path.read_text(encoding="utf-8")
    if kind:
        text = _OF_KINDS.sub("", _of_kind(text, table.by_name[kind], 0, table))
    text = expanded(text, table)
    header = dict(
        line[3:].split(":", 1) for line in text.splitlines() if line.startswith(("// name:", "// param", "// purp"))
    )
    missing = {"name", "parameters", "purpose"} - header.keys()
    if missing:
        raise RingsightError(f"cypher/{file}.cypher: its header lacks {', '.join(sorted(missing))}")
    listed = [part.strip() for part in header["parameters"].split(",")]
    parameters = tuple(part for part in listed if part and part != "none")
    return Query(name, parameters, header["purpose"].strip(), text)


def names(folder: str) -> list[str]:
    """All query names in a folder under cypher/, in file-name order; one for each kind of those that are of kinds."""
    found = []
    for path in sorted((CYPHER / folder).glob("*.cypher")):
        group = _OF_KINDS.search(path.read_text(encoding="utf-8"))
        name = f"{folder}/{path.stem}"
        found += [f"{name}@{kind.name}" for kind in _group(group[1], kinds())] if group else [name]
    return found


def expanded(text: str, table: Table) -> str:
    """A text with the names of the table's kinds put in."""

    def each(found: re.Match[str]) -> str:
        parts = [_of_kind(found[3], kind, place, table) for place, kind in enumerate(_group(found[1], table))]
        return (f"{found[2]}\n" if found[2] else "").join(parts)

    def union(found: re.Match[str]) -> str:
        values = [str(getattr(kind, found[2].lower())) for kind in _group(found[1].lower(), table)]
        return "|".join(values) or NOTHING

    return _UNION.sub(union, _EACH.sub(each, text))


def _group(name: str, table: Table) -> tuple[Kind, ...]:
    groups = {
        "sent": table.sent,
        "derived": table.derived,
        "evidence": table.evidence,
        "strong": table.strong,
        "place": table.place,
        "every": table.every,
    }
    return groups[name]


def _of_kind(text: str, kind: Kind, place: int, table: Table) -> str:
    child = table.child.get(kind.name)

    def value(found: re.Match[str]) -> str:
        of = kind if found[1] == "KIND" else child
        return str(place) if found[2] == "NUMBER" else str(getattr(of, found[2].lower()))

    return _OF_KIND.sub(value, text)
