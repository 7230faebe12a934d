"""Wires settings, stores and the graph for the entry points (command line, worker, wsgi)."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from service.api.services import WATCH_THREADS, Services
from service.decisions import policy
from service.decisions.desk import Desk
from service.decisions.index import build
from service.decisions.index.freshness import Freshness
from service.decisions.index.index_lookup import IndexLookup
from service.decisions.index.lmdb_store import LmdbStore
from service.decisions.index.store import Built, IndexStore
from service.decisions.journal import Journal
from service.engine import state
from service.errors import UnavailableError, missing_extra
from service.graph import graph_format, kinds_in_use
from service.graph.client import Graph, GraphAddress
from service.graph.graphs import Graphs
from service.graph.health import GraphHealth
from service.in_time import Askers
from service.ingest.tokens import TokenKeys, load_tokeniser
from service.loading.naming import graph_tokeniser
from service.privacy.rotate import Rotated, rotate
from service.settings import Settings

if TYPE_CHECKING:
    from service.api.app import Application


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


def open_graph(settings: Settings, leaving: Collection[str] = ()) -> Graph:
    """A connected graph client; the caller closes it (it is a context manager). Raises SettingsError if the graph was
    filled by a newer version of Ringsight, or under another table of kinds, but for those that are leaving (names)."""
    graph = Graph(graph_address(settings))
    try:
        graph.verify()
        graph_format.bring_up(graph)
        kinds_in_use.check(graph, leaving)
    except Exception:
        graph.close()
        raise
    return graph


def index_store(settings: Settings) -> IndexStore:
    """The configured read index. Not safe across a fork. Raises SettingsError if its address is none, or
    its client is not installed."""
    if settings.index:
        try:
            from service.decisions.index.redis_store import RedisStore  # an optional dependency
        except ImportError as error:
            raise missing_extra("RINGSIGHT_INDEX names a server", "redis") from error
        return RedisStore(settings.index)
    return LmdbStore(settings.home / "index")


def freshness(settings: Settings) -> Freshness:
    """What a worker tells about the links it wrote."""
    return Freshness(index_store(settings))


def rebuild_index(settings: Settings, graph: Graph) -> Built:
    """Builds the read index from the graph and switches to it."""
    with _building(settings) as store:
        return build.rebuild(graph, store, _key_id(settings, graph))


def rotate_token_key(settings: Settings, graph: Graph) -> Rotated:
    """Brings all that is kept under a token to a new key."""
    with _building(settings) as store:
        return rotate(graph, settings.home, settings.ip_plain, store)


def update_index(settings: Settings, graph: Graph) -> Built:
    """Brings the read index up to date after a run, by what changed if it can."""
    with _building(settings) as store:
        return build.update(graph, store, _key_id(settings, graph))


def _key_id(settings: Settings, graph: Graph) -> str:
    return graph_tokeniser(graph, load_tokeniser(settings.home, settings.ip_plain, settings.clients_inside)).key_id


@contextmanager
def _building(settings: Settings) -> Iterator[IndexStore]:
    """The index, for the one process of this home that builds it; others wait. Half-renamed, a graph is no source."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "index.lock").open("w") as lock, closing(index_store(settings)) as store:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield store


def services(settings: Settings) -> Services:
    """What the views of one process work with. Call it after any fork; it waits for no store."""
    graphs = Graphs(lambda: graph_address(settings))
    health = GraphHealth(graphs)
    health.start()
    live = policy.load(settings.policy)
    index = index_store(settings)
    return Services(
        settings=settings,
        graphs=graphs,
        health=health,
        keys=TokenKeys(settings.home, settings.ip_plain, settings.clients_inside),
        policy=live,
        index=index,
        desk=Desk(IndexLookup(index), graphs, health, live),
        journal=Journal(settings.home / "decisions", settings.decisions_keep_days),
        watchers=Askers(WATCH_THREADS, "watch"),
        tellers=Askers(1, "tell"),
    )


def application(settings: Settings, make_services: Callable[[], Services] | None = None) -> Application:
    """The web application: API, documentation and pages. Each process makes its Services on first use."""
    # Imported here: commands that do not serve start in half the time.
    from service.api.app import create_app
    from service.security.install import install
    from service.web import guide  # noqa: F401 (adds its routes to the pages)
    from service.web.pages import pages

    if make_services is None:
        policy.load(settings.policy)  # a wrong file stops the start, not each worker
    app = create_app(settings, make_services or (lambda: services(settings)), pages=(pages,))
    install(app, settings)
    return app
