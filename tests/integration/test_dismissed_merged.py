"""Word on a ring lasts when the ring becomes a part of another, for as long as people leave it as it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl

from service.cli.scores import read_scores
from service.detection.pipeline import detect
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.rings.actions import set_status
from service.settings import Settings
from tests.support import crowd, events

DISMISSED = [f"a{number}" for number in range(10)]


def loaded(graph: Graph, settings: Settings, path: Path, rows: list[crowd.Event]) -> None:
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    FileIngest(graph, tokeniser, settings.home, settings.batch_size).run([events.write(path, rows)])
    detect(graph, settings.home)


def of(graph: Graph, account: str) -> tuple[str | None, float]:
    """The ring and the score of an account."""
    row = read_scores(graph).row(by_predicate=pl.col("id") == account, named=True)
    return row["ring"], row["score"]


def test_a_dismissed_ring_stays_spared_in_the_ring_that_it_became_a_part_of(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    """In the run that put them together they were; in the next one they had the score of the others."""
    later = crowd.END + timedelta(hours=6)
    rings = [*crowd.ring("a", len(DISMISSED)), *crowd.ring("b", 30, at=later)]
    loaded(graph, settings, tmp_path / "before.jsonl", [*crowd.people(), *rings])
    ring, before = of(graph, "a0")
    larger, _ = of(graph, "b0")
    assert ring and larger and ring != larger and before > 50
    set_status(graph, [ring], "dismissed", "ana", "our stand")
    joint = [
        {**row, "type": "activity", "occurred_at": (later + timedelta(days=1, minutes=n)).isoformat()}
        | {"device_id": "joint", "payment_fingerprint": "joint"}
        for n, row in enumerate(rings)
    ]
    loaded(graph, settings, tmp_path / "joint.jsonl", joint)
    for run in range(3):
        assert of(graph, "b0")[0] == of(graph, "a0")[0] == larger, "they became a part of it"
        assert of(graph, "b0")[1] > 50
        scores = {one: of(graph, one)[1] for one in DISMISSED}
        assert max(scores.values()) < 20, f"{run} runs after that one"
        detect(graph, settings.home)
    set_status(graph, [ring], "open", "ana", "look again")
    detect(graph, settings.home)
    assert of(graph, "a0")[1] > 50, "as soon as people take their word back"
