"""Loads queries from files under cypher/: one query a file, values only as parameters.

A file starts with a header of three comment lines: `// name:`, `// parameters:` (comma-separated, or none)
and `// purpose:`. Queries are addressed by folder and name, such as "serve/ring_members".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service.errors import RingsightError

CYPHER = Path(__file__).resolve().parents[2] / "cypher"


@dataclass(frozen=True, slots=True)
class Query:
    """A query file: its name ("folder/name"), the parameters it declares, its purpose and its text."""

    name: str
    parameters: tuple[str, ...]
    purpose: str
    text: str


@cache
def load(name: str) -> Query:
    """The query `folder/name`. Raises RingsightError if the file or its header is missing."""
    path = CYPHER / f"{name}.cypher"
    if not path.is_file():
        raise RingsightError(f"there is no query file cypher/{name}.cypher")
    text = path.read_text(encoding="utf-8")
    header = dict(
        line[3:].split(":", 1) for line in text.splitlines() if line.startswith(("// name:", "// param", "// purp"))
    )
    missing = {"name", "parameters", "purpose"} - header.keys()
    if missing:
        raise RingsightError(f"cypher/{name}.cypher: its header lacks {', '.join(sorted(missing))}")
    listed = [part.strip() for part in header["parameters"].split(",")]
    parameters = tuple(part for part in listed if part and part != "none")
    return Query(name, parameters, header["purpose"].strip(), text)


def names(folder: str) -> list[str]:
    """All query names in a folder under cypher/, in file-name order."""
    return [f"{folder}/{path.stem}" for path in sorted((CYPHER / folder).glob("*.cypher"))]
