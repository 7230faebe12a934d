"""Honest accounts of a random world: people at home, and gatherings (campuses, offices, conferences, shops)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.simulation.calendar import Floats, Ints
from service.simulation.random_draws import (
    DAY_S,
    NONE,
    Settings,
    Uses,
    joined,
    log_uniform,
    moments,
    sessions_of,
    zipf,
)


@dataclass(frozen=True, slots=True)
class Gathering:
    """One sort of occasion that brings honest strangers together: how often, its fewest and most people (a share of the
    population if below 1), days within which they sign up, how many addresses, devices and cards at most they share
    (0: none) and how often these, and how often it is people who have been there for longer that come."""

    weight: float
    people: tuple[float, float]
    days: tuple[float, float]
    addresses: int
    devices: int
    cards: int
    shares_card: float = 1.0
    older: float = 0.0


GATHERINGS_OF = (
    Gathering(0.25, (20, 0.06), (1, 14), 5, 0, 0, older=0.3),  # a campus, a dormitory
    Gathering(0.4, (4, 400), (2, 250), 2, 0, 2, shares_card=0.5, older=0.3),  # an office
    Gathering(0.15, (10, 300), (0.02, 0.3), 2, 0, 0),  # a conference, a stadium
    Gathering(0.1, (5, 100), (0.02, 0.08), 1, 0, 1, shares_card=0.2),  # a training, an onboarding
    Gathering(0.04, (8, 100), (0.2, 3), 1, 1, 0),  # a tablet in the street
    Gathering(0.06, (10, 300), (20, 700), 1, 3, 0),  # a kiosk, a lab, a shop's counter
    Gathering(0.03, (3, 60), (5, 300), 0, 0, 1, older=0.3),  # a club, a treasurer's card
)
"""Honest confounders that any fraud team knows; sizes and days are drawn by orders of magnitude."""

# Codes of identifiers: each maker of accounts counts on from its own base, so that none is met by chance.
HOMES, POOLS, GATHERINGS, EXTRAS, CAMPAIGNS = (place << 32 for place in range(1, 6))


@dataclass(frozen=True, slots=True)
class _Met:
    """What gatherings give accounts (A): place (A, 3: ip, device, card; NONE: nothing), back (share of later sessions
    that are there), stays (how probably it comes back at all; 0: as others do), and when it comes there."""

    place: Ints
    back: Floats
    stays: Floats
    time: Ints


def honest_uses(rng: np.random.Generator, settings: Settings, accounts: int) -> tuple[Uses, Ints]:
    """The uses of honest accounts, numbered from 0, and the moment at which each was made (accounts)."""
    born = moments(rng, settings, accounts)
    house = _households(rng, settings, accounts)
    _made_together(rng, settings, born, house)
    share_device = rng.random(accounts) < settings.device_share
    share_card = rng.random(accounts) < settings.card_share
    own = np.arange(accounts)
    device = HOMES + np.where(share_device[house], house, accounts + own)
    card = HOMES + np.where(share_card[house], house, accounts + own)

    met = _gatherings(rng, settings, born)
    place, back = met.place, met.back

    returns = rng.random(accounts) < np.maximum(settings.returning, met.stays)
    life = np.where(
        returns, rng.exponential(np.where(met.stays > 0, max(settings.life_days, 40), settings.life_days)), 0
    )
    who, time = sessions_of(rng, born, life, rng.uniform(1, 6), settings.days * DAY_S)
    later = np.flatnonzero(met.time > born)
    account = np.concatenate([own, later, who])
    time = np.concatenate([born, met.time[later], time])
    first = np.arange(len(account)) < accounts
    first[later] = False
    first[accounts : accounts + len(later)] = True  # who came later is there then, not when it was made
    there = (place[account] != NONE).any(axis=1) & (first | (rng.random(len(account)) < back[account]))
    there &= time >= met.time[account]
    in_place = there & (place[account, 0] != NONE)
    lease = np.zeros(len(account), np.int64)
    if np.isfinite(settings.lease_days):
        lease = (time / DAY_S / settings.lease_days).astype(np.int64)
    home = HOMES + (house[account] * 1009 + lease * 7919) % max(4 * accounts, 1)
    if not np.isfinite(settings.lease_days):
        home = HOMES + house[account]
    away = ~in_place & (rng.random(len(account)) > settings.home_share)
    roaming = POOLS + zipf(rng, len(account), settings.pool_size[2], rng.uniform(0.3, 1.1))
    ip = np.where(in_place, place[account, 0], np.where(away & (settings.pool[2] > 0), roaming, home))
    device = np.where((place[account, 1] != NONE) & there, place[account, 1], device[account])
    pays = first | (rng.random(len(account)) < 0.3)
    card = np.where((place[account, 2] != NONE) & (time >= met.time[account]), place[account, 2], card[account])
    uses = Uses(account, time, ip, device, np.where(pays, card, NONE))
    return joined([uses, extra_uses(rng, settings, uses)]), born


def extra_uses(rng: np.random.Generator, settings: Settings, uses: Uses) -> Uses:
    """Further identifiers of some uses: new phones and cards of one's own, and those that strangers use, too."""
    parts = []
    for kind, name in enumerate(("card", "device", "ip")):
        count = rng.poisson(
            settings.extra[kind] / max(len(uses.time) / (uses.account.max(initial=0) + 1), 1), len(uses.time)
        )
        picked = np.repeat(np.arange(len(uses.time)), count)
        if settings.pool[kind]:
            picked = np.concatenate([picked, np.flatnonzero(rng.random(len(uses.time)) < settings.pool[kind])])
        if len(picked) == 0:
            continue
        common = rng.random(len(picked)) < (0.5 if settings.pool[kind] else 0.0)
        slope = rng.uniform(0.2, 1.2)
        code = np.where(
            common,
            POOLS + zipf(rng, len(picked), settings.pool_size[kind], slope),
            EXTRAS + rng.integers(0, 1 << 31, len(picked)),
        )
        columns = {other: np.full(len(picked), NONE) for other in ("ip", "device", "card")}
        columns[name] = code
        parts.append(Uses(uses.account[picked], uses.time[picked], **columns))
    return joined(parts) if parts else uses.take(np.zeros(0, np.int64))


def _households(rng: np.random.Generator, settings: Settings, accounts: int) -> Ints:
    """The household of each account, by number: one, or two to six people."""
    size = np.where(rng.random(accounts) < settings.household, rng.integers(2, 7, accounts), 1)
    return rng.permutation(np.repeat(np.arange(accounts), size)[:accounts])


def _made_together(rng: np.random.Generator, settings: Settings, born: Ints, house: Ints) -> None:
    """Some of a household sign up after another one of it: within the hour, the week, or months."""
    order = np.argsort(house, kind="stable")
    again = np.flatnonzero(np.diff(house[order], prepend=-1) == 0)
    again = again[rng.random(len(again)) < settings.together]
    scale = np.array([600, 3 * DAY_S, 60 * DAY_S])[rng.integers(0, 3, len(again))]
    for place, delay in zip(again.tolist(), (rng.exponential(1.0, len(again)) * scale).tolist(), strict=True):
        born[order[place]] = min(born[order[place - 1]] + int(delay), int(settings.days * DAY_S) - 1)


def _gatherings(rng: np.random.Generator, settings: Settings, born: Ints) -> _Met:
    """Brings some honest accounts together, by GATHERINGS_OF; most are made there (`born` changes). Most go on living
    as others do, longer, and from their homes."""
    accounts, end = len(born), settings.days * DAY_S - 1
    met = _Met(np.full((accounts, 3), NONE), np.zeros(accounts), np.zeros(accounts), born.copy())
    left = rng.permutation(accounts)[: int(accounts * rng.uniform(0, 0.5))]
    chance = np.array([sort.weight for sort in GATHERINGS_OF])
    code = GATHERINGS
    while len(left) >= 3:
        sort = GATHERINGS_OF[int(rng.choice(len(GATHERINGS_OF), p=chance / chance.sum()))]
        least, most = (size if size >= 1 else size * accounts for size in sort.people)
        size = min(round(log_uniform(rng, least, max(most, least + 1))), len(left))
        who, left = left[:size], left[size:]
        window = min(log_uniform(rng, *sort.days), settings.days)
        within = (rng.random() * (settings.days - window) + rng.random(size) * window) * DAY_S
        if window > 1:  # by day, as people do
            within = np.floor(within / DAY_S) * DAY_S + np.clip(rng.normal(0.55, 0.12, size), 0, 0.999) * DAY_S
        within = np.minimum(within, end).astype(np.int64)
        if rng.random() >= sort.older:
            born[who] = within
        met.time[who] = np.maximum(born[who], within)
        if sort.addresses:
            met.place[who, 0] = code + rng.integers(0, rng.integers(1, sort.addresses + 1), size)
        if sort.devices:
            met.place[who, 1] = code + 100 + rng.integers(0, rng.integers(1, sort.devices + 1), size)
        if sort.cards and rng.random() < sort.shares_card:
            met.place[who, 2] = code + 500 + rng.integers(0, rng.integers(1, sort.cards + 1), size)
        met.back[who] = rng.uniform(0, 0.6) if rng.random() < 0.7 else 0.0
        if settings.returning and rng.random() < 0.8:
            met.stays[who] = rng.uniform(0.5, 1.0)
        code += 1000
    return met
