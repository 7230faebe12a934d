"""Projections into GDS: the links that have evidence, as context managers that drop them, also on error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from graphdatascience import GraphDataScience
from graphdatascience.graph.graph_api import Graph as Projection

from service.detection.evidence.combine import Evidence
from service.detection.evidence.link_weights import shared_weights, weigh_links
from service.detection.parameters import EvidenceParameters, GroupParameters
from service.detection.reading.snapshot import Flags, Snapshot
from service.errors import UnavailableError
from service.graph.client import Graph

Gds = GraphDataScience
"""The client of Graph Data Science, by a name that code outside of this room can use."""

OURS = re.compile(r"(evidence|ties|similar)-run-")
"""How the names of a run's projections start."""


def connect(graph: Graph) -> GraphDataScience:
    """A GDS client on the graph's own driver: it lives and closes with it, and must not cross a fork."""
    return GraphDataScience(graph.driver, database=graph.address.database, arrow=False, show_progress=False)


def drop_left(gds: GraphDataScience) -> int:
    """Drops the projections that killed runs left in the engine's memory. Returns how many there were."""
    left = [info.graph_name for info in gds.graph.list() if OURS.match(info.graph_name)]
    if left:
        gds.graph.drop(left, fail_if_missing=False)
    return len(left)


@dataclass(frozen=True, slots=True)
class View:
    """What a projection query needs, by parameter name, and how many rows of it."""

    query: str
    rows: int
    parameters: dict[str, Any]


@contextmanager
def projected(graph: Graph, gds: GraphDataScience, name: str, view: View) -> Iterator[Projection | None]:
    """The projection of a view under a name, None if nothing is in it. Dropped at the end, whatever happens.

    Raises UnavailableError if it is gone once it was made.
    """
    gds.graph.drop(name, fail_if_missing=False)
    try:
        if view.rows:
            graph.read(view.query, graph=name, **view.parameters)
            if not gds.graph.exists(name):  # as on a cluster whose members do not see each other's memory
                raise UnavailableError(f"the projection {name} is gone; detection needs one Neo4j with GDS, no cluster")
        yield gds.graph.get(name) if view.rows else None
    finally:
        gds.graph.drop(name, fail_if_missing=False)


def evidence_view(
    snapshot: Snapshot, evidence: Evidence, no_home: Flags, weights: EvidenceParameters, groups: GroupParameters
) -> View:
    """Both views in one projection: only links that are shared leave the client, with a weight for each view. Who has
    no home (`no_home`, N) tells rented addresses from others."""
    shared = shared_weights(snapshot, evidence, weights, groups, no_home)
    soft = weigh_links(snapshot, evidence, weights, groups.soft_evidence, groups.late_link)
    rows = np.flatnonzero((shared > 0) | (soft > 0))
    return View(
        "detect/project_evidence",
        len(rows),
        {
            "source": snapshot.account_node[snapshot.account[rows]].tolist(),
            "target": snapshot.identifier_node[snapshot.identifier[rows]].tolist(),
            "shared": shared[rows].tolist(),
            "soft": soft[rows].tolist(),
        },
    )


@contextmanager
def narrowed(gds: GraphDataScience, projection: Projection, weight: str) -> Iterator[Projection]:
    """The part of a projection whose links have a weight of this name. Dropped at the end, whatever happens.

    By one thread: with more, its nodes come in another order each time, and with that Leiden's groups.
    """
    name = f"{projection.name()}-{weight}"
    try:
        part = gds.graph.filter(projection, name, "*", f"r.{weight} > 0.0", concurrency=1, log_progress=False)
        yield part.graph
    finally:
        gds.graph.drop(name, fail_if_missing=False)
