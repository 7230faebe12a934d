"""Spreads labels over the links that have evidence: random walks that start again and again at what people labelled
(personalised PageRank, Page and others, 1999; Haveliwala, 2002), by GDS on the evidence projection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from graphdatascience import GraphDataScience
from graphdatascience.graph.graph_api import Graph as Projection

from service.detection.grouping.projection import View
from service.detection.reading.snapshot import Flags, Floats, Snapshot
from service.graph.client import Graph

WEIGHT = "soft"  # the view with more links
DAMPING = 0.85
LEAST = 1e-6  # visits of the walks of one seed: what is further away is not read back


@dataclass(frozen=True, slots=True)
class LabelWalks:
    """visits (S, N): how often walks from each of S sets of seeds are at an account, over the weight of its links; 0
    for accounts without evidence. `total` is the weight of all links, and ms GDS's compute time."""

    visits: Floats
    total: float
    ms: int


def personalized_pagerank(
    graph: Graph, gds: GraphDataScience, projection: Projection, view: View, snapshot: Snapshot, seeds: Flags
) -> LabelWalks:
    """Walks from `seeds` (S, N: which accounts are starts) over a projection of this view.

    On an undirected graph a walk without seeds is at a node as often as its links weigh, so visits for each unit of
    that weight tell what is near to the seeds from what is only busy.
    """
    at = snapshot.accounts_at(np.array(view.parameters["source"], np.int64))
    degree = np.bincount(at, np.array(view.parameters[WEIGHT], np.float64), snapshot.accounts)
    visits, ms = np.zeros(seeds.shape), 0
    for number, seed in enumerate(seeds):
        starts = np.flatnonzero(seed & (degree > 0))
        if len(starts) == 0:
            continue
        name = f"visits_{number}"
        result = gds.page_rank.mutate(
            projection,
            name,
            damping_factor=DAMPING,
            source_nodes=snapshot.account_node[starts].tolist(),
            relationship_weight_property=WEIGHT,
            log_progress=False,
        )
        ms += result.compute_millis
        row = graph.read_bulk("detect/visits", graph=projection.name(), property=name, least=LEAST)
        place = snapshot.accounts_at(np.array(row["node"], np.int64))
        ours = place >= 0
        visits[number, place[ours]] = np.array(row["visits"], np.float64)[ours]
    return LabelWalks(visits / np.maximum(degree, 1e-9), float(degree.sum()), ms)
