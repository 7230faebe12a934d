"""Questions to the graph database and the end of a server."""

from __future__ import annotations

import time
from contextlib import closing

import pytest

from service.decisions.desk import Desk
from service.decisions.index.lookup import GraphLookup, Lookup
from service.decisions.policy import BUILT_IN
from service.errors import UnavailableError
from service.graph.client import GraphAddress
from service.graph.graphs import Graphs
from service.graph.health import GraphHealth


def test_closing_waits_for_questions_that_nobody_waits_for_any_more() -> None:
    """They use the connections that are closed next."""
    answered = []

    def slow(lookup: Lookup, degraded: bool) -> None:
        time.sleep(0.3)
        answered.append(lookup)

    with closing(Graphs(lambda: GraphAddress("bolt://127.0.0.1:1", "neo4j", "none", "neo4j"))) as graphs:
        desk = Desk(GraphLookup(graphs.get()), graphs, GraphHealth(graphs), BUILT_IN)
        with pytest.raises(UnavailableError, match="no answer within the deadline"):
            desk._from_graph(slow, 0.01)
        desk.close()
        assert len(answered) == 1
