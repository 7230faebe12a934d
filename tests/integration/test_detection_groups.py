"""GDS's Leiden against igraph's on a planted graph: gamma is the resolution of weighted modularity."""

from __future__ import annotations

import igraph
import numpy as np
import pytest

from service.detection import parameters
from service.detection.grouping import leiden
from service.detection.grouping.projection import View, connect, narrowed, projected
from service.detection.reading.snapshot import Accounts, Links, build
from service.graph.client import Graph

BLOCKS, MEMBERS = 12, 20


@pytest.mark.parametrize("resolution", [0.2, 1.0, 4.0])
def test_gamma_is_the_resolution_of_weighted_modularity(graph: Graph, resolution: float) -> None:
    """Twelve blocks in three families: a low resolution finds families, a high one finds blocks or less."""
    rng = np.random.default_rng(7)
    source, target, weight = [], [], []
    for account in range(BLOCKS * MEMBERS):
        block = account // MEMBERS
        for identifier, strength in ((block * 3 + rng.integers(0, 3), 1.0), (100 + block // 4, 0.4)):
            source.append(account)
            target.append(10_000 + int(identifier))
            weight.append(strength)
    n = BLOCKS * MEMBERS
    nodes = np.unique(target)
    edges = [(a, n + int(np.searchsorted(nodes, b))) for a, b in zip(source, target, strict=True)]
    plain = igraph.Graph(n=n + len(nodes), edges=edges)

    def modularity(membership: list[int]) -> float:
        return float(plain.modularity(membership, weights=weight, resolution=resolution))

    best = max(
        modularity(
            plain.community_leiden("modularity", weights=weight, resolution=resolution, n_iterations=10).membership
        )
        for _ in range(5)
    )
    parameters = {"source": source, "target": target, "shared": weight, "soft": weight}
    gds = connect(graph)
    with projected(graph, gds, "planted", View("detect/project_evidence", len(source), parameters)) as projection:
        found = gds.leiden.stream(
            projection, gamma=resolution, relationship_weight_property="soft", random_seed=1, concurrency=1
        )
    place = dict(zip(found["nodeId"], found["communityId"], strict=True))
    membership = [int(place[node]) for node in [*range(n), *nodes.tolist()]]
    assert modularity(membership) == pytest.approx(best, abs=0.02)


def test_groups_are_the_same_for_a_seed_with_one_thread(graph: Graph) -> None:
    """Of the soft view, which is a filtered projection: by several threads its nodes came in another order each time
    (from some 10,000 nodes on)."""
    accounts, links = 40_000, 120_000
    rng = np.random.default_rng(3)
    source = rng.integers(0, accounts, links)
    target = 100_000 + source // 30 * 10 + rng.integers(0, 12, links)
    none = Links(*[np.zeros(0, np.int64) for _ in range(5)])
    node = np.arange(accounts)
    snapshot = build(Accounts(node, node, node, node, node), none, none, 1)
    ones = [1.0] * links
    columns = {"source": source.tolist(), "target": target.tolist(), "shared": ones, "soft": ones}
    gds = connect(graph)
    labels = []
    for _ in range(3):
        with projected(graph, gds, "again", View("detect/project_evidence", links, columns)) as projection:
            assert projection is not None
            with narrowed(gds, projection, "shared") as part:
                kept = leiden.leiden(gds, part, parameters.GROUPS, "shared", parameters.GROUPS.shared_resolution)
                found = leiden.communities(graph, kept)
                labels.append(leiden.label(snapshot, found.node, found.community, 3))
    assert all((again == labels[0]).all() for again in labels)
    assert labels[0].max() > 100


def test_a_graph_in_which_nobody_joins_has_no_groups(graph: Graph) -> None:
    """GDS's Leiden ends in an error there, as the fine grouping of a few accounts does."""
    columns = {"source": [1, 2], "target": [100, 100], "shared": [1.0, 1.0], "soft": [1.0, 1.0]}
    gds = connect(graph)
    with projected(graph, gds, "few", View("detect/project_evidence", 2, columns)) as projection:
        assert projection is not None
        fine = leiden.leiden(gds, projection, parameters.GROUPS, "soft", parameters.GROUPS.fragment_resolution)
        coarse = leiden.leiden(gds, projection, parameters.GROUPS, "soft", 0.5)
        found = leiden.communities(graph, fine)
        assert leiden.communities(graph, coarse).community.tolist() != []
    assert found.of(np.array([1, 2, 100])).tolist() == [-1, -1, -1]
