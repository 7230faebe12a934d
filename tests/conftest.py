"""Fixtures for tests on the real engine: one engine a session, in a temporary home, stopped whatever happens.

`home` and `settings` start nothing. `engine` starts the engine at its first use. `graph` is a connected client on a
database that is emptied for each module that asks for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from service import formats
from service.bootstrap import open_graph
from service.engine import local
from service.engine.state import EngineState
from service.graph.client import Graph
from service.settings import Settings, load_settings
from tests.support import database, guardian, security
from tests.support.kafka import Broker
from tests.support.valkey import PROGRAMS, Server, program

KEPT = ("RINGSIGHT_CACHE", "RINGSIGHT_ENGINE_LINE", "RINGSIGHT_AUTH")
# Tests of single views need no keys; tests of keys and roles switch them on.
os.environ.setdefault("RINGSIGHT_AUTH", "off")


@pytest.fixture(autouse=True)
def closed_applications() -> Iterator[None]:
    """Closes what tests/support/security.py opened for a test."""
    yield
    security.close_all()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A temporary home, which the environment names too, so that commands run by tests use it."""
    folder = tmp_path_factory.mktemp("home")
    formats.note_home(folder)  # the first command would take what tests put into it for an earlier version's
    before = {name: value for name, value in os.environ.items() if name.startswith("RINGSIGHT_")}
    for name in before:
        if name not in KEPT:
            del os.environ[name]
    os.environ["RINGSIGHT_HOME"] = str(folder)
    os.environ["RINGSIGHT_ENGINE_HEAP_MB"] = "1500"
    os.environ["RINGSIGHT_ENGINE_PAGECACHE_MB"] = "512"
    yield folder
    for name in [name for name in os.environ if name.startswith("RINGSIGHT_")]:
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture(scope="session")
def settings(home: Path) -> Settings:
    """The settings of that home."""
    return load_settings()


@pytest.fixture(scope="session")
def engine_home(settings: Settings) -> Iterator[Settings]:
    """Where the engine of the session may run. A guardian stops it at the end, even if this process is killed."""
    watcher = guardian.watch(settings.home)
    try:
        yield settings
    finally:
        watcher.communicate()


@pytest.fixture(scope="module")
def engine(engine_home: Settings) -> EngineState:
    """The running engine of the session, as it is now: an earlier module may have stopped or killed it."""
    return local.start(engine_home).state


@pytest.fixture(scope="module")
def graph(engine: EngineState, settings: Settings) -> Iterator[Graph]:
    """A client on an empty database with the schema applied."""
    with open_graph(settings) as client:
        database.wipe(client)
        yield client


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[Broker]:
    """A running Kafka broker without topics."""
    broker = Broker(tmp_path_factory.mktemp("kafka"), settings)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running, empty Valkey or Redis server; the test is skipped where neither is installed."""
    path = program()
    if path is None:
        pytest.skip(f"none of {', '.join(PROGRAMS)} is installed")
    server = Server(tmp_path_factory.mktemp("valkey"), path)
    try:
        server.start()
        yield server
    finally:
        server.kill()
