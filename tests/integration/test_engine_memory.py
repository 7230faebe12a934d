"""A database with too little memory: a sentence that names the setting, and what was published stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.cli.scores import read_scores
from service.detection import pipeline
from service.detection.reading.snapshot import Snapshot
from service.errors import UnavailableError
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.settings import Settings
from tests.support import crowd, events

TOO_MUCH = "UNWIND range(1, 300000000) AS x WITH collect(x) AS every RETURN size(every)"


def ask_too_much(graph: Graph) -> None:
    graph.once(lambda tx: tx.run(TOO_MUCH).consume())


def test_a_query_over_the_memory_says_which_setting_to_raise(graph: Graph) -> None:
    with pytest.raises(UnavailableError, match="RINGSIGHT_ENGINE_HEAP_MB"):
        ask_too_much(graph)


def test_a_run_over_the_memory_leaves_what_was_published(
    graph: Graph, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = events.write(tmp_path / "people.jsonl", [*crowd.people(), *crowd.ring("s", 12)])
    FileIngest(graph, load_tokeniser(settings.home, settings.ip_plain), settings.home, 500).run([path])
    pipeline.detect(graph, settings.home)
    before = read_scores(graph)

    def greedy(graph: Graph, birth_s: int) -> Snapshot:
        graph.driver.execute_query(TOO_MUCH, database_=graph.address.database)  # as the GDS client does
        raise AssertionError("there was memory enough")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "read", greedy)
        with pytest.raises(UnavailableError, match="RINGSIGHT_ENGINE_HEAP_MB"):
            pipeline.detect(graph, settings.home)
    assert read_scores(graph).equals(before)
    assert pipeline.detect(graph, settings.home).members >= 12
