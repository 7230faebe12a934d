"""Groups accounts: Leiden in GDS on a weighted projection, read back as a group number for each account."""

from __future__ import annotations

import numpy as np
from graphdatascience import GraphDataScience
from graphdatascience.graph.graph_api import Graph as Projection

from service.detection.parameters import GroupParameters
from service.detection.project import View, projected
from service.detection.snapshot import Ints, Snapshot, places
from service.graph.client import Graph

PROPERTY = "community"


def leiden(
    graph: Graph,
    gds: GraphDataScience,
    projection: Projection,
    snapshot: Snapshot,
    groups: GroupParameters,
    weight: str,
) -> tuple[Ints, int]:
    """The group of each account (N; -1 for none) in the view of this weight ("pruned" or "soft"), numbered from 0 by
    size, largest first, and GDS's compute time in ms.

    GDS's gamma is the resolution of weighted modularity (checked against igraph on a planted graph in
    tests/integration/test_detection_groups.py). With one thread the result is the same for a seed; with more, the
    order in which threads move nodes differs, and so can groups at the margin.
    """
    if projection.relationship_count() == 0:  # GDS's Leiden fails on a view without links
        return np.full(snapshot.accounts, -1), 0
    pruned = weight == "pruned"
    minimum = groups.pruned_minimum if pruned else groups.soft_minimum
    result = gds.leiden.mutate(
        projection,
        PROPERTY,
        gamma=groups.pruned_resolution if pruned else groups.soft_resolution,
        relationship_weight_property=weight,
        random_seed=groups.seed,
        concurrency=groups.concurrency,
        log_progress=False,
    )
    return label(snapshot, *_communities(graph, projection), minimum), result.compute_millis


def components(graph: Graph, gds: GraphDataScience, name: str, snapshot: Snapshot, rows: Ints) -> tuple[Ints, int]:
    """The connected group of each account (N; -1 for none) over these links (rows of cards and devices), numbered from
    0 by size, and GDS's compute time in ms."""
    source, target = snapshot.account_node[snapshot.account[rows]], snapshot.identifier_node[snapshot.identifier[rows]]
    view = View("detect/project_ties", len(rows), {"source": source.tolist(), "target": target.tolist()})
    with projected(graph, gds, name, view) as projection:
        if projection is None:
            return np.full(snapshot.accounts, -1), 0
        result = gds.wcc.mutate(projection, PROPERTY, log_progress=False)
        return label(snapshot, *_communities(graph, projection), 2), result.compute_millis


def _communities(graph: Graph, projection: Projection) -> tuple[Ints, Ints]:
    """The nodes of a projection (node ids) and the number of the community that each is in."""
    row = graph.read_bulk("detect/communities", graph=projection.name(), property=PROPERTY)
    return np.array(row["node"], np.int64), np.array(row["community"], np.int64)


def label(snapshot: Snapshot, nodes: Ints, community: Ints, minimum: int) -> Ints:
    """Communities of node ids (accounts and identifiers mixed) as one group number for each account (N; -1 for none),
    from 0 by number of accounts, largest first. Those of fewer than `minimum` accounts are left out."""
    at = places(snapshot.account_node, nodes)
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
