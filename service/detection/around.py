"""Reads a part of the graph: accounts made since the last run, and what is around them. Its size is bounded."""

from __future__ import annotations

import numpy as np

from service.detection.read import links_of, to_ints, without
from service.detection.snapshot import Accounts, Flags, Ints, Links, Snapshot, build
from service.graph.client import Graph

MOST_NEW = 2000  # newest accounts that are looked at
MOST_AROUND = 4000  # accounts that share identifiers with them
LATE_S = 3600  # accounts made so long before the run's newest event may have been written after it
BUSY = 300  # accounts on an identifier from which it brings no others along
SAMPLE = 300  # accounts that stand for all those on a busy identifier


def read_around(graph: Graph, as_of: int, birth_s: int) -> tuple[Snapshot, Flags] | None:
    """New accounts and those around them with all their cards, devices and addresses; and which accounts (N) these are:
    others are there only for what the identifiers say. None if there is no new account. Networks are left out: all
    accounts of one would have to be read."""
    new = to_ints(graph.read_bulk("detect/new_accounts", as_of=as_of - LATE_S, most=MOST_NEW)["node"])
    if len(new) == 0:
        return None
    around = graph.read_bulk("detect/neighbours", nodes=new.tolist(), busy=BUSY, most=MOST_AROUND)["node"]
    core = np.union1d(new, to_ints(around))
    own = links_of(graph.read_bulk("detect/links", nodes=core.tolist()))
    identifiers = np.unique(own.identifier).tolist()
    others = links_of(graph.read_bulk("detect/others_on", nodes=identifiers, most=SAMPLE))
    links = Links(*[np.concatenate(pair) for pair in zip(own.columns(), others.columns(), strict=True)])
    links = without(links, to_ints(graph.read_bulk("detect/allowed_nodes")["node"]))
    nodes: Ints = np.union1d(core, links.account)
    row = graph.read_bulk("detect/accounts_of", nodes=nodes.tolist())
    accounts = Accounts(*[to_ints(row[name]) for name in ("node", "created", "last", "uses", "label")])
    none = Links(*[column[:0] for column in links.columns()])
    snapshot = build(accounts, links, none, birth_s)
    return snapshot, np.isin(snapshot.account_node, core)
