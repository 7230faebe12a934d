"""Questions to the graph database and the end of a server."""

from __future__ import annotations

import threading
import time
from contextlib import closing

import pytest

from service.decisions.desk import Desk
from service.decisions.index.lookup import GraphLookup, Lookup
from service.decisions.policy import BUILT_IN
from service.errors import UnavailableError
from service.graph.client import Graph, GraphAddress
from service.graph.graphs import Graphs
from service.graph.health import GraphHealth

NOWHERE = GraphAddress("bolt://127.0.0.1:1", "neo4j", "none", "neo4j")


def test_closing_waits_for_questions_that_nobody_waits_for_any_more() -> None:
    """They use the connections that are closed next."""
    answered = []

    def slow(lookup: Lookup, degraded: bool) -> None:
        time.sleep(0.3)
        answered.append(lookup)

    with closing(Graphs(lambda: NOWHERE)) as graphs:
        desk = Desk(GraphLookup(graphs.get()), graphs, GraphHealth(graphs), BUILT_IN)
        with pytest.raises(UnavailableError, match="no answer within the deadline"):
            desk._from_graph(slow, time.monotonic(), 0.01)
        desk.close()
        assert len(answered) == 1


def test_what_the_index_took_of_the_deadline_is_gone() -> None:
    with closing(Graphs(lambda: NOWHERE)) as graphs:
        desk = Desk(GraphLookup(graphs.get()), graphs, GraphHealth(graphs), BUILT_IN)
        with pytest.raises(UnavailableError, match=r"no answer within the deadline \(20000 ms\)"):
            desk._from_graph(lambda *_: time.sleep(0.2), time.monotonic() - 19.9, 20.0)
        desk.close()


def test_a_decision_does_not_wait_for_others_that_wait_for_a_connection() -> None:
    decided = threading.Event()

    def address() -> GraphAddress:
        assert decided.wait(20), "the decision waited"
        return NOWHERE

    with closing(Graph(NOWHERE)) as graph, closing(Graphs(address)) as graphs:
        desk = Desk(GraphLookup(graph), graphs, GraphHealth(graphs), BUILT_IN)
        with pytest.raises(UnavailableError, match="no answer within the deadline"):
            desk._from_graph(lambda *_: None, time.monotonic(), 0.05)
        decided.set()
        desk.close()


def test_a_desk_that_is_closed_says_so() -> None:
    with closing(Graphs(lambda: NOWHERE)) as graphs:
        desk = Desk(GraphLookup(graphs.get()), graphs, GraphHealth(graphs), BUILT_IN)
        desk.close()
        with pytest.raises(UnavailableError, match="this process is stopping"):
            desk._from_graph(lambda *_: None, time.monotonic(), 1.0)
