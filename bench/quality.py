"""How good the rings and scores are, on simulated populations and on the P2P data, with the usual methods beside.

    python bench/quality.py --data simulated --seeds 5

Events go through the real product: its own engine, ingest, detection, scores. The last line is one JSON object; its
figures are means over the seeds: auc, average_precision; precision, recall and honest_flagged (the share of honest
accounts) at level high and above; kept_ids (only --data daily: the share of accounts in rings that have the same ring
id a day and 1.5 % new accounts later).
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from baselines import BASELINES, read_links
from next_week import FALSE_POSITIVES, next_week
from p2p_events import DATA, available, write_p2p
from product import Product, product

from service.evaluation.evaluate import Report, evaluate
from service.evaluation.metrics import auc, average_precision, recall_at
from service.evaluation.tables import as_scores, read_truth
from service.simulation.populations import ACCOUNTS, POPULATIONS
from service.simulation.simulate import simulate

NAMES = {"simulated": "main", "simulated-hard": "hard"}  # the other populations go by their own names
CHOICES = ("p2p", *NAMES, *(name for name in POPULATIONS if name not in NAMES.values()))
FEW_FALSE = 0.001  # share of honest accounts at which methods are compared


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of the product on one population."""

    seed: int
    report: Report
    recall_few_false: float | None
    kept_ids: float | None
    next_week: dict[str, float]
    detect_s: float
    gds_s: float


def run_once(data: str, seed: int, accounts: int, p2p: Path, folder: Path) -> Outcome:
    """Makes the population in `folder`, runs the product on it, and leaves its scores there."""
    if data == "p2p":
        write_p2p(p2p, folder)
    else:
        simulate(folder, seed, NAMES.get(data, data), accounts)
    with product() as ours:
        ours.ingest(folder / "events.parquet")
        done = ours.detect()
        scores = ours.scores()
        unseen = {} if data == "p2p" else next_week(ours, folder / "signups_next.parquet")
        kept = _kept_ids(ours, scores, folder) if data == "daily" else None
    scores.write_parquet(folder / "scores.parquet")
    truth = read_truth(folder / "truth.parquet")
    judged = as_scores(scores, folder / "scores.parquet")
    joined = truth.join(judged, on="account_id", how="left").fill_null(0)
    few = recall_at(joined["score"].to_numpy(), (joined["label"] == "fraud").to_numpy(), FEW_FALSE)
    return Outcome(seed, evaluate(judged, truth), few, kept, unseen, done.seconds, done.gds_seconds)


def _kept_ids(ours: Product, before: pl.DataFrame, folder: Path) -> float | None:
    """Share of the accounts in rings that are in a ring of the same id after the next day's events and a new run."""
    ours.ingest(folder / "next_day.parquet")
    ours.detect()
    after = ours.scores().select("id", later="ring")
    members = before.filter(pl.col("ring").is_not_null()).join(after, on="id", how="left")
    return (
        float((members["ring"] == members["later"]).fill_null(False).sum() / members.height) if members.height else None
    )


def baseline_rows(folder: Path) -> list[list[object]]:
    """Name, AUC, average precision and recall at few false positives of each usual method, on the same events."""
    links = read_links(pl.read_parquet(folder / "events.parquet"))
    truth = read_truth(folder / "truth.parquet")
    numbered = truth.join(pl.DataFrame({"account_id": links.ids}).with_row_index("n"), on="account_id", how="left")
    fraud = (numbered["label"] == "fraud").to_numpy()
    place = numbered["n"].fill_null(links.accounts).to_numpy()
    rows: list[list[object]] = []
    for name, method in BASELINES.items():
        score = np.append(method(links), 0.0)[place]
        rows.append([name, auc(score, fraud), average_precision(score, fraud), recall_at(score, fraud, FEW_FALSE)])
    return rows


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A plain table, the first column to the left."""
    texts = [list(columns), *[[_text(value) for value in row] for row in rows]]
    widths = [max(len(row[place]) for row in texts) for place in range(len(columns))]
    for row in texts:
        cells = [
            text.ljust(width) if not place else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells))
    print()


def print_outcome(outcome: Outcome) -> None:
    """What one run found and what it got wrong."""
    report = outcome.report
    levels = [
        [at.level, at.flagged, at.precision, at.recall, at.honest_flagged, at.honest_share] for at in report.levels
    ]
    print_table(["level and above", "flagged", "precision", "recall", "honest", "of honest"], levels)
    if outcome.next_week:
        recalls = ", ".join(f"{name} {recall:.3f}" for name, recall in outcome.next_week.items())
        print(f"signups of the next 7 days, recall at {FALSE_POSITIVES:.0%} false positives: {recalls}\n")
    campaigns = [
        [c.campaign, c.accounts, c.flagged_high, c.in_rings, c.captured, c.pieces] for c in report.campaigns[:8]
    ]
    if campaigns:
        print_table(["campaign", "accounts", "flagged high", "in rings", "in its ring", "pieces"], campaigns)
    wrong = [
        [kind, row["accounts"], row["flagged_high"], row["in_rings"]]
        for kind, row in report.honest_by_kind.items()
        if row["flagged_high"] or row["in_rings"]
    ]
    if wrong:
        print_table(["honest kind", "accounts", "flagged high", "in rings"], wrong)
    print(f"{report.rings} rings, {report.honest_rings} mostly honest; {report.honest_in_rings} honest in rings\n")


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.mean(known)), 5) if known else None


def figures(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The last line: means over the seeds."""
    high = [outcome.report.at("high") for outcome in outcomes]
    return {
        "auc": _mean([o.report.auc for o in outcomes]),
        "average_precision": _mean([o.report.average_precision for o in outcomes]),
        "precision": _mean([at.precision for at in high]),
        "recall": _mean([at.recall for at in high]),
        "honest_flagged": _mean([at.honest_share for at in high]),
        "kept_ids": _mean([o.kept_ids for o in outcomes]),
        "recall_at_0.001_honest": _mean([o.recall_few_false for o in outcomes]),
        "next_week_recall": _mean([o.next_week.get("all") for o in outcomes]),
        "captured_by_half": _mean([o.report.captured_by_half for o in outcomes]),
        "pieces": max((c.pieces for o in outcomes for c in o.report.campaigns), default=None),
        "honest_rings": _mean([float(o.report.honest_rings) for o in outcomes]),
        "detect_s": _mean([o.detect_s for o in outcomes]),
    }


def main() -> None:
    """Runs the bench; see the top of the file."""
    parser = argparse.ArgumentParser(description="Quality of rings and scores.")
    parser.add_argument("--data", choices=CHOICES, default="simulated")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, from 1")
    parser.add_argument("--accounts", type=int, default=ACCOUNTS, help="of a simulated population")
    parser.add_argument("--p2p", type=Path, default=DATA, help="folder of the P2P data")
    parser.add_argument("--no-baselines", action="store_true")
    parser.add_argument("--out", type=Path, help="keep events, truth, scores and reports of each seed there")
    args = parser.parse_args()
    reason = available(args.p2p) if args.data == "p2p" else None
    if reason:
        print(f"skipped: {reason}")
        print(json.dumps({"skipped": reason}))
        return
    seeds = range(1, 2 if args.data == "p2p" else args.seeds + 1)
    with tempfile.TemporaryDirectory(prefix="ringsight-quality-") as temporary:
        folders = [(args.out or Path(temporary)) / f"{args.data}-{seed}" for seed in seeds]
        outcomes = [_run(args, seed, folder) for seed, folder in zip(seeds, folders, strict=True)]
        if not args.no_baselines:
            _compare(args.data, outcomes[0], folders[0])
    summary = [
        [
            o.seed,
            o.report.auc,
            o.report.average_precision,
            o.report.at("high").precision,
            o.report.at("high").recall,
            o.report.at("high").honest_share,
            o.kept_ids,
            o.detect_s,
        ]
        for o in outcomes
    ]
    columns = ["seed", "AUC", "AP", "precision", "recall", "of honest", "kept ids", "detect s"]
    print_table(columns, summary)
    print(json.dumps({"data": args.data, "seeds": len(outcomes), **figures(outcomes)}))


def _run(args: argparse.Namespace, seed: int, folder: Path) -> Outcome:
    folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    outcome = run_once(args.data, seed, args.accounts, args.p2p, folder)
    (folder / "report.json").write_text(json.dumps(asdict(outcome.report), indent=2) + "\n")
    print(f"== {args.data}, seed {seed}: {outcome.report.accounts} accounts, {time.monotonic() - started:.0f} s in all")
    print_outcome(outcome)
    return outcome


def _compare(data: str, outcome: Outcome, folder: Path) -> None:
    ours = ["ringsight", outcome.report.auc, outcome.report.average_precision, outcome.recall_few_false]
    print(f"== {data}, seed {outcome.seed}: beside the usual methods")
    print_table(["method", "AUC", "AP", f"recall at {FEW_FALSE:.1%} of honest"], [ours, *baseline_rows(folder)])


if __name__ == "__main__":
    main()
