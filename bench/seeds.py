"""How good rings and scores are over many populations and seeds, at level high and above.

    python bench/seeds.py --accounts 224000 --seeds 5

No engine: igraph groups in place of GDS (bench/engine_free.py), so that it takes half a minute a seed at full size;
`bench/quality.py` sends one population through the whole product, with the usual methods beside. `half` is the share of
campaigns of which one ring holds half or more, `pieces` the most rings that one campaign is in. The last line is one
JSON object: the means over the seeds, by population.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from engine_free import detect, load, scores
from quality import print_table

from service.evaluation.evaluate import Report, evaluate
from service.evaluation.tables import read_truth
from service.simulation.populations import ACCOUNTS, POPULATIONS
from service.simulation.simulate import simulate

COLUMNS = ("precision", "recall", "honest %", "AUC", "AP", "half", "pieces", "rings", "honest rings")
MOST_KINDS = 5  # of honest accounts that are flagged, named beside each seed

Row = list[float | None]


def measure(name: str, seed: int, accounts: int) -> Report:
    """What detection finds on one population."""
    with tempfile.TemporaryDirectory(prefix="ringsight-seeds-") as folder:
        simulate(Path(folder), seed, name, accounts)
        loaded, truth = load(Path(folder) / "events.parquet"), read_truth(Path(folder) / "truth.parquet")
    return evaluate(scores(loaded, detect(loaded.snapshot)), truth)


def row_of(report: Report) -> Row:
    """The figures of COLUMNS."""
    high = report.at("high")
    return [
        high.precision,
        high.recall,
        None if high.honest_share is None else 100 * high.honest_share,
        report.auc,
        report.average_precision,
        report.captured_by_half,
        float(max((campaign.pieces for campaign in report.campaigns), default=0)),
        float(report.rings),
        float(report.honest_rings),
    ]


def wrong(report: Report) -> str:
    """The kinds of honest accounts that are flagged most."""
    flagged = {kind: row["flagged_high"] for kind, row in report.honest_by_kind.items() if row["flagged_high"]}
    worst = sorted(flagged.items(), key=lambda pair: -pair[1])[:MOST_KINDS]
    return ", ".join(f"{kind} {count}" for kind, count in worst)


def mean(rows: list[Row]) -> Row:
    """Column by column, without what is missing."""
    columns = [[value for value in column if value is not None] for column in zip(*rows, strict=True)]
    return [round(float(np.mean(known)), 5) if known else None for known in columns]


def main() -> None:
    """Runs the bench; see the top of the file."""
    parser = argparse.ArgumentParser(description="Quality over many populations and seeds.")
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds, from 1")
    parser.add_argument("--data", nargs="+", choices=list(POPULATIONS), default=list(POPULATIONS))
    args = parser.parse_args()
    means = {}
    for name in args.data:
        reports = [measure(name, seed, args.accounts) for seed in range(1, args.seeds + 1)]
        rows = [row_of(report) for report in reports]
        means[name] = mean(rows)
        seeds = [[f"{name} {seed + 1}", *row, wrong(reports[seed])] for seed, row in enumerate(rows)]
        print_table(["", *COLUMNS, "honest accounts flagged"], [*seeds, [f"{name} mean", *means[name], ""]])
    figures = {name: dict(zip(COLUMNS, row, strict=True)) for name, row in means.items()}
    print(json.dumps({"accounts": args.accounts, "seeds": args.seeds, "populations": figures}))


if __name__ == "__main__":
    main()
