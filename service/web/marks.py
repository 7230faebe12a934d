"""What pages show of the kinds of identifier, from their table: words, marks and colours, as a script and a style."""

from __future__ import annotations

from typing import Any

import orjson

from service.model.kinds import Table

DARK_WHITE = 0.45  # how much white is in a colour on a dark page
# Names of Cytoscape.js, where they differ.
CYTOSCAPE = {"square": "round-rectangle", "hollow": "triangle"}


def script(table: Table) -> bytes:
    """A module with words and marks by kind, and what a folded graph says of its bundles."""
    return b"export const IDENTIFIERS = %b;\nexport const FOLDS = %b;\n" % (
        orjson.dumps(_marks(table)),
        orjson.dumps(_folds(table)),
    )


def style(table: Table) -> str:
    """The colours by kind."""
    names = [kind.name for kind in table.every]
    light = "".join(f"--kind-{kind.name}: {kind.colour}; " for kind in table.every)
    dark = "".join(f"--kind-{kind.name}: {on_dark(kind.colour)}; " for kind in table.every)
    marks = "\n".join(f"svg.kind-{name}, button svg.kind-{name} {{ fill: var(--kind-{name}); }}" for name in names)
    return f':root {{ {light}}}\n:root[data-theme="dark"] {{ {dark}}}\n{marks}\n'


def on_dark(colour: str) -> str:
    """A colour (#rrggbb) that can be seen on a dark page: with white in it."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * DARK_WHITE):02x}" for part in parts)


def _marks(table: Table) -> dict[str, dict[str, Any]]:
    return {
        kind.name: {
            "one": kind.word,
            "many": kind.plural,
            "shape": CYTOSCAPE.get(kind.shape, kind.shape),
            "points": kind.points,
            "linked": kind.field is not None,
        }
        for kind in table.every
    }


def _folds(table: Table) -> dict[str, str]:
    """What the accounts of a bundle have in common, by how a graph was folded (service/rings/graphview.py)."""
    words = {kind.name: kind.plural if kind.role == "strong" else kind.word for kind in table.evidence}
    return {"all": "identifiers", "strong": table.words_of(table.strong), **words}
