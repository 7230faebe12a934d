"""Campaigns: operators who make accounts in batches and work them in waves, each in a manner of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from service.simulation.calendar import DAY, DAYS, HOUR, LATE_DAYS, SECOND, START, Floats, Ints, at, draw_days
from service.simulation.records import ACTIVITY, NONE, PAYMENT, SIGNUP, Rows, concat
from service.simulation.world import World

POOLS = ("residential", "hosting", "carrier", "vpn")
CREW_SLOTS = 8  # proxy slots that a batch of accounts keeps coming back to
EVERY = 1 << 30
LATE_ACTIVE = 0.3  # share of a running campaign's accounts at work in the week after the cut


@dataclass(frozen=True, slots=True)
class Habits:
    """How one campaign works. Days count from the start of the simulated year."""

    name: str
    accounts: int
    uses: int
    days: tuple[float, float]  # first and last day of signups
    exits: tuple[float, float, float, float]  # share of sessions through each of POOLS
    per_card: float = 1.0  # accounts that a card is given for; 1: a card of one's own
    per_device: float = 1.0  # accounts that a device is used for
    devices_each: int = 2  # devices that an account is moved between
    in_use: int = 1  # cards and devices that go round at a time; EVERY: all of the campaign's
    paying: float = 0.8  # share of accounts that give a card
    batch: tuple[int, int] = (20, 60)  # accounts made in one go
    gap_s: float = 25.0  # mean seconds between two of them
    shift: tuple[int, int] = (1, 13)  # hours (UTC) in which batches start
    births: Literal["window", "growth", "steady"] = "window"  # growth: aged like honest accounts
    waves_a_day: float = 2.0
    sessions: float = 6.0  # mean number of activity records of an account
    regions: int = 3  # carrier regions in which its phones are

    @property
    def running(self) -> bool:
        """Still making accounts when history ends."""
        return self.days[1] > DAYS

    def scaled(self, by: float) -> Habits:
        """The same campaign with fewer or more accounts and uses."""
        return replace(
            self,
            accounts=max(5, round(self.accounts * by)),
            uses=max(50, round(self.uses * by)),
            in_use=max(1, round(self.in_use * by)),
        )


@dataclass(frozen=True, slots=True)
class Crew:
    """A campaign's accounts: birth and batch of each, in order of birth."""

    births: Ints
    batch: Ints


def make_accounts(habits: Habits, rng: np.random.Generator) -> Crew:
    """Births before the end of history (exactly `accounts` of them), and a running campaign's of the week after it."""
    first, last = habits.days
    crew = _batches(habits, rng, habits.accounts, first, min(last, DAYS))
    if not habits.running:
        return crew
    pace = habits.accounts / (DAYS - first) if habits.births != "growth" else habits.accounts * 2 / DAYS
    late = _batches(habits, rng, max(1, round(pace * LATE_DAYS)), DAYS, min(last, DAYS + LATE_DAYS))
    return Crew(
        np.concatenate([crew.births, late.births]), np.concatenate([crew.batch, late.batch + crew.batch[-1] + 1])
    )


def _batches(habits: Habits, rng: np.random.Generator, n: int, first: float, last: float) -> Crew:
    low, high = habits.batch
    sizes = rng.integers(low, high + 1, size=n // low + 1)
    count = int(np.searchsorted(np.cumsum(sizes), n)) + 1
    if habits.births == "growth" and last <= DAYS:
        days = draw_days(rng, count)
    else:
        days = rng.integers(int(first), max(int(np.ceil(last)), int(first) + 1), size=count)
    opens, hours = habits.shift
    start = START + np.sort(days) * DAY + ((opens + rng.uniform(0, hours, size=count)) * HOUR).astype(np.int64)
    batch = np.repeat(np.arange(count), sizes[:count])[:n].astype(np.int64)
    gaps = rng.exponential(habits.gap_s, size=n) * SECOND
    elapsed = np.cumsum(gaps)
    head = np.searchsorted(batch, np.arange(count))
    births = start[batch] + (elapsed - elapsed[head][batch]).astype(np.int64)
    limit = at(last) - 1 if last <= DAYS else at(DAYS + LATE_DAYS) - 1
    births = np.minimum(births, limit)
    order = np.argsort(births, kind="stable")
    return Crew(births[order], batch[order])


def campaign_rows(world: World, habits: Habits, crew: Crew, numbers: Ints) -> Rows:
    """All events of one campaign; uses of activity before the end of history add up to `habits.uses`."""
    n = crew.births.size
    cards = _shared(world, n, habits.per_card, habits.in_use)
    devices = _shared(world, n, habits.per_device, habits.in_use)
    who = np.arange(n)
    paying = world.rng.random(n) < habits.paying
    at_once = paying & (world.rng.random(n) < 0.6)
    made = _rows(world, habits, crew, numbers, who, crew.births, SIGNUP, devices, np.where(at_once, cards, NONE))
    later = np.flatnonzero(paying & ~at_once)
    delay = world.rng.integers(60 * SECOND, 2 * HOUR, size=later.size)
    paid = _rows(world, habits, crew, numbers, later, crew.births[later] + delay, PAYMENT, devices, cards[later])
    before = int((made.time < at(DAYS)).sum() + (paid.time < at(DAYS)).sum())
    return concat([made, paid, *_work(world, habits, crew, numbers, devices, habits.uses - before)])


def _shared(world: World, n: int, per: float, in_use: int) -> Ints:
    """For each account, in order of birth, a code. Each serves about `per` accounts, while it is among those in use."""
    if per <= 1:
        return world.codes(n)
    pool = world.codes(max(1, round(n / per)))
    turn = (np.arange(n) / per).astype(np.int64)
    stretch = min(in_use, pool.size)
    place = turn // stretch * stretch + world.rng.integers(0, stretch, size=n)
    codes: Ints = pool[np.minimum(place, pool.size - 1)]
    return codes


def _rows(
    world: World,
    habits: Habits,
    crew: Crew,
    numbers: Ints,
    who: Ints,
    when: Ints,
    type_: int,
    devices: Ints,
    card: Ints,
    uses: Ints | None = None,
) -> Rows:
    n = who.size
    ip = _exits(world, habits, crew.batch[who], when)
    return Rows(
        numbers[who], when, np.full(n, type_), ip, _rotate(world, habits, devices, who), card,
        np.ones(n, np.int64) if uses is None else uses,
    )  # fmt: skip


def _exits(world: World, habits: Habits, batch: Ints, when: Ints) -> Ints:
    """For each session an exit: out of the batch's own few, or anywhere in the network."""
    rng, n = world.rng, batch.size
    pool = rng.choice(len(POOLS), size=n, p=np.array(habits.exits) / sum(habits.exits))
    seat = np.where(rng.random(n) < 0.6, rng.integers(0, CREW_SLOTS, size=n), -1)
    slot = np.where(seat >= 0, batch * 7919 + seat * 104_729 + len(habits.name), rng.integers(0, 1 << 30, size=n))
    region = (slot % habits.regions * 31 + len(habits.name)) % world.region_weights.size
    ip: Ints = np.choose(
        pool,
        [
            world.proxies.residential(slot, when),
            world.proxies.hosting[slot % world.proxies.hosting.size],
            world.carrier_addresses(region),
            world.draw_vpn_exits(n),
        ],
    )
    return ip


def _rotate(world: World, habits: Habits, devices: Ints, who: Ints) -> Ints:
    """One of the devices that an account is moved between; with devices of their own, always that one."""
    if habits.per_device <= 1:
        return devices[who]
    turn = world.rng.integers(0, habits.devices_each, size=who.size)
    step = 1 + int(habits.per_device)
    rotated: Ints = devices[(who + turn * step) % devices.size]
    return rotated


def _work(world: World, habits: Habits, crew: Crew, numbers: Ints, devices: Ints, uses: int) -> list[Rows]:
    """Activity in waves: a batch is put to work at set times, all its accounts within the same half hour."""
    parts = []
    spans = [(crew.births < at(DAYS), DAYS, habits.sessions, uses)]
    if habits.running:
        rate = habits.uses / max(1.0, DAYS - habits.days[0]) * LATE_DAYS
        spans.append((np.ones(crew.births.size, bool), DAYS + LATE_DAYS, LATE_ACTIVE, round(rate)))
    for which, end, sessions, total in spans:
        accounts = np.flatnonzero(which)
        count = (
            world.rng.poisson(sessions, size=accounts.size)
            if end > DAYS
            else 1 + world.rng.poisson(sessions - 1, accounts.size)
        )
        who = np.repeat(accounts, count)
        begin = np.maximum(crew.births[who], at(DAYS) if end > DAYS else 0)
        when = _waves(world.rng, habits, crew.batch[who], begin, at(end))
        each = share_out(total, world.rng.gamma(4.0, 1.0, size=who.size))
        kept = np.flatnonzero(each > 0)
        card = np.full(kept.size, NONE)
        parts.append(_rows(world, habits, crew, numbers, who[kept], when[kept], ACTIVITY, devices, card, each[kept]))
    return parts


def _waves(rng: np.random.Generator, habits: Habits, batch: Ints, begin: Ints, end: int) -> Ints:
    """A time for each session: in one of the waves that its batch works, after its account was made."""
    last_day = min(habits.days[1] + 20, DAYS + LATE_DAYS)
    close = np.minimum(end, np.maximum(at(last_day), begin + 10 * DAY))
    waves = np.maximum(1, ((close - begin) / DAY * habits.waves_a_day)).astype(np.int64)
    chosen = (rng.random(batch.size) * waves).astype(np.int64)
    day, part = np.divmod(chosen, max(1, round(habits.waves_a_day)))
    # the hour of a wave is the same for all accounts of a batch on a day
    stamp = ((begin - START) // DAY + day + batch * 13 + part * 5) % 9973
    hour = habits.shift[0] + (stamp * 0.618034 % 1.0) * habits.shift[1]
    midnight = START + ((begin - START) // DAY + day) * DAY
    when = midnight + (hour * HOUR).astype(np.int64) + rng.integers(0, HOUR // 2, size=batch.size)
    early = when <= begin
    when[early] = begin[early] + rng.integers(60 * SECOND, HOUR, size=int(early.sum()))
    capped: Ints = np.minimum(when, end - 1)
    return capped


def share_out(total: int, weights: Floats) -> Ints:
    """Whole numbers in proportion to the weights that add up to total exactly (largest remainders)."""
    if not weights.size:
        return np.zeros(0, np.int64)
    exact = weights / weights.sum() * total
    whole: Ints = np.floor(exact).astype(np.int64)
    short = total - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:short]] += 1
    return whole
