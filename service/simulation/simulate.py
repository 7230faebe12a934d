"""The whole simulation: a population drawn from a seed, and its files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from service.errors import InputError
from service.simulation.calendar import DAY, DAYS, GROWTH, LATE_DAYS, Ints, at
from service.simulation.campaigns import Habits, campaign_rows, make_accounts
from service.simulation.honest import KINDS, draw_people, postpone
from service.simulation.populations import ACCOUNTS, POPULATIONS
from service.simulation.records import SIGNUP, Rows, account_names, concat, to_frame
from service.simulation.sessions import honest_rows
from service.simulation.single_uses import write_single_uses
from service.simulation.world import World

FEWEST = 500
Format = Literal["parquet", "jsonl"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A population as arrays: events sorted by time; birth, kind and campaign of each account by its number."""

    rows: Rows
    births: Ints
    kind: pl.Series
    campaign: pl.Series  # null for honest accounts
    cut: int  # the time at which the data ends

    def truth(self, seed: int, picked: Ints) -> pl.DataFrame:
        """account_id, label, campaign and kind of these account numbers, by id."""
        campaign = self.campaign.gather(picked)
        return pl.DataFrame(
            {
                "account_id": account_names(picked, seed),
                "label": campaign.is_null().replace_strict(
                    {True: "legitimate", False: "fraud"}, return_dtype=pl.String
                ),
                "campaign": campaign,
                "kind": self.kind.gather(picked),
            }
        ).sort("account_id")


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written."""

    accounts: int
    fakes: int
    events: int
    campaign_uses: int
    signups_next: int
    files: tuple[str, ...]


def draw(population: str, accounts: int, rng: np.random.Generator) -> Drawn:
    """Draws a named population. Raises InputError for an unknown name or too few accounts."""
    if population not in POPULATIONS:
        raise InputError(f"population {population!r} does not exist; choose one of {', '.join(POPULATIONS)}")
    if accounts < FEWEST:
        raise InputError(
            f"accounts is {accounts}; a population needs {FEWEST} or more to have its campaigns and crowds"
        )
    plan = POPULATIONS[population]
    campaigns = plan.scaled_campaigns(accounts / ACCOUNTS)
    crews = [make_accounts(habits, rng) for habits in campaigns]
    honest = accounts - sum(habits.accounts for habits in campaigns)
    late = _late_honest(
        honest,
        int(plan.next_day * accounts),
        sum(int(((c.births >= at(DAYS)) & (c.births < at(DAYS + 1))).sum()) for c in crews),
    )
    world = World(rng, honest + sum(late), sum(habits.accounts for habits in campaigns))
    people = draw_people(world, plan.shares)
    postpone(world, people, late)
    parts = [honest_rows(world, people, np.arange(world.honest))]
    births, kinds, names = (
        [people.created],
        [pl.Series(KINDS).gather(people.kind)],
        [pl.Series([None], dtype=pl.String).new_from_index(0, world.honest)],
    )
    first = world.honest
    for habits, crew in zip(campaigns, crews, strict=True):
        parts.append(campaign_rows(world, habits, crew, first + np.arange(crew.births.size)))
        births.append(crew.births)
        name = pl.Series([habits.name]).new_from_index(0, crew.births.size)
        kinds.append(name)
        names.append(name)
        first += crew.births.size
    rows = concat(parts)
    rows = rows.take(np.lexsort((rows.account, rows.type, rows.time)))
    return Drawn(rows, np.concatenate(births), pl.concat(kinds), pl.concat(names), at(plan.cut))


def _late_honest(honest: int, tomorrow: int, fakes_tomorrow: int) -> list[int]:
    """Honest signups on each of the days after history: the natural pace, or on the first what makes `tomorrow`."""
    pace = max(1, round(honest * (1 + GROWTH) / (1 + GROWTH / 2) / DAYS))
    first = max(pace, tomorrow - fakes_tomorrow) if tomorrow else pace
    return [first] + [pace] * (LATE_DAYS - 1)


def simulate(
    out: Path,
    seed: int,
    population: str = "main",
    accounts: int = ACCOUNTS,
    form: Format = "parquet",
    single_uses: bool = False,
) -> Summary:
    """Writes events, truth, signups_next and simulation.json to `out` (made if absent; files of that name replaced).

    The same arguments give the same content. With single_uses each use by a campaign is an event of its own (16
    million at full size), written as a stream. Raises InputError for arguments that can't be used."""
    if single_uses and form != "parquet":
        raise InputError("single uses are written as Parquet only; leave --format out")
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn = draw(population, accounts, rng)
    out.mkdir(parents=True, exist_ok=True)
    rows, cut = drawn.rows, drawn.cut
    past = rows.take(np.flatnonzero(rows.time < cut))
    fake = ~drawn.campaign.is_null().to_numpy()
    files = [f"events.{form}"]
    if single_uses:
        events = write_single_uses(past, fake, cut, seed, rng, out / files[0])
    else:
        events = past.size
        _write(to_frame(past, seed, rng), out / files[0], form)
    born = np.flatnonzero(drawn.births < cut)
    drawn.truth(seed, born).write_parquet(out / "truth.parquet")
    following = _signups_next(drawn, seed, rng)
    following.write_parquet(out / "signups_next.parquet")
    files += ["truth.parquet", "signups_next.parquet"]
    if POPULATIONS[population].next_day:
        tomorrow = rows.take(np.flatnonzero((rows.time >= cut) & (rows.time < cut + DAY)))
        _write(to_frame(tomorrow, seed, rng), out / f"next_day.{form}", form)
        drawn.truth(seed, np.flatnonzero(drawn.births < cut + DAY)).write_parquet(out / "truth_next_day.parquet")
        files += [f"next_day.{form}", "truth_next_day.parquet"]
    uses = int(past.uses[fake[past.account]].sum())
    summary = Summary(born.size, int(fake[born].sum()), events, uses, following.height, tuple(files))
    plan = POPULATIONS[population].scaled_campaigns(accounts / ACCOUNTS)
    _write_description(out / "simulation.json", seed, population, accounts, summary, plan)
    return summary


def _signups_next(drawn: Drawn, seed: int, rng: np.random.Generator) -> pl.DataFrame:
    """Signups of the seven days after the cut, which are in no event file, with what is true of each."""
    rows = drawn.rows
    week = (rows.type == SIGNUP) & (rows.time >= drawn.cut) & (rows.time < drawn.cut + LATE_DAYS * DAY)
    signups = rows.take(np.flatnonzero(week))
    frame = to_frame(signups, seed, rng).select("account_id", "occurred_at", "ip", "device_id", "payment_fingerprint")
    return frame.join(drawn.truth(seed, signups.account), on="account_id", how="left", maintain_order="left")


def _write(frame: pl.DataFrame, path: Path, form: Format) -> None:
    if form == "parquet":
        frame.write_parquet(path, row_group_size=250_000)
    else:
        frame.with_columns(pl.col("occurred_at").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")).write_ndjson(path)


def _write_description(
    path: Path, seed: int, population: str, accounts: int, summary: Summary, plan: tuple[Habits, ...]
) -> None:
    text = {
        "population": population,
        "about": POPULATIONS[population].about,
        "seed": seed,
        "accounts_asked": accounts,
        "totals": asdict(summary),
        "campaigns": [asdict(habits) for habits in plan],
        "honest_shares": POPULATIONS[population].shares,
    }
    path.write_text(json.dumps(text, indent=2) + "\n")
