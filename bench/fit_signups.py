#!/usr/bin/env python3
"""Fits what decisions on signups go by: `python bench/fit_signups.py` writes `signups` into the model's table.

Each random world is cut at a moment at which 50 to 90 % of its accounts were made. What was before is detected on, with
the fitted table and without an engine; the signups of the week after are judged as a server would at their time, by
what a run leaves on their identifiers and by who came to these since. For each role of an identifier and each source
of a share of fakes (births, ring, burst) one number from 0 to 1 is fitted, so that 1 - prod(1 - the largest lambda q of
each identifier) has the largest likelihood; each world weighs the same. `--judge` shows what the table in use makes of
worlds that were not used. Same arguments, same bytes; run it after bench/fit.py."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any

import numpy as np
import polars as pl
from engine_free import detect, load_frame, views_of
from fit import OUT

from service.decisions.signup_risk import shares_of
from service.detection.publishing.rows import base_risk
from service.detection.reading.snapshot import Floats, Ints
from service.detection.scoring.model import model
from service.detection.scoring.result import birth_sums
from service.model.evidence import IdentifierEvidence, RingSummary, RunInfo
from service.model.kinds import kinds
from service.simulation.random_draws import log_uniform
from service.simulation.random_world import random_world

FIRST_SEED, JUDGED_FROM = 7_001, 9_101
WEEK_S, DAY_S, SOON_S = 7 * 86_400, 86_400, 600
MOST_SIGNUPS = 1_500  # of a world
FIELDS = {"payment_method": "payment_fingerprint", "device": "device_id", "ip": "ip"}
ROLES, SOURCES = ("strong", "place"), ("births", "ring", "burst")
GRID = np.linspace(0, 1, 51)
LEAST = 1e-3  # a risk below, or above its complement, counts as this
Evidence = dict[tuple[str, str], IdentifierEvidence]


@dataclass(frozen=True, slots=True)
class Signups:
    """N signups of worlds: fake (N), weight (N), and for I identifiers of them the signup (I) and q (I, 6; by role and
    source, 0 where it is of the other role)."""

    fake: Floats
    weight: Floats
    signup: Ints
    q: Floats


def left_by_a_run(before: pl.DataFrame) -> tuple[Evidence, RunInfo]:
    """What a run over these events leaves on each identifier (by kind and value), and the run."""
    loaded = load_frame(before)
    found = detect(loaded.snapshot)
    full = views_of(loaded.snapshot)[1]
    run = RunInfo("fit", full.now, base_risk(full.now - full.created, found.risk), model().version)
    sums = pl.DataFrame(
        dict(zip(("node", "h", "hp"), (full.identifier_node, *birth_sums(full, found.risk)), strict=True))
    )
    people = pl.DataFrame({"account_id": loaded.ids, "ring": found.ring})
    links = (
        pl.concat(
            before.select("account_id", pl.lit(kind).alias("kind"), pl.col(field).alias("value"))
            for kind, field in FIELDS.items()
        )
        .drop_nulls()
        .unique()
    )
    # As load_frame numbers them: accounts first, then identifiers by their names.
    rank = pl.concat_str("kind", pl.lit(" "), "value").rank("dense").cast(pl.Int64)
    links = links.with_columns(node=rank + len(loaded.ids)).join(people, on="account_id")
    by = ["node", "kind", "value"]
    rings = (
        links.filter(pl.col("ring") >= 0)
        .group_by("node", "ring")
        .len()
        .sort("node", "len", "ring", descending=[False, True, False])
    )
    table = (
        links.group_by(by)
        .len("k")
        .join(sums, on="node")
        .join(rings.unique("node", keep="first"), on="node", how="left")
    )
    size = np.bincount(found.ring[found.ring >= 0], minlength=1)
    left: Evidence = {}
    for _, kind, value, k, h, hp, ring, members in table.sort(by).iter_rows():
        evidence = IdentifierEvidence(kind, True, accounts=k, k=k, sum_h=h, sum_hp=hp, at=full.now)
        if ring is not None:
            score = 100 * float(found.rings.ring_score[ring])
            evidence.ring, evidence.ring_members = RingSummary(str(ring), score, "", int(size[ring]), "open"), members
        left[kind, value] = evidence
    return left, run


def signups_after(events: pl.DataFrame, cut: int) -> list[tuple[str, int, list[tuple[str, str]]]]:
    """Account, time (epoch seconds) and identifiers of the signups of the week after a moment, in order of time."""
    second = pl.col("occurred_at").dt.epoch("s")
    born = (
        events.group_by("account_id")
        .agg(born=second.min())
        .filter(pl.col("born").is_between(cut, cut + WEEK_S, "right"))
    )
    first = events.join(born, on="account_id").filter(second == pl.col("born"))
    found = []
    for (account,), rows in first.sort("born", "account_id").group_by("account_id", maintain_order=True):
        used = {(kind, value) for kind, field in FIELDS.items() for value in rows[field].drop_nulls()}
        found.append((str(account), int(rows["born"][0]), sorted(used)))
    return found[:MOST_SIGNUPS]


def signups_of(seed: int) -> Signups:
    """The signups of one world."""
    rng = np.random.default_rng([seed, 7])
    world = random_world(seed, round(log_uniform(rng, 1_000, 12_000)))
    second = pl.col("occurred_at").dt.epoch("s")
    born = world.events.group_by("account_id").agg(born=second.min())["born"].sort()
    cut = int(born[int(len(born) * rng.uniform(0.5, 0.9))])
    left, run = left_by_a_run(world.events.filter(second <= cut))
    fakes = set(world.truth.filter(label="fraud")["account_id"])
    came: dict[tuple[str, str], list[int]] = {}
    fake, place, rows = [], [], []
    for number, (account, now, used) in enumerate(signups_after(world.events, cut)):
        fake.append(float(account in fakes))
        for name in used:
            times = came.setdefault(name, [])
            before = left.get(name, IdentifierEvidence(name[0], bool(times), at=run.finished))
            item = replace(
                before,
                accounts=before.accounts + len(times),
                recent=1 + sum(time > now - SOON_S for time in times),
                last_day=1 + sum(time > now - DAY_S for time in times),
            )
            shares = shares_of(item, run, now)
            row = np.zeros(6)
            at = len(SOURCES) * ROLES.index(kinds().by_name[name[0]].role)
            row[at : at + len(SOURCES)] = shares.births, shares.ring, shares.burst
            rows.append(row)
            place.append(number)
            times.append(now)
    return Signups(
        np.array(fake),
        np.full(len(fake), 1 / max(len(fake), 1)),
        np.array(place, np.int64),
        np.array(rows).reshape(-1, 6),
    )


def joined(worlds: Iterable[Signups]) -> Signups:
    """All of them, one after the other."""
    worlds = list(worlds)
    start = np.cumsum([0, *[len(world.fake) for world in worlds[:-1]]])
    return Signups(
        np.concatenate([world.fake for world in worlds]),
        np.concatenate([world.weight for world in worlds]),
        np.concatenate([world.signup + at for world, at in zip(worlds, start, strict=True)]),
        np.concatenate([world.q for world in worlds]),
    )


def risk(signups: Signups, weights: Floats) -> Floats:
    """The risk of each (N), with these lambdas (6)."""
    most = np.minimum((signups.q * weights).max(axis=1), 0.999)
    return np.asarray(-np.expm1(np.bincount(signups.signup, np.log1p(-most), len(signups.fake))))


def loss(signups: Signups, weights: Floats) -> float:
    """Nats a signup."""
    p = np.clip(risk(signups, weights), LEAST, 1 - LEAST)
    told = signups.fake * np.log(p) + (1 - signups.fake) * np.log(1 - p)
    return -float(np.average(told, weights=signups.weight))


def fit(signups: Signups) -> Floats:
    """The lambdas (6), one after the other on a grid, four times around."""
    weights = np.full(6, 0.5)
    for _ in range(4):
        for place in range(6):
            tried = [np.where(np.arange(6) == place, value, weights) for value in GRID]
            weights = tried[int(np.argmin([loss(signups, one) for one in tried]))]
    return weights


def judged(signups: Signups, weights: Floats) -> dict[str, Any]:
    """Loss, average precision, and precision and recall at several risks; each world weighs the same."""
    p, w, fake = risk(signups, weights), signups.weight, signups.fake
    told: dict[str, Any] = {"loss": round(loss(signups, weights), 4)}
    for bar in (0.5, 0.6, 0.9):
        high = p >= bar
        hits = float(np.sum((w * fake)[high]))
        told[f"at {bar}"] = [
            round(hits / max(float(w[high].sum()), 1e-12), 3),
            round(hits / float(np.sum(w * fake)), 3),
        ]
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--judge", action="store_true", help=f"judge the table in use on worlds from {JUDGED_FROM} on")
    arguments = parser.parse_args()
    first = JUDGED_FROM if arguments.judge else FIRST_SEED
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:  # not forked: the threads of Polars do not survive that
        signups = joined(pool.map(signups_of, range(first, first + arguments.worlds), chunksize=4))
    if arguments.judge:
        table = np.array([model().signups[role][source] for role in ROLES for source in SOURCES])
        print(json.dumps({"signups": len(signups.fake), **judged(signups, table)}))
        return
    weights = [round(float(weight), 2) for weight in fit(signups)]
    found = {role: dict(zip(SOURCES, weights[3 * at :], strict=False)) for at, role in enumerate(ROLES)}
    OUT.write_text(json.dumps(json.loads(OUT.read_text()) | {"signups": found}, indent=1) + "\n")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
