"""What each part of detection is worth, on random worlds that were never fitted on and on real data.

    python bench/ablation.py [--worlds 20] [--data DIRECTORY]

One part is left out at a time: a term of the model (its value stays what it is on the whole), a view, a kind of
evidence. No engine: igraph groups in place of GDS's (bench/engine_free.py). For each set the log loss (nats an account)
and the average precision, and what leaving a part out adds to them: a part that is worth something adds to the loss and
takes from the precision. The last line is one JSON object: loss and average precision by change and set."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from engine_free import VIEWS, Loaded, detect, load, load_world
from worlds import FIRST_SEED, SHARED, Flags, Floats

from service.detection import parameters
from service.detection.scoring import candidates, result, terms
from service.detection.scoring.model import Model, Table, Tables, model
from service.evaluation.metrics import average_precision

NEVER = 10**9
LEAST_RISK = 1e-4  # a risk below counts as this, so that one account does not weigh more than all others


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the table: weights that are set to something else, and how detection is run."""

    name: str
    values: dict[str, Any]
    run: Callable[[Loaded], Floats] = lambda loaded: detect(loaded.snapshot).risk


@dataclass(frozen=True, slots=True)
class Judged:
    """Files of events as snapshots, with who is fake and who is judged at all (N each)."""

    loaded: Loaded
    fake: Flags
    judged: Flags


def changes() -> list[Change]:
    """The whole method first."""
    evidence = parameters.EVIDENCE
    without_view = [
        Change(f"no {name} view", {}, lambda loaded, name=name: _views_but(loaded, name))  # type: ignore[misc]
        for name in VIEWS
    ]
    return [
        Change("all of it", {}),
        *[Change(f"ring without {code}", {"model": _without("rings", code)}) for code in terms.RINGS],
        *[Change(f"account without {code}", {"model": _without("accounts", code)}) for code in terms.ACCOUNTS],
        Change("no birth windows", {"EVIDENCE": replace(evidence, minimum=NEVER, birth_minimum=NEVER)}),
        Change("no static evidence", {"EVIDENCE": replace(evidence, static_most=0.0)}),
        Change("no bursts", {"STEP": replace(parameters.STEP, burst_middle=NEVER)}),
        Change("no surges", {"SURGE": replace(parameters.SURGE, minimum=NEVER)}),
        *without_view,
        Change("fragments left in", {"GROUPS": replace(parameters.GROUPS, fragment_tie=0.0)}),
        Change("no ties by cards and devices", {}, lambda loaded: detect(loaded.snapshot, tied=False).risk),
    ]


def _views_but(loaded: Loaded, name: str) -> Floats:
    return detect(loaded.snapshot, tuple(view for view in VIEWS if view != name)).risk


def _without(table: str, code: str) -> Model:
    """The model with a term's value as it is on the whole, whatever the fact, in the tables that have it."""
    return replace(
        model(),
        with_addresses=_table_without(model().with_addresses, table, code),
        without_addresses=_table_without(model().without_addresses, table, code),
    )


def _table_without(tables: Tables, table: str, code: str) -> Tables:
    found: Table = getattr(tables, table)
    if code not in found.terms:
        return tables
    rest = {name: steps for name, steps in found.terms.items() if name != code}
    return replace(tables, **{table: Table(found.base + found.terms[code].usual, rest)})  # type: ignore[arg-type]


@contextmanager
def changed(values: dict[str, Any]) -> Iterator[None]:
    """Parameters, or the model, with other values, for a while."""
    before = {name: getattr(parameters, name) for name in values if name != "model"}
    try:
        for name, value in values.items():
            if name == "model":
                for module in (candidates, result):
                    setattr(module, "model", lambda value=value: value)  # noqa: B010
            else:
                setattr(parameters, name, value)
        yield
    finally:
        for module in (candidates, result):
            setattr(module, "model", model)  # noqa: B010
        for name, value in before.items():
            setattr(parameters, name, value)


def sets_of(worlds: int, accounts: int, data: Path) -> dict[str, list[Judged]]:
    """Random worlds by seeds that are for judging, and what there is of the real sets."""
    random = []
    for seed in range(FIRST_SEED, FIRST_SEED + worlds):
        loaded, fake = load_world(seed, accounts)
        random.append(Judged(loaded, fake, np.ones(len(fake), bool)))
    found = {"random": random}
    for name in ("hop", "ecom"):
        if (data / name / "events.parquet").is_file():
            loaded = load(data / name / "events.parquet")
            truth = pl.read_parquet(data / name / "truth.parquet").select("account_id", "split")
            split = pl.DataFrame({"account_id": loaded.ids}).join(
                truth, on="account_id", how="left", maintain_order="left"
            )["split"]
            known = split.is_not_null() & (split != "auto")
            found[name] = [Judged(loaded, (split == "community").fill_null(False).to_numpy(), known.to_numpy())]
        else:
            print(f"left out: {data / name} has no events.parquet")
    return found


def figures(sets: dict[str, list[Judged]], run: Callable[[Loaded], Floats]) -> dict[str, tuple[float, float]]:
    """Log loss and average precision by set, over all accounts of it."""
    found = {}
    for name, parts in sets.items():
        risk = np.concatenate([run(part.loaded)[part.judged] for part in parts])
        fake = np.concatenate([part.fake[part.judged] for part in parts])
        bounded = np.clip(risk, LEAST_RISK, 1 - LEAST_RISK)
        loss = -float(np.mean(np.where(fake, np.log(bounded), np.log1p(-bounded))))
        found[name] = (round(loss, 5), round(average_precision(risk, fake) or 0.0, 4))
    return found


def main() -> None:
    """Runs the bench; see the top of the file."""
    parser = argparse.ArgumentParser(description="What each part of detection is worth.")
    parser.add_argument("--worlds", type=int, default=20, help="random worlds, from the seeds for judging")
    parser.add_argument("--accounts", type=int, default=8_000, help="of each random world")
    parser.add_argument("--data", type=Path, default=SHARED / "data", help="folder of the real sets")
    args = parser.parse_args()
    sets = sets_of(args.worlds, args.accounts, args.data)
    table: dict[str, dict[str, tuple[float, float]]] = {}
    for change in changes():
        with changed(change.values):
            table[change.name] = figures(sets, change.run)
        whole = table["all of it"]
        cells = [
            f"{name} loss {row[0] - whole[name][0]:+.5f} precision {row[1] - whole[name][1]:+.4f}"
            for name, row in table[change.name].items()
        ]
        print(f"{change.name:32}", *cells, sep="  ")
        sys.stdout.flush()
    print(json.dumps({"worlds": args.worlds, "accounts": args.accounts, "changes": table}))


if __name__ == "__main__":
    main()
