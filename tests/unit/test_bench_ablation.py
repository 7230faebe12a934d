"""Detection without an engine, as the ablation bench runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ablation import changed, changes
from engine_free import Loaded, detect, load, scores
from seeds import COLUMNS, mean, measure, row_of

from service.detection import parameters
from service.evaluation.evaluate import evaluate
from service.evaluation.tables import read_truth
from service.simulation.simulate import simulate


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> tuple[Loaded, Path]:
    folder = tmp_path_factory.mktemp("population")
    simulate(folder, 1, "main", 6_000)
    return load(folder / "events.parquet"), folder / "truth.parquet"


def test_it_finds_campaigns_and_spares_the_honest(population: tuple[Loaded, Path]) -> None:
    loaded, truth = population
    high = evaluate(scores(loaded, detect(loaded.snapshot)), read_truth(truth)).at("high")
    assert high.precision is not None and high.precision > 0.98
    assert high.recall is not None and high.recall > 0.9


def test_a_change_is_taken_back(population: tuple[Loaded, Path]) -> None:
    before = {name: getattr(parameters, name) for change in changes() for name in change.values}
    for change in changes():
        with changed(change.values):
            assert all(getattr(parameters, name) == value for name, value in change.values.items())
    assert all(getattr(parameters, name) is value for name, value in before.items())


def test_without_any_evidence_nothing_is_found(population: tuple[Loaded, Path]) -> None:
    loaded, _ = population
    with changed({"RING_BASE": -100.0}):
        assert detect(loaded.snapshot).risk.max() < 0.7


def test_seeds_are_judged_alike_and_their_means_leave_out_what_is_missing() -> None:
    report = measure("none", 1, 3_000)
    row = dict(zip(COLUMNS, row_of(report), strict=True))
    assert row["precision"] is None or row["precision"] == 0.0  # nobody is fake
    assert row["honest %"] is not None and row["honest %"] < 1.0
    assert mean([[1.0, None], [2.0, None]]) == [1.5, None]
