"""Tells the read index what an incremental pass wrote: read back from the graph, as a build of the index would."""

from __future__ import annotations

from service.decisions.index import records
from service.decisions.index.build import account_record, identifier_record
from service.decisions.index.freshness import Freshness
from service.decisions.index.lookup import ring_summary
from service.detection.publishing.ring_growth import Growth
from service.graph.client import Graph


def tell(graph: Graph, freshness: Freshness, growth: Growth) -> bool:
    """Decisions know at once of new rings, their members and what these share. Says whether the index took it; if not,
    the next build will have it."""
    base: dict[bytes, bytes] = {}
    for row in graph.read("serve/found_rings", rings=growth.ring_ids):
        ring = ring_summary(row["ring"])
        assert ring is not None  # the query returns rings only
        base[records.key("ring", ring.id)] = records.pack_ring(ring)
    accounts = graph.read_bulk("serve/index_accounts_of", nodes=growth.accounts["nodes"], rings=None)
    identifiers = graph.read_bulk("serve/index_identifiers_of", nodes=growth.identifiers["nodes"])
    base |= dict(map(account_record, accounts["rows"]))
    base |= dict(identifier_record(kind, row, {}) for kind, *row in identifiers["rows"])
    return freshness.found(base)
