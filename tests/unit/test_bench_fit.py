"""The fit: planted curves are found, the same bytes come out, and what it makes is what the product reads."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import fit
import numpy as np
import pytest
from fit_worlds import draw_other, draw_random

from service.detection.scoring.model import parse


def test_planted_monotone_terms_are_found_and_noise_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "RIDGE", 10.0)  # these are fewer than those of 2,000 worlds
    rng = np.random.default_rng(0)
    x = rng.random((40_000, 3))
    x[rng.random(40_000) < 0.3, 1] = np.nan
    z = -2 + 3 * (x[:, 0] > 0.5) + np.nan_to_num(2 * x[:, 1], nan=1.0)
    y = (rng.random(40_000) < 1 / (1 + np.exp(-z))).astype(float)
    found = fit.fit_steps(x, y, np.ones(40_000), ("step", "slope", "noise"), 60)["terms"]
    spans = {code: float(np.ptp(term["values"])) for code, term in found.items()}
    assert spans["step"] == pytest.approx(3, abs=0.3)
    assert 1.2 < spans["slope"] < 2.2  # the few at its ends are pulled towards nothing
    assert spans["noise"] < 0.4
    middle = np.average(found["slope"]["values"])
    assert found["slope"]["unknown"] == pytest.approx(middle, abs=0.3)


def test_values_never_fall_and_what_is_not_known_never_speaks_for_anybody() -> None:
    rng = np.random.default_rng(1)
    x = rng.random((5_000, 2))
    x[::3, 1] = np.nan
    y = (x[:, 0] < 0.3).astype(float) * (np.isnan(x[:, 1]) == 0)  # falls, and is lower where not known
    for term in fit.fit_steps(x, y, np.ones(5_000), ("falls", "missing"), 30)["terms"].values():
        values = np.asarray(term["values"])
        assert (np.diff(values) >= 0).all()
        assert term["unknown"] >= values.min() - 1e-9


def test_of_two_facts_the_higher_always_adds_more() -> None:
    """Where nothing was learned, a curve rises by a little: else all on a level stretch were ranked by chance."""
    rng = np.random.default_rng(3)
    x = rng.random((5_000, 1))
    y = (x[:, 0] > 0.9).astype(float)
    (term,) = fit.fit_steps(x, y, np.ones(5_000), ("late",), 30)["terms"].values()
    assert (np.diff(term["values"]) > 0).all()
    assert term["values"][len(term["values"]) // 2] - term["values"][0] < fit.LEAST_RISE


def test_rising_is_the_nearest_order() -> None:
    assert fit.rising(np.array([1.0, 3.0, 2.0, 4.0]), np.ones(4)).tolist() == [1.0, 2.5, 2.5, 4.0]


def test_platt_finds_slope_and_intercept() -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(0, 2, 50_000)
    y = (rng.random(50_000) < 1 / (1 + np.exp(-(0.5 * z - 1)))).astype(float)
    assert fit.platt(z, y, np.ones(50_000)) == pytest.approx((0.5, -1.0), abs=0.05)


def test_the_same_arguments_give_the_same_bytes_that_the_product_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outs = [tmp_path / "a.json", tmp_path / "b.json"]
    for out in outs:
        monkeypatch.setattr(
            sys,
            "argv",
            ["fit.py", "--worlds", "24", "--others", "6", "--rounds", "4", "--bootstrap", "2", "--out", str(out)],
        )
        fit.main()
    assert outs[0].read_bytes() == outs[1].read_bytes()
    found = parse(json.loads(outs[0].read_text()))
    assert (found.fitted_on["worlds"], found.fitted_on["of_others"]) == (30, 6)
    assert "exits" not in found.without_addresses.rings.terms  # nobody's address is known there


def test_worlds_of_others_weigh_their_share_of_the_random_ones() -> None:
    worlds = [draw_random(seed) for seed in (1, 2, 3)] + [draw_other(seed) for seed in (1, 2)]
    for weigh in ("weight", "ring_weight"):
        before, after = (
            [float(getattr(world, weigh).sum()) for world in kept] for kept in (worlds, fit.weighed(worlds, 2.0))
        )
        assert after[:3] == before[:3]
        assert after[3:] == pytest.approx([3 * weight for weight in before[3:]])  # two for three, twice as much


@pytest.mark.parametrize("told", [("--worlds", "9001"), ("--others", "9001"), ("--others", "-1")])
def test_worlds_for_judging_are_refused(
    told: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fit, "ProcessPoolExecutor", None)  # draws none where it should refuse
    monkeypatch.setattr(sys, "argv", ["fit.py", *told])
    with pytest.raises(SystemExit):
        fit.main()
    assert f"{told[0]} takes" in capsys.readouterr().err
