"""A simulated day, with an incremental pass every few minutes as the worker makes them, and then by a run of all of the
graph.

    python bench/incremental.py --data main --accounts 40000        what passes find of campaigns, and how soon
    python bench/incremental.py --data none --accounts 40000        honest people that they put into rings

For each ring that passes opened, how many of its signups there were when it was told; how many new accounts joined;
honest accounts in rings; and how far the run after it agrees on rings and scores. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
from product import Product, product

from service.detection.incremental import IncrementalDetector
from service.model.decision import LEVEL_FLOORS
from service.simulation.populations import POPULATIONS
from service.simulation.simulate import simulate

DAY = 330  # where there are no fakes
SETTLED = 60  # days of history that a run needs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=tuple(POPULATIONS), default="main")
    parser.add_argument("--accounts", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--day", type=int, help="of the simulated year; by default one with many new fakes")
    parser.add_argument("--minutes", type=int, default=15, help="between two passes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ringsight-incremental-") as folder, product() as ours:
        figures = one_day(ours, Path(folder), options)
    print(json.dumps({"data": options.data, "accounts": options.accounts, "day": options.day, **figures}))


def one_day(ours: Product, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Everything up to the day and a run; the day in parts, each with a pass; and a run."""
    simulate(folder, options.seed, options.data, options.accounts)
    truth = pl.read_parquet(folder / "truth.parquet").rename({"account_id": "id"})
    events = pl.read_parquet(folder / "events.parquet").sort("occurred_at")
    start = events["occurred_at"].dt.truncate("1d")[0]
    options.day = options.day or _busiest(events, truth, start)
    first = start + timedelta(days=options.day)
    ours.ingest(_write(folder, events.filter(pl.col("occurred_at") < first)))
    ours.detect()
    known = ours.scores()["id"]
    seconds, opened = [], []
    detector = IncrementalDetector(ours.graph)
    for part in range(24 * 60 // options.minutes):
        begin = first + timedelta(minutes=options.minutes * part)
        during = pl.col("occurred_at").is_between(begin, begin + timedelta(minutes=options.minutes), closed="left")
        some = events.filter(during)
        if some.height:
            ours.ingest(_write(folder, some))
            result = detector.detect_accounts(some["account_id"].unique().to_list())
            seconds.append(result.seconds)
            opened += [(ring, begin + timedelta(minutes=options.minutes)) for ring in result.rings]
    looked = ours.scores()
    ours.detect()
    new = looked.filter(~looked["id"].is_in(known.implode())).join(truth, on="id")
    both = new.join(ours.scores().select("id", "ring", "score"), on="id", suffix="_run")
    everyone = looked.join(truth, on="id")
    rings = [_ring(ring, at, everyone, events) for ring, at in opened]
    return {"looks": len(seconds), "look_s": round(statistics.median(seconds), 2), **compare(both), "rings": rings}


def compare(both: pl.DataFrame) -> dict[str, Any]:
    """New accounts of the day as passes left them and as the run found them."""
    honest, fakes = both.filter(label="legitimate"), both.filter(label="fraud")
    in_both = both.filter(pl.col("ring").is_not_null() & pl.col("ring_run").is_not_null())
    gap = (in_both["score"] - in_both["score_run"]).to_numpy()
    of_honest = honest.filter(pl.col("ring").is_not_null())
    return {
        "new_honest": honest.height,
        "honest_in_rings": of_honest.height,
        "honest_in_rings_run": honest.filter(pl.col("ring_run").is_not_null()).height,
        "honest_high": honest.filter(pl.col("score") >= 100 * LEVEL_FLOORS["high"]).height,
        "honest_kinds": dict(of_honest["kind"].value_counts().iter_rows()),
        "new_fakes": fakes.height,
        "fakes_in_rings": fakes.filter(pl.col("ring").is_not_null()).height,
        "fakes_in_rings_run": fakes.filter(pl.col("ring_run").is_not_null()).height,
        "same_ring": round(float(both["ring"].eq_missing(both["ring_run"]).mean() or 0), 4),  # type: ignore[arg-type]
        "score_gap_mean": round(float(gap.mean()), 1) if len(gap) else None,
        "score_gap_mean_of_size": round(float(abs(gap).mean()), 1) if len(gap) else None,
    }


def _busiest(events: pl.DataFrame, truth: pl.DataFrame, start: Any) -> int:
    """The day on which campaigns made most accounts."""
    fakes = truth.filter(label="fraud")["id"].implode()
    born = events.filter((pl.col("type") == "signup") & pl.col("account_id").is_in(fakes))
    days = born.select(day=(pl.col("occurred_at") - start).dt.total_days()).filter(pl.col("day") > SETTLED)
    counts = days.group_by("day").len().sort("len", "day")
    return int(counts["day"][-1]) if counts.height else DAY


def _ring(ring: str, at: Any, new: pl.DataFrame, events: pl.DataFrame) -> dict[str, Any]:
    """A ring that passes opened: its members at the end of the day, and how many of its signups there were when
    told."""
    members = new.filter(ring=ring)
    born = events.filter((pl.col("type") == "signup") & pl.col("account_id").is_in(members["id"].implode()))
    kinds = dict(members["kind"].value_counts().iter_rows())
    told_at = born.filter(pl.col("occurred_at") < at).height
    return {"ring": ring, "members": members.height, "signups_when_told": told_at, "kinds": kinds}


def _write(folder: Path, events: pl.DataFrame) -> Path:
    path = folder / "part.parquet"
    events.write_parquet(path)
    return path


if __name__ == "__main__":
    main()
