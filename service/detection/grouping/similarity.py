"""Accounts like each other: node similarity in GDS between members of rings, kept as SIMILAR_TO links."""

from __future__ import annotations

from concurrent.futures import Future

import numpy as np
from graphdatascience import GraphDataScience
from graphdatascience.graph.graph_api import Graph as Projection

from service.detection.grouping.projection import View, projected
from service.detection.reading.snapshot import SYNTHETIC_ID_BASE, Ints, Snapshot
from service.graph.client import Graph

MOST_ACCOUNTS = 50  # identifiers with more say little of any pair, and cost the square of it
TOP = 4  # most similar accounts for each
LEAST = 0.1  # similarity, 0 to 1
CELL = 400  # members and identifiers of a ring that are compared at a time, about
LINK, BOTH, TYPE, PROPERTY = "__ALL__", "BOTH", "SIMILAR", "score"  # names in the projection
SEED = 42


def members_view(snapshot: Snapshot, ring: Ints) -> View:
    """The members of rings (`ring`, N; -1 for none) with the cards, devices and addresses that they share with few
    others. An identifier is another one in each ring, so that only members of one ring are compared."""
    k = snapshot.k[snapshot.identifier]
    rows = np.flatnonzero(
        (ring[snapshot.account] >= 0) & snapshot.sent[snapshot.identifier] & (k >= 2) & (k <= MOST_ACCOUNTS)
    )
    account, identifier = snapshot.account[rows], snapshot.identifier[rows]
    _, target, members = np.unique(
        ring[account] * snapshot.identifiers + identifier, return_inverse=True, return_counts=True
    )
    shared = members[target] >= 2
    parameters = {
        "source": snapshot.account_node[account[shared]].tolist(),
        "target": (SYNTHETIC_ID_BASE + target[shared]).tolist(),
        "weight": (1.0 / np.log(1.0 + snapshot.k[identifier[shared]])).tolist(),
    }
    return View("detect/project_members", len(parameters["source"]), parameters)


def write_similar(
    graph: Graph, gds: GraphDataScience, run: str, snapshot: Snapshot, ring: Ints, members: Future[int]
) -> int:
    """Writes the most similar members for each member of a run's rings: weighted Jaccard over what is shared inside
    the ring, where a popular identifier weighs less. Nothing is written before `members` are: both lock accounts.
    Returns GDS's compute time in ms."""
    with projected(graph, gds, f"similar-{run}", members_view(snapshot, ring)) as projection:
        if projection is None:
            return 0
        cells_ms = _cells(gds, projection)
        result = gds.node_similarity.mutate(
            projection,
            TYPE,
            PROPERTY,
            top_k=TOP,
            similarity_cutoff=LEAST,
            relationship_types=[LINK],
            use_components="cell",
            relationship_weight_property="weight",
            log_progress=False,
        )
        members.result()
        if result.relationships_written:
            graph.run_autocommit("detect/write_similar", graph=projection.name(), run=run, type=TYPE, property=PROPERTY)
        return cells_ms + int(result.compute_millis)


def _cells(gds: GraphDataScience, projection: Projection) -> int:
    """Cuts rings into cells of members that share most with each other, kept as the property `cell`. Node similarity
    compares all pairs of a component, also those that share nothing: one ring of 16,000 took 40 s. A resolution of
    n / CELL leaves no cell with much more than CELL nth parts of the weight. Returns GDS's compute time in ms."""
    gds.graph.relationships.to_undirected(projection, LINK, BOTH)
    result = gds.leiden.mutate(
        projection,
        "cell",
        gamma=max(1.0, projection.node_count() / CELL),
        relationship_types=[BOTH],
        relationship_weight_property="weight",
        random_seed=SEED,
        concurrency=1,
        log_progress=False,
    )
    return int(result.compute_millis)
