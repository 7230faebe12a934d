"""What identifiers are part of (an address of its network, a mailbox of its domain), and what is known of that."""

from __future__ import annotations

from typing import Any

from service.graph.client import Graph
from service.ingest.domains import sort_of
from service.model.kinds import kinds

MOST = 12  # told of a ring, those of the most members first

Row = dict[str, Any]


def told(row: Row) -> Row:
    """A row with a label for its `kind`, as answers have it: kind, id, and `trait` (throwaway, free or None)."""
    table = kinds()
    kind = table.by_label[row["kind"]]
    child = table.child[kind.name]
    trait = sort_of(child, row["id"]) if child.normalise == "email" else None
    return {**row, "kind": kind.name, "trait": trait}


def of_ring(graph: Graph, ring_id: str) -> list[Row]:
    """What two members or more are in, with the number of these members."""
    return [told(row) for row in graph.read("serve/ring_within", id=ring_id, most=MOST)]
