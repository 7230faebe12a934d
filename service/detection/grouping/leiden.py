"""Groups accounts: Leiden in GDS on a weighted projection, read back as a group number for each account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from graphdatascience import GraphDataScience
from graphdatascience.graph.graph_api import Graph as Projection
from neo4j.exceptions import ClientError

from service.detection.grouping.projection import View, projected
from service.detection.parameters import GroupParameters
from service.detection.reading.snapshot import Ints, Snapshot
from service.graph.client import Graph

PROPERTY = "community"
NOTHING_JOINED = "LeidenDendrogramManager"
"""In the error (of a null pointer) by which GDS's Leiden says that no two nodes are better off together, as happens in
a small graph at a high resolution."""


@dataclass(frozen=True, slots=True)
class Communities:
    """The nodes of a projection (V, node ids, sorted), the community of each (V), and GDS's compute time in ms."""

    node: Ints
    community: Ints
    ms: int

    def of(self, nodes: Ints) -> Ints:
        """The community of each of these node ids, -1 of one that is not in the projection."""
        at = np.searchsorted(self.node, nodes)
        return np.where(np.append(self.node, -1)[at] == nodes, np.append(self.community, -1)[at], -1)


@dataclass(frozen=True, slots=True)
class Kept:
    """Communities that a projection holds as a property of its nodes, and GDS's compute time in ms."""

    projection: Projection
    name: str
    ms: int


def leiden(
    gds: GraphDataScience,
    projection: Projection,
    groups: GroupParameters,
    weight: str,
    resolution: float,
    name: str = PROPERTY,
) -> Kept | None:
    """Puts communities of the view of this weight ("shared" or "soft") into the projection as property `name`; None
    where all nodes stay alone. `communities` reads them, once no other property is being put there: GDS does not keep
    its list of properties whole for a reader meanwhile.

    GDS's gamma is the resolution of weighted modularity (checked against igraph on a planted graph in
    tests/integration/test_detection_groups.py). With one thread the result is the same for a seed; with more, the
    order in which threads move nodes differs, and so can groups at the margin.
    """
    if projection.relationship_count() == 0:  # GDS's Leiden fails on a view without links
        return None
    try:
        result = gds.leiden.mutate(
            projection,
            name,
            gamma=resolution,
            relationship_weight_property=weight,
            random_seed=groups.seed,
            concurrency=groups.concurrency,
            log_progress=False,
        )
    except ClientError as error:
        if NOTHING_JOINED not in str(error):
            raise
        return None
    return Kept(projection, name, result.compute_millis)


def components(graph: Graph, gds: GraphDataScience, name: str, snapshot: Snapshot, rows: Ints) -> tuple[Ints, int]:
    """The connected group of each account (N; -1 for none) over these links (rows of cards and devices), numbered from
    0 by size, and GDS's compute time in ms."""
    source, target = snapshot.account_node[snapshot.account[rows]], snapshot.identifier_node[snapshot.identifier[rows]]
    view = View("detect/project_ties", len(rows), {"source": source.tolist(), "target": target.tolist()})
    with projected(graph, gds, name, view) as projection:
        if projection is None:
            return np.full(snapshot.accounts, -1), 0
        result = gds.wcc.mutate(projection, PROPERTY, log_progress=False)
        found = communities(graph, Kept(projection, PROPERTY, result.compute_millis))
        return label(snapshot, found.node, found.community, 2), found.ms


def communities(graph: Graph, kept: Kept | None) -> Communities:
    """The communities that a projection holds; none without."""
    if kept is None:
        return Communities(np.zeros(0, np.int64), np.zeros(0, np.int64), 0)
    row = graph.read_bulk("detect/communities", graph=kept.projection.name(), property=kept.name)
    node, community = np.array(row["node"], np.int64), np.array(row["community"], np.int64)
    order = np.argsort(node)
    return Communities(node[order], community[order], kept.ms)


def label(snapshot: Snapshot, nodes: Ints, community: Ints, minimum: int) -> Ints:
    """Communities of node ids (accounts and identifiers mixed) as one group number for each account (N; -1 for none),
    from 0 by number of accounts, largest first. Those of fewer than `minimum` accounts are left out."""
    at = snapshot.accounts_at(nodes)
    known = at >= 0
    labels = np.full(snapshot.accounts, -1)
    if not known.any():
        return labels
    order = np.argsort(at[known])
    account = at[known][order]
    _, first, group, size = np.unique(
        community[known][order], return_index=True, return_inverse=True, return_counts=True
    )
    number = np.full(len(size), -1)
    ranked = np.lexsort((first, -size))  # of two as large, that of the first account goes first
    ranked = ranked[size[ranked] >= minimum]
    number[ranked] = np.arange(len(ranked))
    labels[account] = number[group]
    return labels
