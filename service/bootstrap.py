"""Wires settings, stores and the graph for the entry points (command line, worker, wsgi)."""

from __future__ import annotations

from service.engine import state
from service.errors import UnavailableError
from service.graph.client import Graph, GraphAddress
from service.settings import Settings


def graph_address(settings: Settings) -> GraphAddress:
    """The configured database, or the running local engine of this home. Raises UnavailableError if there is none."""
    if settings.neo4j_uri:
        password = settings.neo4j_password.get_secret_value() if settings.neo4j_password else ""
        return GraphAddress(settings.neo4j_uri, settings.neo4j_user, password, settings.neo4j_database)
    running = state.read(settings.home)
    if running is None:
        raise UnavailableError(
            f"no graph database: no local engine runs for {settings.home} and RINGSIGHT_NEO4J_URI is not set; "
            "start one with `ringsight engine start`"
        )
    return GraphAddress(running.bolt_uri, "neo4j", state.password(settings.home), "neo4j")


def open_graph(settings: Settings) -> Graph:
    """A connected graph client; the caller closes it (it is a context manager)."""
    graph = Graph(graph_address(settings))
    try:
        graph.verify()
    except Exception:
        graph.close()
        raise
    return graph
