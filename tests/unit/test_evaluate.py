"""Evaluation: figures against hand-computed cases, and against the definition itself on random ties."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from service.cli.evaluate import command
from service.errors import InputError
from service.evaluation.evaluate import evaluate, evaluate_files
from service.evaluation.metrics import auc, average_precision, recall_at
from service.evaluation.tables import read_scores, read_truth


def _flags(*values: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array(values, dtype=bool)


def test_auc_counts_pairs_and_half_of_ties() -> None:
    # pairs: 0.8 beats 0.5 and 0.1; 0.5 ties 0.5 and beats 0.1 -> (2 + 0.5 + 1) / 4
    assert auc(np.array([0.8, 0.5, 0.5, 0.1]), _flags(1, 1, 0, 0)) == pytest.approx(3.5 / 4)
    assert auc(np.full(6, 0.3), _flags(1, 0, 0, 1, 0, 0)) == pytest.approx(0.5)
    assert auc(np.array([1.0, 2.0]), _flags(1, 1)) is None


def test_average_precision_by_hand() -> None:
    # ranks of the positives 1 and 3: (1/1 + 2/3) / 2
    assert average_precision(np.array([4.0, 3.0, 2.0, 1.0]), _flags(1, 0, 1, 0)) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(np.array([1.0, 2.0]), _flags(0, 0)) is None


def test_average_precision_with_all_tied_is_the_base_rate_in_any_order() -> None:
    scores = np.zeros(10)
    first = _flags(1, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    assert average_precision(scores, first) == pytest.approx(0.2)
    assert average_precision(scores, first[::-1]) == pytest.approx(0.2)


@pytest.mark.parametrize("seed", range(5))
def test_ranking_figures_agree_with_their_definitions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 8, size=60).astype(float)
    positive = rng.random(60) < 0.3
    wins = [(a > b) + 0.5 * (a == b) for a in scores[positive] for b in scores[~positive]]
    assert auc(scores, positive) == pytest.approx(np.mean(wins))
    area, before = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        above = scores >= threshold
        recall = positive[above].sum() / positive.sum()
        area += (recall - before) * positive[above].mean()
        before = recall
    assert average_precision(scores, positive) == pytest.approx(area)


def test_recall_at_false_positives_never_goes_over_the_share() -> None:
    scores = np.array([9.0, 8.0, 7.0, 7.0, 5.0, 1.0, 1.0, 1.0])
    positive = _flags(1, 0, 1, 0, 1, 0, 0, 0)
    assert recall_at(scores, positive, 0.0) == pytest.approx(1 / 3)
    assert recall_at(scores, positive, 0.2) == pytest.approx(1 / 3)  # one of five; the tie at 7 would make two
    assert recall_at(scores, positive, 0.4) == pytest.approx(1.0)
    assert recall_at(np.zeros(4), _flags(1, 0, 0, 0), 0.01) == 0.0


def _truth() -> pl.DataFrame:
    rows: list[tuple[str | None, ...]] = [(f"f{i}", "fraud", "c1", "c1") for i in range(6)]
    rows += [(f"h{i}", "legitimate", None, "campus" if i < 2 else "home") for i in range(4)]
    rows += [("x", None, None, None)]
    return pl.DataFrame(rows, schema=["account_id", "label", "campaign", "kind"], orient="row")


def _scores() -> pl.DataFrame:
    rows: list[tuple[str, float, str, str | None]] = [
        ("f0", 95.0, "critical", "R-1"),
        ("f1", 80.0, "high", "R-1"),
        ("f2", 75.0, "high", "R-1"),
    ]
    rows += [("f3", 60.0, "medium", "R-2"), ("f4", 55.0, "medium", "R-2")]
    rows += [
        ("h0", 72.0, "high", "R-2"),
        ("h1", 10.0, "low", "R-3"),
        ("h2", 5.0, "low", None),
        ("x", 99.0, "critical", "R-1"),
    ]
    return pl.DataFrame(rows, schema=["account_id", "score", "level", "ring"], orient="row")


def test_levels_campaigns_kinds_and_rings_by_hand() -> None:
    report = evaluate(_scores(), _truth())
    assert (report.accounts, report.fraud, report.unlabelled, report.unscored) == (10, 6, 1, 2)
    high = report.at("high")
    assert (high.flagged, high.precision, high.recall) == (4, 0.75, 0.5)
    assert (high.honest_flagged, high.honest_share) == (1, 0.25)
    assert report.at("critical").precision == 1.0
    assert report.at("medium").recall == pytest.approx(5 / 6)
    (campaign,) = report.campaigns
    assert (campaign.accounts, campaign.pieces) == (6, 2)
    assert campaign.captured == pytest.approx(0.5) and campaign.in_rings == pytest.approx(5 / 6)
    assert report.captured_by_half == 1.0
    assert report.honest_by_kind["campus"] == {"accounts": 2, "flagged_high": 1, "in_rings": 2}
    assert report.honest_by_kind["home"] == {"accounts": 2, "flagged_high": 0, "in_rings": 0}
    assert (report.rings, report.honest_rings, report.honest_in_rings) == (3, 1, 2)


def test_nothing_flagged_gives_no_precision_rather_than_a_wrong_one() -> None:
    report = evaluate(_scores().clear(), _truth())
    assert report.at("high").precision is None and report.at("high").recall == 0.0
    assert report.auc == pytest.approx(0.5) and report.unscored == 10


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_files_of_each_form_give_the_same_report(tmp_path: Path, ending: str) -> None:
    scores = _scores().rename({"account_id": "id"})
    writers = {"parquet": "write_parquet", "csv": "write_csv", "jsonl": "write_ndjson"}
    getattr(scores, writers[ending])(tmp_path / f"scores.{ending}")
    getattr(_truth(), writers[ending])(tmp_path / f"truth.{ending}")
    assert evaluate_files(tmp_path / f"scores.{ending}", tmp_path / f"truth.{ending}") == evaluate(_scores(), _truth())


def test_a_level_that_is_missing_follows_from_the_score(tmp_path: Path) -> None:
    pl.DataFrame({"id": [1, 2, 3], "score": [49.9, 60.0, 90.0]}).write_csv(tmp_path / "s.csv")
    frame = read_scores(tmp_path / "s.csv")
    assert frame["level"].to_list() == ["low", "high", "critical"]
    assert frame["account_id"].to_list() == ["1", "2", "3"] and frame["ring"].null_count() == 3


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("id,points\na,1\n", "no column score"),
        ("id,score\na,101\n", "0 to 100"),
        ("id,score\na,\n", "0 to 100"),
        ("id,score\na,1\na,2\n", "each account once"),
        ("", "can't be read"),
    ],
)
def test_scores_that_cannot_be_used_are_refused_by_name(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "s.csv").write_text(content)
    with pytest.raises(InputError, match=says):
        read_scores(tmp_path / "s.csv")


def test_truth_with_an_unknown_label_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("account_id,label\na,honest\n")
    with pytest.raises(InputError, match="'honest'; use fraud, legitimate or empty"):
        read_truth(tmp_path / "t.csv")
    with pytest.raises(InputError, match="unknown ending"):
        read_truth(tmp_path / "t.txt")


def test_the_command_prints_tables_or_one_json_object(tmp_path: Path) -> None:
    _scores().rename({"account_id": "id"}).write_parquet(tmp_path / "s.parquet")
    _truth().write_parquet(tmp_path / "t.parquet")
    arguments = [str(tmp_path / "s.parquet"), str(tmp_path / "t.parquet")]
    plain = CliRunner().invoke(command, arguments)
    assert plain.exit_code == 0 and "campus" in plain.output and "AUC" in plain.output
    data = json.loads(CliRunner().invoke(command, [*arguments, "--json"]).output)
    assert data["levels"][1] == {
        "level": "high",
        "flagged": 4,
        "precision": 0.75,
        "recall": 0.5,
        "honest_flagged": 1,
        "honest_share": 0.25,
    }
