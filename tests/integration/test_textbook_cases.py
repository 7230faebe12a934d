"""Textbook cases through the real engine, each on an empty graph.

Those that are known to be judged wrongly are named: one that becomes right, and one that becomes wrong, is told."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from service.cli.scores import read_scores
from service.detection.pipeline import detect
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.model.decision import LEVEL_FLOORS
from service.settings import Settings
from tests.cases.textbook import CASES, PREFIX, Case, write
from tests.support import database

HIGH = 100 * LEVEL_FLOORS["high"]
KNOWN_WRONG = {
    "family": "six on one line and two phones look like a small farm",
    "bought": "accounts of all ages that meet on exits of others",
    "hosting": "forty made in a day that share a network only",
    "cards-only": "twelve on one card, where nothing else is known",
}


def judge(scores: pl.DataFrame, case: Case) -> str | None:
    """None if the case is right, else what was found."""
    flagged = scores.select("id", high=pl.col("score") >= HIGH)
    inside = pl.col("id").str.starts_with(PREFIX)
    asked = flagged.filter(inside)
    hits, others = int(asked["high"].sum()), int(flagged.filter(~inside)["high"].sum())
    share = hits / asked.height
    right = share >= 0.8 and others <= 2 if case.expect == "ring" else share <= 0.02
    return None if right else f"{case.name}: expected {case.expect}; {hits} of {asked.height} high, {others} others"


@pytest.mark.timeout(600)
def test_every_case_is_judged_as_an_analyst_would(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    wrong = {}
    for case in CASES:
        database.wipe(graph)
        events = tmp_path / f"{case.name}.jsonl"
        write(case, events)
        tokeniser = load_tokeniser(settings.home, settings.ip_plain)
        FileIngest(graph, tokeniser, settings.home, settings.batch_size).run([events])
        detect(graph, settings.home)
        said = judge(read_scores(graph), case)
        if said:
            wrong[case.name] = said
    assert set(wrong) == set(KNOWN_WRONG), "\n".join(wrong.values())
