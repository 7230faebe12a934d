"""Wires settings, stores and the graph for the entry points (command line, worker, wsgi)."""

from __future__ import annotations

from collections.abc import Callable

from service.api.app import Application, create_app
from service.engine import state
from service.errors import UnavailableError
from service.graph.client import Graph, GraphAddress
from service.ingest.tokens import load_tokeniser
from service.serving import policy
from service.serving.services import Graphs, Services
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


def services(settings: Settings) -> Services:
    """What the views of one process work with; opens no connection yet."""
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    return Services(settings, Graphs(lambda: graph_address(settings)), tokeniser, policy.load(settings.policy))


def application(settings: Settings, make_services: Callable[[], Services] | None = None) -> Application:
    """The web application: API, documentation and pages. Each process makes its Services on first use."""
    if make_services is None:
        policy.load(settings.policy)  # a wrong file stops the start, not each worker
    return create_app(settings, make_services or (lambda: services(settings)), pages=())
