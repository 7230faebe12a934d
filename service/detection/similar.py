"""Accounts like each other: node similarity in GDS between members of rings, kept as SIMILAR_TO links."""

from __future__ import annotations

from graphdatascience import GraphDataScience

from service.detection.project import View, projected
from service.graph.client import Graph

MOST_ACCOUNTS = 50  # identifiers with more say little of any pair, and cost the square of it
TOP = 4  # most similar accounts for each
LEAST = 0.1  # similarity, 0 to 1
TYPE, PROPERTY = "SIMILAR", "score"


def write_similar(graph: Graph, gds: GraphDataScience, run: str, members: int) -> int:
    """Writes the most similar members for each member of a run's rings: weighted Jaccard over identifiers, where a
    popular identifier weighs less. Returns GDS's compute time in ms."""
    view = View("detect/project_members", members, {"run": run, "most": MOST_ACCOUNTS})
    with projected(graph, gds, f"similar-{run}", view) as projection:
        if projection is None:
            return 0
        result = gds.node_similarity.mutate(
            projection,
            TYPE,
            PROPERTY,
            top_k=TOP,
            similarity_cutoff=LEAST,
            use_components=True,
            relationship_weight_property="weight",
            log_progress=False,
        )
        if result.relationships_written:
            graph.run_autocommit("detect/write_similar", graph=projection.name(), run=run, type=TYPE, property=PROPERTY)
        return int(result.compute_millis)
