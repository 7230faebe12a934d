"""What labels are worth: the same population without labels, with 20, and with 5 % of the campaigns' days labelled.

    python bench/labels.py --data hard --seeds 3

Events go through the real product. All figures are of the accounts that nobody labelled, the same ones in every row.
As fraud are labelled all accounts that a campaign made on one in twenty of its days; as legitimate as many honest ones,
half of them those with the highest scores, which people would look at first, half at random. The last line is one JSON
object: means over the seeds of average precision, and of precision, recall and the share of honest accounts at level
high and above, without and with labels; `moved_by_20` is the most that a score of the rest changes by 20 labels.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from product import Product, product
from quality import NAMES, print_table

from service.evaluation.evaluate import evaluate
from service.evaluation.tables import as_scores, read_truth
from service.rings.actions import set_label
from service.simulation.populations import POPULATIONS
from service.simulation.simulate import simulate

DAYS_LABELLED = 0.05
FEW = 20
WAYS = ("no labels", f"{FEW} labels", "labels")
COLUMNS = ("average_precision", "precision", "recall", "honest_flagged")


@dataclass(frozen=True, slots=True)
class Labels:
    """Accounts to label as fraud and as legitimate."""

    fraud: list[str]
    legitimate: list[str]

    def few(self) -> Labels:
        """FEW of them, from all over."""
        half = FEW // 2
        return Labels(
            self.fraud[:: len(self.fraud) // half][:half], self.legitimate[:: len(self.legitimate) // half][:half]
        )


def choose(truth: pl.DataFrame, scores: pl.DataFrame, events: pl.DataFrame, seed: int) -> Labels:
    """Whom people label: see the top of the file."""
    born = events.group_by("account_id").agg(day=pl.col("occurred_at").min().dt.date())
    known = truth.join(born, on="account_id").join(scores.select(account_id="id", score="score"), on="account_id")
    known = known.sort("account_id")
    fakes = known.filter(pl.col("label") == "fraud")
    days = fakes.select("campaign", "day").unique().sort("campaign", "day")
    days = days.sample(max(1, round(DAYS_LABELLED * days.height)), seed=seed, shuffle=True)
    fraud = fakes.join(days, on=["campaign", "day"], how="semi")["account_id"].to_list()
    honest = known.filter(pl.col("label") == "legitimate")
    feared = honest.sort("score", "account_id", descending=True).head(len(fraud) // 2)
    rest = honest.join(feared, on="account_id", how="anti").sample(len(fraud) - feared.height, seed=seed)
    return Labels(fraud, [*feared["account_id"], *rest["account_id"]])


def figures(scores: pl.DataFrame, truth: pl.DataFrame) -> dict[str, float]:
    """The COLUMNS, of the accounts in `truth`."""
    report = evaluate(as_scores(scores, Path("scores")), truth)
    high = report.at("high")
    values = (report.average_precision, high.precision, high.recall, high.honest_share)
    return {name: float(value) for name, value in zip(COLUMNS, values, strict=True) if value is not None}


def run_once(data: str, seed: int, accounts: int, folder: Path) -> tuple[dict[str, dict[str, float]], float, float]:
    """The figures of each of the WAYS; the most that 20 labels move a score of the rest; seconds that labels add."""
    simulate(folder, seed, NAMES.get(data, data), accounts)
    events, truth = pl.read_parquet(folder / "events.parquet"), read_truth(folder / "truth.parquet")
    with product() as ours:
        ours.ingest(folder / "events.parquet")
        ours.detect()
        plain_run = ours.detect()  # the second run: the first has no rings that accounts stay in
        plain = ours.scores()
        labels = choose(truth, plain, events, seed)
        rest = truth.filter(~pl.col("account_id").is_in([*labels.fraud, *labels.legitimate]))
        few = _with(ours, labels.few())
        many = _with(ours, labels)
        seconds = ours.detect().seconds - plain_run.seconds
    print(f"== {data}, seed {seed}: {len(labels.fraud)} labelled fraud, {len(labels.legitimate)} legitimate")
    found = {way: figures(scores, rest) for way, scores in zip(WAYS, (plain, few, many), strict=True)}
    print_table(["of the rest", *COLUMNS], [[way, *row.values()] for way, row in found.items()])
    moved = rest.select(id="account_id").join(plain, on="id").join(few, on="id", suffix="_few")
    return found, float((moved["score"] - moved["score_few"]).abs().max() or 0.0), seconds  # type: ignore[arg-type]


def _with(ours: Product, labels: Labels) -> pl.DataFrame:
    for label, accounts in (("fraud", labels.fraud), ("legitimate", labels.legitimate)):
        set_label(ours.graph, accounts, label, "bench", "")
    ours.detect()
    return ours.scores()


def main() -> None:
    """Runs the bench; see the top of the file."""
    parser = argparse.ArgumentParser(description="What labels are worth.")
    parser.add_argument("--data", choices=[*NAMES, *POPULATIONS], default="hard")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, from 1")
    parser.add_argument("--accounts", type=int, default=22_400)
    args = parser.parse_args()
    outcomes = []
    for seed in range(1, args.seeds + 1):
        with tempfile.TemporaryDirectory(prefix="ringsight-labels-") as folder:
            outcomes.append(run_once(args.data, seed, args.accounts, Path(folder)))
    means = {
        way: {name: round(float(np.mean([found[way][name] for found, *_ in outcomes])), 5) for name in COLUMNS}
        for way in WAYS
    }
    result = {"data": args.data, "accounts": args.accounts, "seeds": args.seeds}
    moved = round(max(moved for _, moved, _ in outcomes), 3)
    seconds = round(float(np.mean([seconds for *_, seconds in outcomes])), 2)
    print(json.dumps({**result, **means, "moved_by_20": moved, "seconds_more": seconds}))


if __name__ == "__main__":
    main()
