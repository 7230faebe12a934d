"""Campaigns of a random world: each trace that they can leave is absent half of the time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from service.simulation.calendar import Ints
from service.simulation.random_draws import DAY_S, NONE, Settings, Uses, joined, log_uniform, moments, sessions_of, zipf
from service.simulation.random_honest import CAMPAIGNS, EXTRAS, HOMES, POOLS


@dataclass(frozen=True, slots=True)
class Traces:
    """What a campaign leaves: shared cards, devices and exits (accounts for each), exits that others use too; births in
    a window, in batches, or copied from honest people's (bought); falling silent early; acting in step later; living on
    as honest people do; a chain, in which each shares with the next only; many cards or devices for each account."""

    cards: bool
    devices: bool
    exits: bool
    mixed_exits: bool
    window: bool
    batches: bool
    silent: bool
    acting: bool
    home: bool
    bought: bool
    chain: bool
    cycling: bool


MANY = 100  # accounts, of which one trace tells enough
RARE = {"home": 0.2, "bought": 0.12, "chain": 0.06, "cycling": 0.15}
"""What few campaigns do, by how many."""


def draw_traces(rng: np.random.Generator, settings: Settings, size: int) -> Traces:
    """Traces, each with one half; one at least that ties the accounts together in the kinds that are told."""
    half = (rng.random(8) < 0.5).tolist()
    rare = {name: bool(rng.random() < chance) for name, chance in RARE.items()}
    traces = Traces(*half, **rare)
    ties = {"payment_method": "cards", "device": "devices", "ip": "exits"}
    able = [ties[kind] for kind in settings.kinds]
    if not any(getattr(traces, name) for name in able):
        traces = replace(traces, **{str(rng.choice(able)): True})
    # What few accounts do that have one trace only can be told by nobody: at least one more, a tie or a time.
    more = [*able, "window"] if settings.one_moment else [*able, "window", "acting"]
    if size < MANY and sum(getattr(traces, name) for name in more) < 2:
        traces = replace(traces, **{str(rng.choice([name for name in more if not getattr(traces, name)])): True})
    return traces


def draw_sizes(rng: np.random.Generator, accounts: int) -> list[int]:
    """Sizes of the campaigns: none, a few large ones, or many of 3 to 40; 20 % of all accounts at most."""
    if rng.random() < 0.08:
        return []
    left = int(accounts * log_uniform(rng, 0.004, 0.2))
    small = bool(rng.random() < 0.5)
    most = 40.0 if small else max(60.0, accounts * 0.15)
    sizes: list[int] = []
    while left >= 2:
        size = min(round(log_uniform(rng, 2.5 if small else 8, most)), left)
        sizes.append(max(size, 2))
        left -= size
    return sizes


def campaign_uses(
    rng: np.random.Generator, settings: Settings, size: int, number: int, honest: Ints
) -> tuple[Uses, Ints]:
    """The uses of one campaign's accounts, numbered from 0, and when each was made. `honest`: when honest ones were."""
    traces, end = draw_traces(rng, settings, size), settings.days * DAY_S
    base = CAMPAIGNS + (number << 20)
    window = log_uniform(rng, 0.02, max(0.3 * settings.days, 0.03)) if traces.window else settings.days
    start = rng.random() * max(settings.days - window, 0)
    born = _births(rng, settings, traces, size, start, window, honest)
    meet = born.copy()
    if traces.bought:  # they were others' before, and come to what they share within days
        spell = log_uniform(rng, 0.1, 20)
        low = rng.random() * max(settings.days - spell, 0)
        meet = np.maximum(born, ((low + rng.random(size) * spell) * DAY_S).astype(np.int64))
    life = np.zeros(size)
    if not traces.silent and not settings.one_moment:
        life = rng.exponential(settings.life_days if rng.random() < 0.5 else rng.uniform(1, 40), size)
        life *= rng.random(size) < max(settings.returning, 0.2)
    elif rng.random() < 0.3 and not settings.one_moment:
        life = np.full(size, log_uniform(rng, 0.001, 3))
    if traces.acting and not settings.one_moment:
        who, time = _acting(rng, meet, size, end, 3 if traces.silent else 90)
    else:
        who, time = sessions_of(rng, meet, life, rng.uniform(1, 6), end)
    account = np.concatenate([np.arange(size), who])
    time = np.concatenate([meet, time])
    uses = Uses(
        account,
        time,
        _exits(rng, settings, traces, account, size, base),
        _shared(rng, traces.devices, traces.chain, account, size, base),
        _shared(rng, traces.cards, traces.chain, account, size, base),
    )
    parts = [uses]
    if traces.bought:  # what they did before, from homes and on devices of their own
        own = np.arange(size)
        before = meet > born
        old = Uses(own, born, base + (1 << 19) + own, base + (1 << 19) + own, np.full(size, NONE))
        parts.append(old.take(np.flatnonzero(before)))
    if traces.chain:
        own, none = np.arange(size), np.full(size, NONE)
        following = base + own + 1
        parts.append(Uses(own, meet, none, following if traces.devices else none, following if traces.cards else none))
    if traces.cycling:
        parts.append(_cycling(rng, settings, uses))
    if rng.random() < 0.25:
        parts.append(_mixed_in(rng, settings, uses))
    return joined(parts), born


def _births(
    rng: np.random.Generator, settings: Settings, traces: Traces, size: int, start: float, window: float, honest: Ints
) -> Ints:
    end = int(settings.days * DAY_S) - 1
    if traces.bought or (not traces.window and rng.random() < 0.5):
        born = rng.choice(honest, size) if len(honest) else moments(rng, settings, size)
        return np.asarray(born, np.int64)
    born = ((start + rng.random(size) * window) * DAY_S).astype(np.int64)
    if traces.batches:
        batch = round(log_uniform(rng, 3, 60))
        gap = log_uniform(rng, 1, 1500)
        born = born[np.arange(size) // batch * batch % size] + (
            np.arange(size) % batch * gap * rng.uniform(0.3, 1.7, size)
        ).astype(np.int64)
    return np.minimum(born, end)


def _acting(rng: np.random.Generator, meet: Ints, size: int, end: float, days: float) -> tuple[Ints, Ints]:
    """Later sessions of all accounts together: spells of minutes in which a part of them acts."""
    spells = int(rng.integers(1, 9))
    length = log_uniform(rng, 30, 3000)
    share = rng.uniform(0.2, 1.0)
    low = float(meet.min())
    times = low + rng.random(spells) * max(min(end - low, log_uniform(rng, 1, days) * DAY_S), 1)
    spell, who = np.nonzero(rng.random((spells, size)) < share)
    time = (times[spell] + rng.random(len(who)) * length).astype(np.int64)
    kept = (time > meet[who]) & (time < end)
    return who[kept], time[kept]


def _shared(rng: np.random.Generator, shares: bool, chain: bool, account: Ints, size: int, base: int) -> Ints:
    """Cards or devices: one's own, or shared by a few to all of a campaign, always the same or in rotation."""
    own = base + (1 << 18) + account
    if chain and shares:  # each with the one before and the one after
        return np.asarray(base + account, np.int64)
    if not shares:
        return own if rng.random() < 0.85 else np.full(len(account), NONE)
    count = max(1, round(size / log_uniform(rng, 3, max(size, 6))))
    which = account % count if rng.random() < 0.6 else rng.integers(0, count, len(account))
    return np.asarray(np.where(rng.random(len(account)) < rng.choice([0.0, 0.15]), own, base + which), np.int64)


def _exits(rng: np.random.Generator, settings: Settings, traces: Traces, account: Ints, size: int, base: int) -> Ints:
    """Addresses: shared exits, exits that honest people use too, homes of their own, or a new one each time."""
    n = len(account)
    ip = base + (1 << 18) + account * 300  # an address of its own, in a network of its own
    how = rng.random()
    if not traces.home and how < 0.25:  # a new one each time
        ip = base + (1 << 18) + np.arange(n) * 300
    elif not traces.home and how < 0.5 and settings.pool[2]:
        ip = POOLS + zipf(rng, n, settings.pool_size[2], rng.uniform(0, 0.6))
    elif not traces.home:  # a proxy network of many addresses
        ip = base + rng.integers(0, max(1, round(n / rng.uniform(5, 20))), n) * 300
    if traces.exits:
        count = max(1, round(size / log_uniform(rng, 3, max(size, 6))))
        exits = base + rng.integers(0, count, n) * int(rng.choice([1, 300]))
        ip = exits if not traces.home else np.where(rng.random(n) < rng.uniform(0.4, 1.0), exits, ip)
    if traces.mixed_exits and settings.pool[2]:
        common = POOLS + zipf(rng, n, settings.pool_size[2], rng.uniform(0, 1))
        ip = np.where(rng.random(n) < rng.uniform(0.1, 0.9), common, ip)
    return np.asarray(ip, np.int64)


def _cycling(rng: np.random.Generator, settings: Settings, uses: Uses) -> Uses:
    """Many cards or devices for each account, new ones each time."""
    count = rng.poisson(rng.uniform(2, 8), len(uses.time))
    picked = np.repeat(np.arange(len(uses.time)), count)
    code = EXTRAS + rng.integers(0, 1 << 31, len(picked))
    none = np.full(len(picked), NONE)
    cards = rng.random() < 0.5
    time = np.minimum(uses.time[picked] + rng.integers(0, 20 * DAY_S, len(picked)), int(settings.days * DAY_S) - 1)
    return Uses(uses.account[picked], time, none, none if cards else code, code if cards else none)


def _mixed_in(rng: np.random.Generator, settings: Settings, uses: Uses) -> Uses:
    """A part of the uses is through what honest people have: a stolen card, a rented line, a borrowed device."""
    picked = np.flatnonzero(rng.random(len(uses.time)) < rng.uniform(0.02, 0.15))
    none = np.full(len(picked), NONE)
    columns = {"ip": none, "device": none, "card": none}
    columns[str(rng.choice(["ip", "device", "card"]))] = HOMES + rng.integers(0, 4000, len(picked))
    return Uses(uses.account[picked], uses.time[picked], **columns)
