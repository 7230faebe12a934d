"""One table over everything that detection is judged on, without an engine: the simulator's populations, the real
sets of `--data`, random worlds (also with one kind of identifier only), worlds of others (bench/others: `third` is
not fitted on) and textbook cases.

    python bench/worlds.py [--only hop,ecom,p2p,random,random-email,others-third,populations,cases] [--json FILE]

The last line is one JSON object. `candidate_recall`: of the fakes that share an identifier with another account, the
share in any candidate group; precision, recall and honest_flagged are at level high and above; ece: the expected
calibration error of the risk in ten bins of equal width, ece_suspects the same over accounts of risk 0.05 and more.
Nothing here is for fitting. What is absent is left out, and the reason is said."""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import engine_free
import numpy as np
import numpy.typing as npt
import polars as pl
from one_kind import KINDS, one_kind
from p2p_events import available, write_p2p

from service.detection.reading.snapshot import Snapshot
from service.evaluation.metrics import auc, average_precision
from service.model.decision import LEVEL_FLOORS
from service.simulation.populations import POPULATIONS
from service.simulation.simulate import simulate

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
BEFORE = ROOT / "bench" / "worlds-2026.11.5.json"
ONE_KIND = {f"random-{kind}": kind for kind in KINDS}
OTHERS = {f"others-{name}": name for name in ("first", "second", "third")}
PARTS = ("hop", "ecom", "p2p", "random", *ONE_KIND, *OTHERS, "populations", "cases")
HIGH = LEVEL_FLOORS["high"]
SUSPECT = 0.05
BINS = 10
FIRST_SEED = 9001  # of the random worlds for judging; fitting uses other seeds
COLUMNS = (
    "candidate_recall",
    "auc",
    "average_precision",
    "precision",
    "recall",
    "honest_flagged",
    "ece",
    "ece_suspects",
    "accounts_lost",
    "seconds",
)
Figures = dict[str, float | int | None]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scored:
    """Risk (0 to 1) by account; `candidate` and `shares` are null where the product was run."""

    table: pl.DataFrame  # account_id, risk, candidate, shares
    seconds: float


Scorer = Callable[[Path], Scored]


def without_engine(events: Path) -> Scored:
    """Scores a file of events with the product's rules and igraph's groups."""
    started = time.monotonic()
    loaded = engine_free.load(events)
    risk = engine_free.detect(loaded.snapshot).risk
    seconds = time.monotonic() - started
    candidate = np.zeros(len(risk), bool)
    for group in engine_free.candidates(loaded.snapshot):
        candidate |= group >= 0
    columns = {"account_id": loaded.ids, "risk": risk, "candidate": candidate, "shares": _shares(loaded.snapshot)}
    return Scored(pl.DataFrame(columns), seconds)


def through_product(events: Path) -> Scored:
    """Scores a file of events with the product and an engine of its own. Candidates are not known then."""
    from product import product

    started = time.monotonic()
    with product() as ours:
        ours.ingest(events)
        ours.detect()
        scores = ours.scores()
    nothing = pl.lit(None, pl.Boolean)
    table = scores.select(account_id="id", risk=pl.col("score") / 100, candidate=nothing, shares=nothing)
    return Scored(table, time.monotonic() - started)


def _shares(snapshot: Snapshot) -> Flags:
    """Whether each account shares any identifier with another."""
    links = np.unique(np.stack([snapshot.account, snapshot.identifier]), axis=1)
    users = np.bincount(links[1], minlength=snapshot.identifiers)
    shares = np.zeros(snapshot.accounts, bool)
    shares[links[0][users[links[1]] > 1]] = True
    return shares


def judge(scored: Scored, truth: pl.DataFrame) -> Figures:
    """The figures of one row. `truth`: account_id, fake. Accounts that ingest lost count with risk 0."""
    joined = truth.join(scored.table, on="account_id", how="left")
    lost = joined["risk"].null_count()
    risk = joined["risk"].fill_null(0.0).to_numpy()
    fake = joined["fake"].to_numpy()
    flagged = risk >= HIGH
    hits = int((flagged & fake).sum())
    reachable = joined.filter("fake", "shares")
    honest = int((~fake).sum())
    suspects = risk >= SUSPECT
    return {
        "candidate_recall": _share(int(reachable["candidate"].sum()), reachable.height),
        "auc": _round(auc(risk, fake)),
        "average_precision": _round(average_precision(risk, fake)),
        "precision": _share(hits, int(flagged.sum())),
        "recall": _share(hits, int(fake.sum())),
        "honest_flagged": _share(int((flagged & ~fake).sum()), honest),
        "ece": _round(calibration_error(risk, fake)),
        "ece_suspects": _round(calibration_error(risk[suspects], fake[suspects])),
        "accounts_lost": lost,
        "seconds": round(scored.seconds, 1),
    }


def calibration_error(risk: Floats, fake: Flags) -> float | None:
    """Mean over accounts of |mean risk - share of fakes| of their bin (Naeini and others, 2015). None if empty."""
    if not len(risk):
        return None
    place = np.minimum((risk * BINS).astype(np.int64), BINS - 1)
    gaps = np.abs(np.bincount(place, risk, BINS) - np.bincount(place, fake, BINS))
    return float(gaps.sum() / len(risk))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 5) if whole else None


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 5)


def _leave_out(part: str, reason: str) -> None:
    print(f"left out: {part}: {reason}", flush=True)


def real(name: str, data: Path, folder: Path, scorer: Scorer) -> Figures | None:
    """hop, ecom or p2p. Of hop the split `auto` is not judged: its truth was computed from these very links."""
    if name == "p2p":
        reason = available(data / name)
        if reason:
            _leave_out(name, reason)
            return None
        written = write_p2p(data / name, folder)
        truth = pl.read_parquet(written.truth).select("account_id", fake=pl.col("label") == "fraud")
        return judge(scorer(written.events), truth)
    paths = data / name / "events.parquet", data / name / "truth.parquet"
    if not all(path.is_file() for path in paths):
        _leave_out(name, f"{data / name} has no events.parquet and truth.parquet")
        return None
    truth = pl.read_parquet(paths[1]).filter(pl.col("split") != "auto")
    return judge(scorer(paths[0]), truth.select("account_id", fake=pl.col("split") == "community"))


def populations(accounts: int, folder: Path, scorer: Scorer) -> dict[str, Figures]:
    """The simulator's populations, seed 1."""
    rows = {}
    for name in POPULATIONS:
        place = folder / name
        simulate(place, 1, name, accounts)
        truth = pl.read_parquet(place / "truth.parquet").select("account_id", fake=pl.col("label") == "fraud")
        rows[name] = judge(scorer(place / "events.parquet"), truth)
    return rows


def random_worlds(worlds: int, accounts: int, folder: Path, scorer: Scorer, kind: str | None) -> Figures | None:
    """Random worlds that fitting does not use. `kind`: the only one that they have; None for all that each was drawn
    with."""
    try:
        module: Any = importlib.import_module("service.simulation.random_world")
    except ModuleNotFoundError as error:
        _leave_out("random", str(error))
        return None
    drawn = (module.random_world(seed, accounts) for seed in range(FIRST_SEED, FIRST_SEED + worlds))
    told = ((one_kind(world.events, kind) if kind else world.events, world.truth) for world in drawn)
    fake = pl.col("label") == "fraud"
    return pooled(((events, truth.select("account_id", fake=fake)) for events, truth in told), folder, scorer)


def worlds_of_others(name: str, worlds: int, accounts: int, folder: Path, scorer: Scorer) -> Figures | None:
    """Each world of a generator by others so often, with seeds that fitting does not use."""
    try:
        generator: Any = importlib.import_module(f"others.{name}")
    except ModuleNotFoundError as error:
        _leave_out(f"others-{name}", str(error))
        return None
    drawn = (generator.world(world, FIRST_SEED + n, accounts) for world in generator.NAMES for n in range(worlds))
    return pooled(((events, truth.select("account_id", "fake")) for events, truth in drawn), folder, scorer)


def pooled(drawn: Iterable[tuple[pl.DataFrame, pl.DataFrame]], folder: Path, scorer: Scorer) -> Figures:
    """Rates are pooled over all worlds' accounts (events; truth: account_id, fake); AUC and average precision are means
    over the worlds."""
    tables, truths, each = [], [], []
    for number, (told, truth) in enumerate(drawn):
        events = folder / "world.parquet"
        told.write_parquet(events)
        scored = scorer(events)
        each.append(judge(scored, truth))
        named = pl.format("{} {}", pl.lit(number), "account_id")
        tables.append(scored.table.with_columns(account_id=named))
        truths.append(truth.with_columns(account_id=named))
    seconds = sum(float(row["seconds"] or 0) for row in each)
    return judge(Scored(pl.concat(tables), seconds), pl.concat(truths)) | {
        name: _mean(row[name] for row in each) for name in ("auc", "average_precision")
    }


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.mean(known)), 5) if known else None


def cases(made_by: Path, folder: Path, scorer: Scorer) -> dict[str, Any]:
    """Textbook cases. A ring is right if 80 % of it is at high and at most 2 others; a clear one if at most 2 % are."""
    wrong, of = [], 0
    for name, expect, prefix, events in _written_cases(made_by, folder):
        flagged = scorer(events).table.select("account_id", high=pl.col("risk") >= HIGH)
        inside = pl.col("account_id").str.starts_with(prefix)
        share = float(flagged.filter(inside)["high"].cast(pl.Float64).mean() or 0)  # type: ignore[arg-type]
        others = int(flagged.filter(~inside)["high"].sum())
        of += 1
        if not (share >= 0.8 and others <= 2 if expect == "ring" else share <= 0.02):
            wrong.append(name)
            print(f"case {name}: expected {expect}; {share:.0%} of it at high, and {others} others", flush=True)
    return {"right": of - len(wrong), "of": of, "wrong": wrong}


def _written_cases(made_by: Path, folder: Path) -> Iterator[tuple[str, str, str, Path]]:
    """Name, what is expected, prefix of the accounts in question, file of events."""
    if made_by.is_file():
        subprocess.run([sys.executable, str(made_by), str(folder)], check=True, stdout=subprocess.DEVNULL)
        with (folder / "expected.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                yield row["case"], row["expect"], row["prefix"], folder / f"{row['case']}.jsonl"
    else:
        _leave_out("shared cases", f"{made_by} does not exist")
    sys.path.insert(0, str(ROOT))
    try:
        textbook: Any = importlib.import_module("tests.cases.textbook")
    except ModuleNotFoundError as error:
        _leave_out("tests/cases", str(error))
        return
    for case in textbook.CASES:
        path = folder / f"own-{case.name}.jsonl"
        textbook.write(case, path)
        yield case.name, case.expect, textbook.PREFIX, path


def print_rows(figures: dict[str, Any], before: dict[str, Any]) -> None:
    """A line for each row and, below it, the same of the earlier version."""
    print(f"{'':24}" + "".join(f"{name[:16]:>17}" for name in COLUMNS))
    earlier = dict(_flat(before))
    for name, row in _flat(figures):
        print(f"{name:24}" + "".join(f"{_text(row.get(column)):>17}" for column in COLUMNS))
        if name in earlier:
            print(f"{'  before':24}" + "".join(f"{_text(earlier[name].get(column)):>17}" for column in COLUMNS))
    for said, source in (("cases", figures), ("cases before", before)):
        if "cases" in source:
            done = source["cases"]
            print(f"{said}: {done['right']} of {done['of']} right; wrong: {', '.join(done['wrong']) or 'none'}")


def _flat(figures: dict[str, Any]) -> Iterator[tuple[str, Figures]]:
    for name, row in figures.items():
        if name == "populations":
            yield from row.items()
        elif name != "cases":
            yield name, row


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)


def main() -> None:
    """Runs the bench; see the top of the file."""
    parser = argparse.ArgumentParser(description="One table over everything that detection is judged on.")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--data", type=Path, default=SHARED / "data", help="folder of the real sets")
    parser.add_argument("--cases", type=Path, default=SHARED / "cases" / "make.py", help="writes the shared cases")
    parser.add_argument("--accounts", type=int, default=22_400, help="of each simulated population")
    parser.add_argument("--random", type=int, default=20, help="how many random worlds")
    parser.add_argument("--random-accounts", type=int, default=8_000, help="of each random world")
    parser.add_argument("--others", type=int, default=3, help="how many of each world of others (bench/others)")
    parser.add_argument("--through", choices=("rules", "product"), default="rules")
    parser.add_argument("--json", type=Path, help="write the last line there too")
    parser.add_argument("--before", type=Path, default=BEFORE, help="an earlier version's JSON, to print beside")
    args = parser.parse_args()
    only = args.only.split(",")
    if not set(only) <= set(PARTS):
        parser.error(f"--only takes some of {','.join(PARTS)}")
    scorer = through_product if args.through == "product" else without_engine
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="ringsight-worlds-") as temporary:
        folder = Path(temporary)
        for name in only:
            if name == "populations":
                figures[name] = populations(args.accounts, folder, scorer)
            elif name == "random" or name in ONE_KIND:
                kind = ONE_KIND.get(name)
                figures[name] = random_worlds(args.random, args.random_accounts, folder, scorer, kind)
            elif name in OTHERS:
                figures[name] = worlds_of_others(OTHERS[name], args.others, args.random_accounts, folder, scorer)
            elif name == "cases":
                figures[name] = cases(args.cases, folder, scorer)
            else:
                figures[name] = real(name, args.data, folder, scorer)
            print(f"{name}: {json.dumps(figures[name])}", flush=True)
    figures = {name: row for name, row in figures.items() if row is not None}
    print_rows(figures, json.loads(args.before.read_text()) if args.before.is_file() else {})
    line = json.dumps(figures)
    if args.json:
        args.json.write_text(line + "\n")
    print(line)


if __name__ == "__main__":
    main()
