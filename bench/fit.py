#!/usr/bin/env python3
"""Fits the model's tables: `python bench/fit.py` writes service/detection/scoring/model.json.

The worlds (fit_worlds.py) are random ones, each drawn from its own seed, and those of generators that others wrote
without knowing ours. Two pairs of tables are fitted: on worlds whose data tells addresses, where each generator weighs
the same, and on those without. The logit of a candidate ring is a sum of monotone curves, one for each term, fitted by
gradient boosting as steps and then drawn through the middles of these; so is that of an account, with its best group's
logit as one more fact. What is not known stays missing, and its learned value is never below the term's mean. Standard
errors are from a bootstrap over worlds; terms whose range is not above theirs are left out. Seeds from 9,001 on are
never used here: `bench/worlds.py` judges on those. Same arguments, same bytes. What decisions on signups go by stays as
it is: `bench/fit_signups.py` comes next."""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from fit_worlds import ACCOUNTS, RINGS, World, draw_other, draw_random

from service.detection.reading.snapshot import Floats, Ints
from service.detection.scoring import terms
from service.detection.scoring.membership import AS_MEMBER
from service.detection.scoring.model import FILE

OUT = Path(__file__).resolve().parents[1] / "service" / "detection" / "scoring" / FILE
OWN = tuple(code for code in ACCOUNTS if code not in AS_MEMBER)
MOST_RINGS = 1500  # of each world's honest ones, drawn; the others' weight is theirs
OTHERS = {"with_addresses": 2.0, "without_addresses": 0.2}
"""What all worlds of others weigh, against all random ones. With addresses, each of the three generators weighs the
same. Without, others' campaigns may be left with nothing that ties them, and too much of that hides what ties the rest.
Both by the rule of one standard error on a further generator (docs/adr/0026)."""
JUDGED_FROM = 9_001
RATE = 0.3  # part of each Newton step
RIDGE = 33.0  # accounts of all worlds that pull each step towards nothing
STEPS = 40  # at most, of each term
LEAST_RISE = 0.02  # nats that each curve rises by from end to end beyond what was learned: more ranks above less
LEAST_RANGE = 0.1  # nats between a term's lowest and highest value, below which it is worth nothing


def fit_steps(x: Floats, y: Floats, weight: Floats, codes: tuple[str, ...], rounds: int) -> dict[str, Any]:
    """The table of one additive model: base and, for each code, knots, values, unknown and usual.

    Cyclic gradient boosting of step functions (Lou, Caruana and Gehrke, Intelligible models for classification and
    regression, 2012): in turn, each term takes a part of Newton's step in each of its bins, is made monotone again
    (pool adjacent violators: Ayer and others, 1955), and the value of what is not known is kept at or above its mean.
    """
    weight = weight * (len(weight) / weight.sum())
    cuts = cuts_of(x)
    bins = []
    for column, edges in zip(x.T, cuts, strict=True):
        place = np.searchsorted(edges, column, "left")
        bins.append(np.where(np.isnan(column), len(edges) + 1, place))  # the last bin is what is not known
    size = [np.bincount(of, weight, len(edges) + 2) for of, edges in zip(bins, cuts, strict=True)]
    share = float(np.average(y, weights=weight))
    base = float(np.log(share / (1 - share)))
    z = np.full(len(y), base)
    steps = [np.zeros(len(edges) + 2) for edges in cuts]
    for _ in range(rounds):
        for place, of in enumerate(bins):
            p = 1 / (1 + np.exp(-z))
            pull = np.bincount(of, weight * (y - p), len(steps[place]))
            stiff = np.bincount(of, weight * p * (1 - p), len(steps[place])) + RIDGE
            new = steps[place] + RATE * (pull - RIDGE * steps[place]) / stiff
            new[:-1] = rising(np.asarray(new[:-1], np.float64), np.asarray(stiff[:-1], np.float64))
            new -= np.average(new, weights=size[place])  # what all have in common belongs to the base
            known = size[place][:-1]
            if known.any():
                new[-1] = max(new[-1], np.average(new[:-1], weights=known))
            z += (new - steps[place])[of]
            steps[place] = new
        p = 1 / (1 + np.exp(-z))
        shift = float(np.sum(weight * (y - p)) / np.sum(weight * p * (1 - p)))
        base, z = base + shift, z + shift
    found = [curve_through(column, of, new, weight) for column, of, new in zip(x.T, bins, steps, strict=True)]
    return {"base": base, "terms": dict(zip(codes, found, strict=True))}


def curve_through(fact: Floats, of: Ints, steps: Floats, weight: Floats) -> dict[str, Any]:
    """A term as straight lines between the middles of its bins: the mean fact of each (by weight), with its step."""
    known = ~np.isnan(fact)
    count = np.bincount(of[known], weight[known], len(steps) - 1)
    total = np.bincount(of[known], weight[known] * fact[known], len(steps) - 1)
    kept = np.flatnonzero(count > 0)
    knots, unknown = total[kept] / count[kept], float(steps[-1])
    values = steps[kept] + LEAST_RISE * (np.linspace(0, 1, len(kept)) - 0.5)
    usual = float(np.average(along(fact, knots, values, unknown), weights=weight))
    return {"knots": knots, "values": values, "unknown": unknown, "usual": usual}


def along(fact: Floats, knots: Floats, values: Floats, unknown: float) -> Floats:
    """What a term adds, as the product reads it."""
    line = np.interp(fact, knots, values) if len(knots) else np.zeros(len(fact))
    return np.where(np.isnan(fact), unknown, line)


def rising(values: Floats, weight: Floats) -> Floats:
    """The nearest values (weighted least squares) that never fall."""
    blocks: list[list[float]] = []  # mean, weight, length
    for value, heavy in zip(values.tolist(), weight.tolist(), strict=True):
        blocks.append([value, heavy, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, more, count = blocks.pop()
            last = blocks[-1]
            last[0] = (last[0] * last[1] + mean * more) / (last[1] + more)
            last[1] += more
            last[2] += count
    return np.repeat([block[0] for block in blocks], [int(block[2]) for block in blocks])


def cuts_of(x: Floats) -> list[Floats]:
    """Where each fact's steps may lie: at quantiles of its known values, fine at both ends."""
    share = np.concatenate([np.linspace(0, 1, STEPS), 1 - np.geomspace(1e-4, 0.05, 12)])
    found = []
    for column in x.T:
        known = column[~np.isnan(column)]
        cuts = np.unique(np.quantile(known, share, method="nearest")) if len(known) else np.zeros(0)
        found.append(cuts[:-1])
    return found


def rings_of(worlds: list[World]) -> tuple[Floats, Floats, Floats]:
    """Candidates of all worlds as rows: facts, whether fake, weight (a candidate is both, by its share of fakes)."""
    xs, ys, ws = [], [], []
    for world in worlds:
        rng = np.random.default_rng(world.seed)
        clean = np.flatnonzero(world.fake_share == 0)
        kept = np.concatenate([np.flatnonzero(world.fake_share > 0), rng.permutation(clean)[:MOST_RINGS]]).astype(int)
        weight = world.ring_weight * np.where(world.fake_share == 0, max(len(clean) / MOST_RINGS, 1), 1.0)
        for flag, part in ((1.0, world.fake_share), (0.0, 1 - world.fake_share)):
            rows = kept[part[kept] > 0]
            xs.append(world.rings[rows])
            ys.append(np.full(len(rows), flag))
            ws.append(weight[rows] * part[rows])
    return np.concatenate(xs), np.concatenate(ys), np.concatenate(ws)


def logits(table: dict[str, Any], x: Floats, codes: tuple[str, ...]) -> Floats:
    """What the table says of these facts."""
    total = np.full(len(x), table["base"])
    for place, code in enumerate(codes):
        if code in table["terms"]:
            term = table["terms"][code]
            total += along(x[:, place].astype(np.float64), term["knots"], term["values"], term["unknown"])
    return total


def accounts_of(world: World, rings: dict[str, Any]) -> Floats:
    """Facts of the drawn accounts in each view (V, A, terms), with the logit of each one's ring."""
    logit = np.append(logits(rings, world.rings, RINGS), np.nan)
    x: Floats = world.accounts.copy()
    x[:, :, ACCOUNTS.index("ring")] = np.clip(logit, -terms.LOGIT_MOST, terms.LOGIT_MOST)[world.ring]
    return x


def best_of(x: Floats) -> Floats:
    """Each account as in the view where its ring's logit is highest."""
    score = np.nan_to_num(x[:, :, ACCOUNTS.index("ring")], nan=-99.0)
    return np.asarray(x[np.argmax(score, axis=0), np.arange(x.shape[1])])


def calibrated(table: dict[str, Any], worlds: list[World], rings: dict[str, Any]) -> dict[str, Any]:
    """The table scaled so that the largest risk of all views means what it says (Platt, 1999): two numbers by Newton's
    method."""
    most, y, w = [], [], []
    for world in worlds:
        x = accounts_of(world, rings)
        nothing = x[0].copy()
        nothing[:, [ACCOUNTS.index(code) for code in ACCOUNTS if code not in OWN]] = np.nan
        views = [logits(table, view, ACCOUNTS) for view in (*x, nothing)]
        most.append(np.max(views, axis=0))
        y.append(world.fake)
        w.append(world.weight)
    a, b = platt(np.concatenate(most), np.concatenate(y), np.concatenate(w))
    scaled = {
        code: term
        | {"values": np.asarray(term["values"]) * a, "unknown": term["unknown"] * a, "usual": term["usual"] * a}
        for code, term in table["terms"].items()
    }
    return {"base": table["base"] * a + b, "terms": scaled}


def platt(z: Floats, y: Floats, weight: Floats) -> tuple[float, float]:
    """Slope and intercept that make sigmoid(slope z + intercept) fit y best."""
    found = np.array([1.0, 0.0])
    for _ in range(25):
        p = 1 / (1 + np.exp(-(found[0] * z + found[1])))
        h = weight * p * (1 - p) + 1e-12
        gradient = np.array([np.sum(weight * (p - y) * z), np.sum(weight * (p - y))])
        hessian = np.array([[np.sum(h * z * z), np.sum(h * z)], [np.sum(h * z), np.sum(h)]])
        found = found - np.linalg.solve(hessian, gradient)
    return float(found[0]), float(found[1])


def fit(worlds: list[World], rounds: int) -> dict[str, Any]:
    """Both tables."""
    x, y, weight = rings_of(worlds)
    rings = fit_steps(x, y, weight, RINGS, rounds)
    parts = [best_of(accounts_of(world, rings)) for world in worlds]
    x = np.concatenate(parts)
    y = np.concatenate([world.fake for world in worlds])
    weight = np.concatenate([world.weight for world in worlds])
    accounts = fit_steps(x, y, weight, ACCOUNTS, rounds)
    return {"rings": rings, "accounts": calibrated(accounts, worlds, rings)}


def reach(term: dict[str, Any]) -> float:
    """Nats between a term's lowest and highest value; 0 of one that is known nowhere."""
    return float(np.ptp(term["values"])) if len(term["values"]) else 0.0


def merged(term: dict[str, Any]) -> dict[str, Any]:
    """A term without the knots inside of level stretches, in few digits."""
    values = np.round(np.asarray(term["values"]), 5)
    change = np.diff(values) != 0
    kept = np.flatnonzero(np.append(change, True) | np.append(True, change))
    knots = [float(f"{float(knot):.6g}") for knot in np.asarray(term["knots"])[kept]]
    rounded = {name: round(float(term[name]), 5) for name in ("unknown", "usual", "error")}
    return {"knots": knots, "values": values[kept].tolist(), **rounded}


def weighed(worlds: list[World], share: float) -> list[World]:
    """The same worlds, with all of others' together at this share of what all random ones weigh."""
    others = sum(world.other for world in worlds)
    factor = share * (len(worlds) - others) / max(others, 1)
    return [
        replace(world, ring_weight=world.ring_weight * factor, weight=world.weight * factor) if world.other else world
        for world in worlds
    ]


def fitted(name: str, worlds: list[World], rounds: int, bootstrap: int) -> dict[str, Any]:
    """A pair of tables as it is written, and a line for each term."""
    tables = fit(worlds, rounds)
    again = []
    for number in range(bootstrap):
        picked = np.random.default_rng(number).integers(0, len(worlds), len(worlds))
        again.append(fit([worlds[place] for place in picked], rounds // 2))
    written = {}
    for part in ("rings", "accounts"):
        for code, term in tables[part]["terms"].items():
            spans = [reach(other[part]["terms"][code]) for other in again]
            term["error"] = float(np.std(spans)) if spans else 0.0
            term["span"] = reach(term) - LEAST_RISE
            print(
                f"{name} {part:9} {code:18} {term['span']:6.2f} +- {term['error']:.2f}  unknown {term['unknown']:.2f}"
            )
        kept = {
            code: merged(term)
            for code, term in tables[part]["terms"].items()
            if term["span"] >= max(LEAST_RANGE, term["error"])
        }
        written[part] = {"base": round(tables[part]["base"], 3), "terms": kept}
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=2_000, help="random worlds")
    parser.add_argument("--others", type=int, default=600, help="worlds of others")
    parser.add_argument("--rounds", type=int, default=60, help="how often each term is fitted in turn")
    parser.add_argument("--bootstrap", type=int, default=8, help="fits on worlds drawn with replacement")
    parser.add_argument("--version", default="2026.11.11")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    if not 20 <= arguments.worlds < JUDGED_FROM:
        parser.error(f"--worlds takes 20 to {JUDGED_FROM - 1}: seeds from {JUDGED_FROM} on are for judging")
    if not 0 <= arguments.others < JUDGED_FROM:
        parser.error(f"--others takes 0 to {JUDGED_FROM - 1}: seeds from {JUDGED_FROM} on are for judging")
    started = time.monotonic()
    # Not forked: the threads of Polars do not survive that.
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        worlds = list(pool.map(draw_random, range(1, arguments.worlds + 1), chunksize=4))
        worlds += pool.map(draw_other, range(1, arguments.others + 1), chunksize=4)
    print(f"{len(worlds)} worlds in {time.monotonic() - started:.0f} s", flush=True)
    fakes = sum(float(world.fake @ world.weight) for world in worlds) / len(worlds)
    written: dict[str, Any] = {
        "version": arguments.version,
        "fitted_on": {
            "worlds": len(worlds), "random_seeds": [1, arguments.worlds], "of_others": arguments.others,
            "candidates": int(sum(len(w.rings) for w in worlds)), "mean_share_of_fakes": round(fakes, 4),
        },
    }  # fmt: skip
    for name, told in (("with_addresses", True), ("without_addresses", False)):
        chosen = weighed([world for world in worlds if world.addresses == told], OTHERS[name])
        written[name] = fitted(name, chosen, arguments.rounds, arguments.bootstrap)
    written["signups"] = json.loads(OUT.read_text())["signups"]  # as they were, until fit_signups.py is run
    arguments.out.write_text(json.dumps(written, indent=1) + "\n")
    print(f"{arguments.out.name} in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
