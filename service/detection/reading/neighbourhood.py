"""Reads a part of the graph: accounts that are analysed, and what is around them. Its size is bounded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from service.detection.reading.read_graph import links_of, to_ints, without
from service.detection.reading.snapshot import Accounts, Flags, Ints, Links, Snapshot, build
from service.graph.client import Graph

MOST_NEW = 2000  # accounts that are analysed; of more, the newest
MOST_NEIGHBOURS = 4000  # accounts that share identifiers with them
BUSY = 300  # accounts on an identifier from which it brings no others along
YOUNG = 1000  # accounts up to which a ring found since the run is read whole
SAMPLE = 300  # accounts that stand for all those on a busy identifier


def unread(graph: Graph) -> Ints:
    """The newest accounts (node ids) that no run has read, whenever their events were."""
    return to_ints(graph.read_bulk("detect/new_accounts", most=MOST_NEW)["node"])


def named(graph: Graph, accounts: Sequence[str]) -> Ints:
    """The newest of these accounts (ids) as node ids."""
    return to_ints(graph.read_bulk("detect/nodes_of", accounts=list(accounts), most=MOST_NEW)["node"])


def read_neighbourhood(graph: Graph, new: Ints, young: list[str], birth_s: int) -> tuple[Snapshot, Flags]:
    """Accounts (node ids), those around them and all of the `young` rings (ids) that these are in, with all their
    cards, devices and addresses; and which accounts (N) these are: others are there only for what the identifiers say.
    Networks are left out: all accounts of one would have to be read."""
    around = graph.read_bulk("detect/neighbours", nodes=new.tolist(), busy=BUSY, most=MOST_NEIGHBOURS)["node"]
    core = np.union1d(new, to_ints(around))
    if young:
        core = np.union1d(core, to_ints(graph.read_bulk("detect/mates", nodes=core.tolist(), rings=young)["node"]))
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
