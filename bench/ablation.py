"""What each part of detection is worth: the same populations with one part left out or changed at a time.

    python bench/ablation.py --accounts 22400 --seeds 2

No engine: igraph groups in place of GDS (bench/engine_free.py). Precision (P), recall (R) and the share of honest
accounts flagged, in %, at level high and above; means over the seeds. The last line is one JSON object: P, R and the
honest share of the whole method and of each change, by population.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from engine_free import Loaded, detect, load, scores
from quality import print_table

from service.detection import parameters
from service.detection.scoring.result import ScoringResult
from service.evaluation.evaluate import evaluate
from service.evaluation.tables import read_truth
from service.simulation.simulate import simulate

POPULATIONS = ("main", "hard", "timing", "small-rings", "none")
NEVER = 10**9


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the table: weights that are set to something else, and how detection is run."""

    name: str
    values: dict[str, Any]
    run: Callable[[Loaded], ScoringResult] = lambda loaded: detect(loaded.snapshot)


def changes() -> list[Change]:
    """The whole method first."""
    evidence, ip, rings = parameters.EVIDENCE, parameters.EVIDENCE.priors, parameters.RING_WEIGHTS
    return [
        Change("all of it", {}),
        *[Change(f"without {code}", {"RING_WEIGHTS": {**rings, code: 0.0}}) for code in rings],
        Change("no birth windows", {"EVIDENCE": replace(evidence, minimum=NEVER, birth_minimum=NEVER)}),
        Change("no static evidence", {"EVIDENCE": replace(evidence, static_most=0.0)}),
        Change("no bursts", {"STEP": replace(parameters.STEP, burst_middle=NEVER)}),
        Change("no surges", {"SURGE": replace(parameters.SURGE, minimum=NEVER)}),
        Change("no likeness to the ring", {"BELONGING": 0.0}),
        Change("members by their ring alone", {"BELONGING": 0.0, "BELONGING_BASE": NEVER}),
        Change("shares as they are", {"SHRINK": 1e-9}),
        Change("IP prior 0.3", {"EVIDENCE": replace(evidence, priors={**ip, "ip": 0.3})}),
        Change("IP prior 1.0", {"EVIDENCE": replace(evidence, priors={**ip, "ip": 1.0})}),
        Change("no soft view", {}, lambda loaded: detect(loaded.snapshot, ("pruned",))),
        Change("no pruned view", {}, lambda loaded: detect(loaded.snapshot, ("soft",))),
        Change("fragments left in", {"GROUPS": replace(parameters.GROUPS, fragment_tie=0.0)}),
        Change("no ties by cards and devices", {}, lambda loaded: detect(loaded.snapshot, tied=False)),
    ]  # fmt: skip


@contextmanager
def changed(values: dict[str, Any]) -> Iterator[None]:
    """Weights with other values, for a while."""
    before = {name: getattr(parameters, name) for name in values}
    try:
        for name, value in values.items():
            setattr(parameters, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(parameters, name, value)


def measure(names: list[str], seeds: int, accounts: int) -> dict[str, dict[str, list[float | None]]]:
    """Precision, recall and honest share (%) by change and population."""
    table: dict[str, dict[str, list[list[float | None]]]] = {}
    for name in names:
        for seed in range(1, seeds + 1):
            with tempfile.TemporaryDirectory(prefix="ringsight-ablation-") as folder:
                simulate(Path(folder), seed, name, accounts)
                loaded, truth = load(Path(folder) / "events.parquet"), read_truth(Path(folder) / "truth.parquet")
            for change in changes():
                with changed(change.values):
                    high = evaluate(scores(loaded, change.run(loaded)), truth).at("high")
                honest = None if high.honest_share is None else 100 * high.honest_share
                table.setdefault(change.name, {}).setdefault(name, []).append([high.precision, high.recall, honest])
    return {
        change: {name: [_mean(column) for column in zip(*runs, strict=True)] for name, runs in row.items()}
        for change, row in table.items()
    }


def _mean(values: tuple[float | None, ...]) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.mean(known)), 4) if known else None


def main() -> None:
    """Runs the bench; see the top of the file."""
    parser = argparse.ArgumentParser(description="What each part of detection is worth.")
    parser.add_argument("--accounts", type=int, default=22_400)
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, from 1")
    parser.add_argument("--data", nargs="+", choices=POPULATIONS, default=list(POPULATIONS))
    args = parser.parse_args()
    table = measure(args.data, args.seeds, args.accounts)
    columns = ["", *[f"{name} {figure}" for name in args.data for figure in ("P", "R", "honest %")]]
    print_table(columns, [[change, *[x for name in args.data for x in row[name]]] for change, row in table.items()])
    print(json.dumps({"accounts": args.accounts, "seeds": args.seeds, "changes": table}))


if __name__ == "__main__":
    main()
