"""A database that refuses the login is said to do so, not to be silent."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

from service.graph.client import Graph
from service.graph.graphs import Graphs
from service.graph.health import GraphHealth


def test_a_wrong_password_is_named_by_the_watch_of_the_database(graph: Graph) -> None:
    wrong = replace(graph.address, password="wrong")
    with closing(Graphs(lambda: wrong)) as graphs:
        health = GraphHealth(graphs)
        assert not health._ask()
        assert "refused the login of 'neo4j'; check RINGSIGHT_NEO4J_USER" in health.refused
