"""The same data has the same rings, ids, scores and reasons, however it was loaded: node ids decide nothing."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

from service.cli.scores import read_scores
from service.detection.incremental import IncrementalDetector
from service.detection.pipeline import detect
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.settings import Settings
from tests.support import crowd, database, events

FILES = 4


def loaded(graph: Graph, settings: Settings, folder: Path, rows: list[crowd.Event], seed: int) -> None:
    """Loads events in several files, each of some accounts, in an order drawn by `seed`: so node ids differ."""
    accounts = sorted({row["account_id"] for row in rows})
    random.Random(seed).shuffle(accounts)
    folder.mkdir()
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    for number in range(FILES):
        chosen = set(accounts[number::FILES])
        path = events.write(folder / f"{number}.jsonl", [row for row in rows if row["account_id"] in chosen])
        FileIngest(graph, tokeniser, settings.home, settings.batch_size).run([path])


def test_a_run_and_a_pass_find_the_same_whatever_order_events_were_loaded_in(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    hours = [crowd.END + timedelta(hours=hour) for hour in range(4)]
    rings = [row for name, at in zip("abcd", hours, strict=True) for row in crowd.ring(name, 8, at=at)]
    before = [*crowd.people(), *rings, *crowd.office("o", 30)]
    after = [*crowd.ring("a", 11)[8:], *crowd.ring("e", 7, at=hours[-1] + timedelta(hours=1))]
    found = []
    for seed in range(2):
        database.wipe(graph)
        loaded(graph, settings, tmp_path / f"before{seed}", before, seed)
        detect(graph, settings.home)
        run = read_scores(graph)
        loaded(graph, settings, tmp_path / f"after{seed}", after, seed)
        joined = IncrementalDetector(graph).detect_new().joined
        found.append((run, joined, read_scores(graph)))
    (run, joined, scores), (run_again, joined_again, scores_again) = found
    assert run["ring"].drop_nulls().n_unique() >= 3 and joined >= 3
    assert run.equals(run_again)
    assert joined == joined_again and scores.equals(scores_again)
