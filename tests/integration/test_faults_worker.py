"""Real faults: kill -9 of workers and of Neo4j in the middle of a stream. The graph must end as in a clean run.

The full count of rounds runs with `pytest -m faults`; a few of them run always.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.bootstrap import open_graph
from service.engine import admin, local
from service.engine.state import EngineState
from service.graph.client import Graph
from service.settings import Settings
from tests.support import events, work
from tests.support.database import wipe
from tests.support.digest import Digest, digest

EVENTS = 6000


@pytest.fixture(scope="module")
def own(graph: Graph, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose log holds one stream, with repeats and bad events in it."""
    home = tmp_path_factory.mktemp("faults")
    own = work.own_home(settings, graph, home, worker_batch_events=40, worker_lease_s=1.0)
    rows = events.stream(EVENTS)
    work.append(own, [*rows, *rows[:100], rows[0] | {"occurred_at": "soon"}])
    return own


@pytest.fixture(scope="module")
def clean(graph: Graph, own: Settings) -> Digest:
    """What the stream comes to if nothing happens."""
    work.drain(own.model_copy(update={"worker_batch_events": 5000}), graph)
    found = digest(graph)
    assert found.uses == events.uses(events.stream(EVENTS))
    return found


@pytest.fixture(autouse=True)
def empty(graph: Graph, clean: Digest) -> Iterator[None]:
    """Each test starts from an empty graph and, as offsets are in the graph, from the log's first event."""
    wipe(graph)
    yield


@pytest.mark.parametrize("rounds", [4, pytest.param(50, marks=pytest.mark.faults)])
def test_workers_that_are_killed_lose_and_double_nothing(
    graph: Graph, own: Settings, clean: Digest, rounds: int
) -> None:
    dice = random.Random(rounds)
    # With 50 rounds each gets fewer events, so that the stream lasts.
    few = own.model_copy(update={"worker_batch_events": 40 if rounds < 10 else 12})
    killed = 0
    for _ in range(rounds):
        before = work.done(few, graph)
        process = work.start(few)
        work.until(lambda before=before: work.done(few, graph) > before)  # type: ignore[misc]
        time.sleep(dice.random() * 0.3)
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += work.lag(few, graph) > 0
    assert killed == rounds, "each was killed in the middle of the stream"
    work.drain(own, graph)
    assert digest(graph) == clean


def test_two_workers_one_killed_lose_and_double_nothing(graph: Graph, own: Settings, clean: Digest) -> None:
    first, second = work.start(own), work.start(own)
    try:
        work.until(lambda: work.done(own, graph) > EVENTS // 10)
        first.kill()
        work.until(lambda: work.lag(own, graph) == 0, 120)
    finally:
        first.kill()
        second.terminate()
        first.wait()
        assert second.wait(30) == 0
    assert digest(graph) == clean


@pytest.mark.faults
def test_workers_go_on_when_neo4j_was_killed_and_its_files_are_sound(
    graph: Graph, engine: EngineState, settings: Settings, own: Settings, clean: Digest
) -> None:
    running = local.running(settings.home)
    assert running is not None
    same_port = settings.model_copy(update={"engine_bolt_port": running.bolt_port})
    process = work.start(own)
    try:
        work.until(lambda: work.done(own, graph) > EVENTS // 10)
        os.kill(running.pid, signal.SIGKILL)
        time.sleep(1)
        assert process.poll() is None, "the worker waits for the database"
        assert local.start(same_port).state.bolt_port == running.bolt_port
        with open_graph(own) as again:
            assert work.lag(own, again) > 0, "it was killed in the middle of the stream"
            work.until(lambda: work.lag(own, again) == 0, 120)
            assert digest(again) == clean
    finally:
        process.terminate()
        assert process.wait(60) == 0
    local.stop(settings.home)
    admin.check(settings)
    assert local.start(same_port).state.bolt_port == running.bolt_port


@pytest.mark.faults
def test_a_file_ingest_goes_on_after_neo4j_was_killed(
    graph: Graph, engine: EngineState, settings: Settings, tmp_path: Path
) -> None:
    """The command ends with a clear message; run again, it finishes."""
    running = local.running(settings.home)
    assert running is not None
    own = work.own_home(settings, graph, tmp_path, batch_size=100)
    path = events.write(tmp_path / "f", events.stream(8000))
    process = work.command(own, "ingest", str(path))
    work.until(lambda: work.batches_done(graph) > 5)
    os.kill(running.pid, signal.SIGKILL)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 1 and b"can't be reached" in told
    local.start(settings.model_copy(update={"engine_bolt_port": running.bolt_port}))
    with open_graph(own) as again:
        assert work.batches_done(again) > 5
        finished = work.command(own, "ingest", str(path))
        finished.communicate(timeout=120)
        assert finished.returncode == 0
        assert digest(again).uses == events.uses(events.stream(8000))
