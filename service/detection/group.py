"""Groups accounts: Leiden in GDS on a weighted projection, read back as lists of members."""

from __future__ import annotations

import numpy as np
from graphdatascience import GraphDataScience
from graphdatascience.graph.graph_api import Graph as Projection

from service.detection.parameters import GroupParameters
from service.detection.project import View, projected
from service.detection.snapshot import Ints, Snapshot
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
    rows = graph.read("detect/communities", graph=projection.name(), property=PROPERTY, minimum=minimum + 1)
    return label(snapshot, [np.array(row["nodes"], np.int64) for row in rows], minimum), result.compute_millis


def components(graph: Graph, gds: GraphDataScience, name: str, snapshot: Snapshot, rows: Ints) -> tuple[Ints, int]:
    """The connected group of each account (N; -1 for none) over these links (rows of cards and devices), numbered from
    0 by size, and GDS's compute time in ms."""
    accounts = snapshot.account_node[np.unique(snapshot.account[rows])]
    identifiers = snapshot.identifier_node[np.unique(snapshot.identifier[rows])]
    parameters = {"accounts": accounts.tolist(), "identifiers": identifiers.tolist()}
    with projected(graph, gds, name, View("detect/project_ties", len(rows), parameters)) as projection:
        if projection is None:
            return np.full(snapshot.accounts, -1), 0
        result = gds.wcc.mutate(projection, PROPERTY, log_progress=False)
        found = graph.read("detect/communities", graph=name, property=PROPERTY, minimum=3)
        return label(snapshot, [np.array(row["nodes"], np.int64) for row in found], 2), result.compute_millis


def label(snapshot: Snapshot, communities: list[Ints], minimum: int) -> Ints:
    """Communities of node ids (accounts and identifiers mixed) as one group number for each account (N)."""
    members = []
    for nodes in communities:
        at = np.minimum(np.searchsorted(snapshot.account_node, nodes), snapshot.accounts - 1)
        accounts = np.sort(at[snapshot.account_node[at] == nodes])
        if len(accounts) >= minimum:
            members.append(accounts)
    members.sort(key=lambda accounts: (-len(accounts), int(accounts[0])))
    labels = np.full(snapshot.accounts, -1)
    for number, accounts in enumerate(members):
        labels[accounts] = number
    return labels
