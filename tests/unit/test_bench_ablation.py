"""Detection without an engine, as the ablation bench runs it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ablation import changed, changes
from engine_free import Loaded, detect, load, scores
from seeds import COLUMNS, mean, measure, row_of

from service.detection import parameters
from service.detection.scoring import candidates, result
from service.detection.scoring.model import model
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
    assert high.precision is not None and high.precision > 0.85
    assert high.recall is not None and high.recall > 0.9


def test_a_change_is_taken_back() -> None:
    before = {name: getattr(parameters, name) for change in changes() for name in change.values if name != "model"}
    for change in changes():
        with changed(change.values):
            assert all(getattr(parameters, name) == change.values[name] for name in before if name in change.values)
            assert ("model" in change.values) == (vars(candidates)["model"] is not model)
    assert all(getattr(parameters, name) is value for name, value in before.items())
    assert vars(candidates)["model"] is model and vars(result)["model"] is model


def test_a_term_that_is_left_out_no_longer_counts(population: tuple[Loaded, Path]) -> None:
    loaded, _ = population
    whole = detect(loaded.snapshot).risk
    without = next(change for change in changes() if change.name == "ring without births_together")
    with changed(without.values):
        assert not np.array_equal(without.run(loaded), whole)
    assert np.array_equal(detect(loaded.snapshot).risk, whole)


def test_seeds_are_judged_alike_and_their_means_leave_out_what_is_missing() -> None:
    report = measure("none", 1, 3_000)
    row = dict(zip(COLUMNS, row_of(report), strict=True))
    assert row["precision"] is None or row["precision"] == 0.0  # nobody is fake
    assert row["honest %"] is not None and row["honest %"] < 2.5
    assert mean([[1.0, None], [2.0, None]]) == [1.5, None]
