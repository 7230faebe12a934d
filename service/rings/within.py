"""What identifiers are part of (an address of its network, a mailbox of its domain), and what is known of that."""

from __future__ import annotations

from typing import Any

from service.graph.client import Graph
from service.ingest import networks
from service.ingest.domains import sort_of
from service.model.kinds import kinds

MOST = 12  # of each kind told of a ring, those of the most members first: many networks hide no domain
ASKED = 100  # addresses of each of these whose networks are looked up

Row = dict[str, Any]


def told(row: Row, of: list[str]) -> Row:
    """A row with a label for its `kind`, as answers have it: kind, id, `trait` (throwaway, free, or the sort of network
    that all of its addresses are in) and `name` (whose an autonomous system is; a country's +33). `of`: ids of what is
    in it."""
    table = kinds()
    kind = table.by_label[row["kind"]]
    child = table.child[kind.name]
    trait: str | None = None
    name: str | None = None
    if child.normalise == "email":
        trait = sort_of(child, row["id"])
    elif child.normalise == "ip" and networks.in_use():
        origins = [networks.origin(address) for address in of]
        sorts = {origin.sort for origin in origins}
        trait = sorts.pop() if len(sorts) == 1 else None
        name = next((origin.name for origin in origins if origin.asn == row["id"] and origin.name), None)
    elif child.normalise == "phone":
        from service.ingest.phones import calling_code  # phonenumbers takes a tenth of a second to import

        name = calling_code(row["id"])
    return {**row, "kind": kind.name, "trait": trait, "name": name}


def of_ring(graph: Graph, ring_id: str) -> list[Row]:
    """What two members or more are in, with the number of these members."""
    rows = graph.read("serve/ring_within", id=ring_id, most=MOST, asked=ASKED)
    return [told(row, row.pop("of")) for row in rows]
