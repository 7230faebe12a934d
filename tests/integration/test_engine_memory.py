"""A database with too little memory: a sentence that names the setting, and what was published stays."""

from __future__ import annotations

import os
from pathlib import Path

import neo4j
import polars as pl
import pytest

from service import bootstrap
from service.api.services import EXTENSION
from service.cli.scores import read_scores
from service.detection import incremental, pipeline
from service.detection.reading.snapshot import Snapshot
from service.errors import UnavailableError
from service.graph.client import Graph
from service.ingest.aggregate import Batch
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.loading.writes import write_batch
from service.rings import runs
from service.settings import Settings
from service.worker import batches
from tests.support import crowd, events, work

# Texts of 8 KB: over the memory in a second, where numbers took half a minute, or longer than a transaction may.
TOO_MUCH = (
    "WITH reduce(text = 'x', doubling IN range(1, 13) | text + text) AS long "
    "UNWIND range(1, 10000000) AS x WITH collect(long + toString(x)) AS every RETURN size(every)"
)


def ask_too_much(graph: Graph) -> None:
    graph.once(lambda tx: tx.run(TOO_MUCH).consume())


def test_a_query_over_the_memory_says_which_setting_to_raise(graph: Graph) -> None:
    with pytest.raises(UnavailableError, match="RINGSIGHT_ENGINE_HEAP_MB"):
        ask_too_much(graph)


@pytest.mark.faults
def test_a_run_over_the_memory_leaves_what_was_published(
    graph: Graph, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_and_detect(graph, settings, tmp_path)

    def greedy(graph: Graph, birth_s: int) -> Snapshot:
        graph.driver.execute_query(TOO_MUCH, database_=graph.address.database)  # as the GDS client does
        raise AssertionError("there was memory enough")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "read", greedy)
        with pytest.raises(UnavailableError, match="RINGSIGHT_ENGINE_HEAP_MB"):
            pipeline.detect(graph, settings.home)
    assert read_scores(graph).equals(before)
    assert pipeline.detect(graph, settings.home).members >= 12


def load_and_detect(graph: Graph, settings: Settings, folder: Path) -> pl.DataFrame:
    path = events.write(folder / "people.jsonl", [*crowd.people(), *crowd.ring("s", 12)])
    FileIngest(graph, load_tokeniser(settings.home, settings.ip_plain), settings.home, 500).run([path])
    pipeline.detect(graph, settings.home)
    return read_scores(graph)


# In the process that the API starts: what it reads the graph with asks for too much.
GREEDY = f"""
from service.detection import pipeline

def greedy(graph, birth_s):
    graph.driver.execute_query({TOO_MUCH!r}, database_=graph.address.database)

pipeline.read = greedy
"""


@pytest.mark.faults
def test_a_run_that_the_api_started_says_it_where_its_state_is_asked_for(
    graph: Graph, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_and_detect(graph, settings, tmp_path)
    (tmp_path / "sitecustomize.py").write_text(GREEDY, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{Path.cwd()}")
    app = bootstrap.application(settings)
    client = app.test_client()
    try:
        started = client.post("/v1/detection/runs")
        assert started.status_code == 202, started.text

        def ended() -> bool:
            return bool(client.get(started.headers["Location"]).get_json()["state"] != "running")

        work.until(ended, 120)
        run = client.get(started.headers["Location"]).get_json()
        assert run["state"] == "failed"
        assert run["error"].startswith("the graph database at") and "RINGSIGHT_ENGINE_HEAP_MB" in run["error"]
        work.until(lambda: all(process.poll() is not None for process in runs._started))
    finally:
        app.extensions[EXTENSION].close()
    told = (settings.home / "detect.log").read_text(encoding="utf-8")
    assert "RINGSIGHT_ENGINE_HEAP_MB" in told and "Traceback" not in told
    assert read_scores(graph).equals(before)


def test_a_worker_says_it_waits_and_goes_on(
    graph: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own = work.own_home(settings, graph, settings.home, worker_look_s=0)
    work.drain(own, graph)  # what other tests left in the log
    work.append(own, events.stream(50))
    asked: list[object] = []

    def greedy(tx: neo4j.Transaction, batch: Batch) -> None:
        if not asked:
            asked.append(tx)
            tx.run(TOO_MUCH).consume()
        write_batch(tx, batch)

    monkeypatch.setattr(batches, "write_batch", greedy)
    assert work.drain(own, graph).events == 50
    told = [record for record in caplog.records if "RINGSIGHT_ENGINE_HEAP_MB" in record.getMessage()]
    assert told and not any(record.exc_info for record in caplog.records)


@pytest.mark.faults
def test_a_pass_between_runs_says_it_and_ingest_goes_on(
    graph: Graph, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = load_and_detect(graph, settings, tmp_path)

    def greedy(graph: Graph, *_: object) -> None:
        graph.driver.execute_query(TOO_MUCH, database_=graph.address.database)  # as the GDS client does

    work.drain(
        work.own_home(settings, graph, settings.home, worker_look_s=0), graph
    )  # what other tests left in the log
    monkeypatch.setattr(incremental, "read_neighbourhood", greedy)
    own = work.own_home(settings, graph, settings.home, worker_look_s=0.1)
    work.append(own, [crowd.signup(f"late{n}", crowd.END, device_id="burner s") for n in range(3)])
    assert work.drain(own, graph).events == 3
    told = [record for record in caplog.records if "RINGSIGHT_ENGINE_HEAP_MB" in record.getMessage()]
    assert told and not any(record.exc_info for record in caplog.records)
    assert read_scores(graph).filter(pl.col("id").is_in(before["id"].implode())).equals(before)
    with pytest.raises(UnavailableError, match="RINGSIGHT_ENGINE_HEAP_MB"):
        incremental.IncrementalDetector(graph).detect_new()
