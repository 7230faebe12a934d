"""Refuses a process whose table of kinds is not the one that the graph was written under: what has been written under a
label, a link or a prefix is found again only under the same. The graph keeps how each kind is written, from the first
write on."""

from __future__ import annotations

import json

from service.errors import SettingsError
from service.graph.client import Graph
from service.model.kinds import Kind, kinds

WRITTEN = ("label", "link", "prefix")
REMEDY = (
    "set RINGSIGHT_IDENTIFIERS to the table that this graph was filled with, in every process (docs/identifiers.md)"
)


def check(graph: Graph) -> None:
    """Raises SettingsError if the table lacks a kind that the graph has, or writes one in another way."""
    for row in graph.read("ingest/kinds_in_use"):
        kept = json.loads(row["kind"])
        kind = kinds().by_name.get(kept["name"])
        if kind is None:
            raise SettingsError(f"identifiers: the graph has the kind {kept['name']}, this table does not; {REMEDY}")
        for key in WRITTEN:
            now = getattr(kind, key)
            if now != kept[key]:
                raise SettingsError(
                    f"identifiers: the kind {kind.name} has {key} = {json.dumps(kept[key])} in the graph, "
                    f"{json.dumps(now)} in this table; {REMEDY}"
                )


def keep(graph: Graph) -> None:
    """Notes the kinds of this table in the graph. Raises SettingsError as `check` does, also if another process wrote
    others at the same moment."""
    check(graph)
    graph.write("ingest/keep_kinds", kinds=[_as_written(kind) for kind in kinds().every])
    check(graph)


def _as_written(kind: Kind) -> str:
    return json.dumps({key: getattr(kind, key) for key in ("name", *WRITTEN)}, sort_keys=True)
