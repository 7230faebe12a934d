"""A page of a ring as a networkx graph, with the same attributes in every format, redacted by a profile."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Any, TypeAlias

import networkx as nx
from py2neo.data import Node, Subgraph

from service.export.calm import collector_paused
from service.export.redact import FULL, Profile
from service.model.kinds import kinds

RingGraph: TypeAlias = "nx.DiGraph[str]"

# Attributes and their types, the same in every format and for every ring (absent values are left out).
NODE_ATTRIBUTES: dict[str, type] = {
    "kind": str,
    "created_at": str,
    "strength": float,
    "risk": float,
    "level": str,
    "label": str,
}
LINK_ATTRIBUTES: dict[str, type] = {"type": str, "uses": int, "first_seen": str, "last_seen": str}


def graphs(pages: Iterator[Subgraph], profile: Profile = FULL) -> Iterator[RingGraph]:
    """One networkx graph a page, in order of ids. A node that an earlier page had is there without attributes."""
    seen: set[str] = set()
    while True:
        with collector_paused():
            page = next(pages, None)
            graph = _graph(page, profile, seen) if page is not None else None
            page = None  # its nodes refer to themselves: only the collector, which goes on now, frees them
        if graph is None:
            return
        yield graph


def _graph(page: Subgraph, profile: Profile, seen: set[str]) -> RingGraph:
    graph: RingGraph = nx.DiGraph()
    names: dict[int, str] = {}  # by Python's id of a node: py2neo's own hash takes longer than all the rest
    for kind, own_id, node in sorted(((_kind(n), n["id"], n) for n in page.nodes), key=itemgetter(0, 1)):
        name = profile.rename(kind, own_id)
        if name is None:
            continue
        names[id(node)] = name
        graph.add_node(name, **({} if name in seen else _attributes(node, kind)))
        seen.add(name)
    ends = ((names.get(id(link.start_node)), names.get(id(link.end_node)), link) for link in page.relationships)
    drawn = [(start, end, type(link).__name__, link) for start, end, link in ends if start and end]
    for start, end, kind, link in sorted(drawn, key=itemgetter(0, 1, 2)):  # the same ring, the same file
        graph.add_edge(start, end, type=kind, **_present(dict(link), LINK_ATTRIBUTES))
    return graph


def _kind(node: Node) -> str:
    (label,) = node.labels
    kind = kinds().by_label.get(label)
    return kind.name if kind else "account"


def _attributes(node: Node, kind: str) -> dict[str, Any]:
    return {"kind": kind, **_present(dict(node), NODE_ATTRIBUTES)}


def _present(found: dict[str, Any], wanted: dict[str, type]) -> dict[str, Any]:
    return {name: kind(found[name]) for name, kind in wanted.items() if found.get(name) is not None}
