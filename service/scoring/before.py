"""What the published run said, which the next one starts from: who was in which ring, and what carried what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from service.detection import match
from service.detection.snapshot import Floats, Ints, Snapshot
from service.graph.client import Graph


@dataclass(frozen=True, slots=True)
class Before:
    """ring (N; -1 for none) numbers the published ring of each account, `ids` are the rings' ids, below (N) for how
    many runs in a row the account was found outside of it; `risky` are the accounts that carry a risk (node ids,
    sorted), `risks` those, and `evident` the identifiers that carry evidence (node ids)."""

    ring: Ints
    ids: list[str]
    below: Ints
    risky: Ints
    risks: Floats
    evident: Ints


def read_published(graph: Graph) -> dict[str, Any]:
    """What the graph has of the published run, in node ids: lists by name, empty if none was published."""
    return {**graph.read_bulk("detect/carriers"), **graph.read_bulk("detect/published")}


def before_of(snapshot: Snapshot, published: dict[str, Any]) -> Before:
    """The published run (as `read_published` gives it) by the accounts of a snapshot."""
    risky, risks = np.array(published["risky"], np.int64), np.array(published["risks"], np.float64)
    order = np.argsort(risky)
    return _before(snapshot, published, risky[order], risks[order], np.array(published["evident"], np.int64))


def read_before_of(graph: Graph, snapshot: Snapshot) -> Before:
    """The published run, of a part of the graph; `risky`, `risks` and `evident` are left empty."""
    row = graph.read_bulk("detect/published_of", nodes=snapshot.account_node.tolist())
    none = np.zeros(0, np.int64)
    return _before(snapshot, row, none, np.zeros(0), none)


def _before(snapshot: Snapshot, row: dict[str, Any], risky: Ints, risks: Floats, evident: Ints) -> Before:
    ring, below = np.full(snapshot.accounts, -1), np.zeros(snapshot.accounts, np.int64)
    if not row["node"]:
        return Before(ring, [], below, risky, risks, evident)
    ids, number = np.unique(np.array(row["ring"]), return_inverse=True)
    at = np.searchsorted(snapshot.account_node, np.array(row["node"], np.int64))
    ring[at], below[at] = number, row["below"]
    return Before(ring, [str(ring_id) for ring_id in ids], below, risky, risks, evident)


def identify(graph: Graph, snapshot: Snapshot, ring: Ints, before: Before) -> match.Identity:
    """Ids for the rings of this run (`ring`, N, -1 for none); a new one is seeded by the ring's oldest account."""
    taken = graph.read_bulk("detect/ring_ids")["id"]
    members = np.flatnonzero(ring >= 0)
    oldest = members[np.lexsort((members, snapshot.created[members], ring[members]))]
    _, first = np.unique(ring[oldest], return_index=True)
    seeds = [str(node) for node in snapshot.account_node[oldest[first]].tolist()]
    size = np.bincount(before.ring[before.ring >= 0], minlength=len(before.ids))
    return match.identify(before.ring, before.ids, ring, taken, seeds, size)
