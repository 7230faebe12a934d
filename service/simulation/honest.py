"""Honest people: who they live, work and sign up with. Each kind is a way to look like a campaign without being one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.simulation.addresses import CAMPUSES, OFFICES
from service.simulation.calendar import DAY, DAYS, HOUR, SECOND, Floats, Ints, at, draw_births, draw_zones, within_day
from service.simulation.world import World

SHARES = {
    "home": 0.46,
    "carrier": 0.26,
    "campus": 0.08,
    "office": 0.06,
    "kiosk": 0.025,
    "tablet": 0.006,
    "vpn": 0.04,
    "several": 0.045,
    "proxy_owner": 0.009,
    "tv_ad": 0.005,
    "onboarding": 0.005,
}
KINDS = tuple(SHARES)
BURSTS = ("campus", "tablet", "tv_ad", "onboarding")  # kinds whose signup time is set by an occasion
TERM_STARTS = (75, 300)  # days
NONE = -1


@dataclass
class Traits:
    """One array a trait, one place an account. Codes are NONE where there is no such thing."""

    kind: Ints  # index in KINDS
    created: Ints
    zone: Ints
    home: Ints
    lease: Ints  # days for which the home keeps an IPv4 address; 0: for ever
    region: Ints
    place: Ints  # first address of the office, campus or kiosk
    place_width: Ints  # how many addresses it has
    at_place: Floats  # chance that a session is there
    mobile: Floats
    vpn: Floats
    away: Floats  # chance of a session in a café, a hotel, a library
    device: Ints  # first of its own devices; `devices` of them follow
    devices: Ints
    shared_device: Ints  # first of the devices of the family, kiosk or street team
    shared_width: Ints  # how many of them there are
    on_shared: Floats  # chance that a session is on the shared device
    card: Ints  # first of its own cards; `cards` of them follow
    cards: Ints
    shared_card: Ints
    signup_here: npt.NDArray[np.bool_]  # signs up at the place and on the shared device


def draw_people(world: World, shares: dict[str, float]) -> Traits:
    """All honest people, their kinds in random order. The numbers of each kind follow the shares."""
    rng, n = world.rng, world.honest
    kinds = np.searchsorted(
        np.cumsum([shares[kind] for kind in KINDS]) / sum(shares.values()), (np.arange(n) + 0.5) / n
    )
    people = _ordinary(world, n, rng.permutation(kinds).astype(np.int64))
    for index, kind in enumerate(KINDS):
        members = np.flatnonzero(people.kind == index)
        if members.size:
            _HABITS[kind](world, people, members)
    people.created = np.minimum(people.created, at(DAYS) - 1)
    return people


def postpone(world: World, people: Traits, per_day: list[int]) -> None:
    """Moves people of kinds without an occasion to the days after history: so many to each day."""
    bursts = [KINDS.index(kind) for kind in BURSTS]
    free = np.flatnonzero(~np.isin(people.kind, bursts))
    late = world.rng.choice(free, size=sum(per_day), replace=False)
    days = np.repeat(np.arange(len(per_day)), per_day) + DAYS
    people.created[late] = at(0) + days * DAY + within_day(world.rng, people.zone[late])


def _ordinary(world: World, n: int, kind: Ints) -> Traits:
    rng = world.rng
    zone = draw_zones(rng, n)
    devices = rng.choice([1, 2, 3], size=n, p=[0.55, 0.33, 0.12]).astype(np.int64)
    cards = rng.choice([0, 1, 2], size=n, p=[0.45, 0.47, 0.08]).astype(np.int64)
    none = np.full(n, NONE, dtype=np.int64)
    return Traits(
        kind=kind,
        created=draw_births(rng, zone),
        zone=zone,
        home=world.new_homes(n).copy(),
        lease=rng.choice([0, 1, 7, 30, 120], size=n, p=[0.55, 0.12, 0.1, 0.12, 0.11]).astype(np.int64),
        region=world.draw_regions(n),
        place=none.copy(),
        place_width=np.ones(n, dtype=np.int64),
        at_place=np.zeros(n),
        mobile=rng.choice([0.0, 0.25, 0.5], size=n, p=[0.35, 0.4, 0.25]),
        vpn=rng.choice([0.0, 0.2], size=n, p=[0.93, 0.07]),
        away=rng.choice([0.04, 0.3, 0.75], size=n, p=[0.8, 0.17, 0.03]),
        device=_spread(world.codes(int(devices.sum())), devices),
        devices=devices,
        shared_device=none.copy(),
        shared_width=np.ones(n, dtype=np.int64),
        on_shared=np.zeros(n),
        card=_spread(world.codes(int(cards.sum())), cards),
        cards=cards,
        shared_card=none.copy(),
        signup_here=np.zeros(n, dtype=bool),
    )


def _spread(codes: Ints, counts: Ints) -> Ints:
    """The first of each account's run of codes."""
    first: Ints = int(codes[0] if codes.size else 0) + np.cumsum(counts) - counts
    return first.astype(np.int64)


def _groups(rng: np.random.Generator, n: int, sizes: Callable[[int], npt.NDArray[np.generic]]) -> tuple[Ints, int]:
    """Members fall into groups of drawn sizes: each one's group, and the number of groups."""
    drawn: list[int] = []
    while sum(drawn) < n:
        drawn.extend(int(size) for size in sizes(64))
    group = np.repeat(np.arange(len(drawn)), drawn)[:n].astype(np.int64)
    return group, int(group[-1]) + 1


def _households(world: World, people: Traits, members: Ints) -> None:
    rng = world.rng
    group, count = _groups(
        rng, members.size, lambda k: rng.choice([1, 2, 3, 4, 5], size=k, p=[0.4, 0.3, 0.14, 0.11, 0.05])
    )
    head = np.searchsorted(group, np.arange(count))  # the first member's home, tablet and card are the family's
    people.home[members] = people.home[members[head]][group]
    people.lease[members] = people.lease[members[head]][group]
    people.zone[members] = people.zone[members[head]][group]
    together = np.flatnonzero(rng.random(members.size) < 0.3)  # told of it by the one before
    near = people.created[members[head]][group] + rng.integers(HOUR // 4, 6 * DAY, size=members.size)
    people.created[members[together]] = near[together]
    tablet = rng.random(count) < 0.35
    people.shared_device[members] = np.where(tablet, world.codes(count), NONE)[group]
    people.on_shared[members] = np.where(tablet, 0.4, 0.0)[group]
    family_card = rng.random(count) < 0.4
    people.shared_card[members] = np.where(family_card, world.codes(count), NONE)[group]


def _carrier(world: World, people: Traits, members: Ints) -> None:
    people.mobile[members] = 0.9


def _campus(world: World, people: Traits, members: Ints) -> None:
    rng = world.rng
    group, count = _groups(rng, members.size, lambda k: np.clip(rng.lognormal(6.3, 0.6, size=k), 60, 2500).astype(int))
    width = rng.integers(3, 9, size=count)
    people.place[members] = (CAMPUSES + (np.arange(count, dtype=np.int64) << 8) + 1)[group]
    people.place_width[members] = width[group]
    people.at_place[members], people.signup_here[members] = 0.6, True
    people.zone[members] = draw_zones(rng, count)[group]
    week = rng.choice(TERM_STARTS, size=count) + rng.integers(0, 14, size=count)
    fresher = members[rng.random(members.size) < 0.75]
    days = week[group[np.searchsorted(members, fresher)]] + np.clip(
        rng.normal(2.5, 1.5, size=fresher.size), 0, 7
    ).astype(int)
    people.created[fresher] = at(0) + days * DAY + within_day(rng, people.zone[fresher])


def _office(world: World, people: Traits, members: Ints) -> None:
    rng = world.rng
    group, count = _groups(rng, members.size, lambda k: np.clip(rng.lognormal(3.2, 1.0, size=k), 4, 400).astype(int))
    _workplace(world, people, members, group, count)
    rollout = rng.random(count) < 0.4
    day = draw_births(rng, draw_zones(rng, count))
    joins = members[rollout[group]]
    people.created[joins] = day[group[rollout[group]]] + rng.integers(0, 2 * DAY, size=joins.size)


def _onboarding(world: World, people: Traits, members: Ints) -> None:
    """A whole department makes its accounts in the hour of a training."""
    rng = world.rng
    group, count = _groups(rng, members.size, lambda k: rng.integers(25, 180, size=k))
    _workplace(world, people, members, group, count)
    hour = draw_births(rng, draw_zones(rng, count))
    people.created[members] = hour[group] + (rng.beta(1.5, 3, size=members.size) * HOUR).astype(np.int64)


def _workplace(world: World, people: Traits, members: Ints, group: Ints, count: int) -> None:
    rng = world.rng
    index = rng.permutation(count * 8)[:count].astype(np.int64)
    block = 0 if (people.kind[members[0]] == KINDS.index("office")) else 1 << 20
    people.place[members] = (OFFICES + block + index * 4)[group]
    people.place_width[members] = rng.integers(1, 3, size=count)[group]
    people.at_place[members], people.signup_here[members] = 0.75, True
    people.zone[members] = draw_zones(rng, count)[group]
    one_card = rng.random(count) < 0.7
    people.shared_card[members] = np.where(one_card, world.codes(count), NONE)[group]
    people.cards[members[one_card[group]]] = 0


def _kiosk(world: World, people: Traits, members: Ints) -> None:
    """Libraries and internet cafés: some machines that all sorts of people sit down at, all year round."""
    rng = world.rng
    group, count = _groups(rng, members.size, lambda k: rng.integers(20, 400, size=k))
    machines = rng.integers(1, 13, size=count)
    people.place[members] = world.new_homes(count)[group]
    people.at_place[members], people.on_shared[members], people.signup_here[members] = 0.6, 0.6, True
    people.shared_device[members] = _spread(world.codes(int(machines.sum())), machines)[group]
    people.shared_width[members] = machines[group]


def _tablet(world: World, people: Traits, members: Ints) -> None:
    """A street team signs people up on its tablet, over one or two days, out of a mobile network."""
    rng = world.rng
    group, count = _groups(rng, members.size, lambda k: rng.integers(25, 90, size=k))
    people.shared_device[members] = world.codes(count)[group]
    people.signup_here[members] = True
    people.region[members] = world.draw_regions(count)[group]
    people.zone[members] = draw_zones(rng, count)[group]
    day = rng.integers(10, DAYS - 2, size=count)
    hours = rng.uniform(9, 18, size=members.size) - people.zone[members]
    days = day[group] + rng.integers(0, 2, size=members.size)
    people.created[members] = at(0) + days * DAY + (hours * HOUR).astype(np.int64)


def _tv_ad(world: World, people: Traits, members: Ints) -> None:
    """Strangers sign up in the minutes after an advertisement."""
    rng = world.rng
    group, count = _groups(rng, members.size, lambda k: rng.integers(150, 900, size=k))
    evening = at(0) + rng.integers(20, DAYS - 1, size=count) * DAY + rng.integers(17, 22, size=count) * HOUR
    people.created[members] = evening[group] + (rng.exponential(14 * 60, size=members.size) * SECOND).astype(np.int64)


def _vpn(world: World, people: Traits, members: Ints) -> None:
    people.vpn[members] = 0.85
    people.mobile[members] = 0.05


def _several(world: World, people: Traits, members: Ints) -> None:
    """People with many devices and cards."""
    rng = world.rng
    people.devices[members] = rng.integers(3, 9, size=members.size)
    people.cards[members] = rng.integers(2, 6, size=members.size)
    people.device[members] = _spread(world.codes(int(people.devices[members].sum())), people.devices[members])
    people.card[members] = _spread(world.codes(int(people.cards[members].sum())), people.cards[members])


def _proxy_owner(world: World, people: Traits, members: Ints) -> None:
    people.home[members] = world.proxies.owner_homes(world.rng, members.size)
    people.lease[members] = 0


_HABITS: dict[str, Callable[[World, Traits, Ints], None]] = {
    "home": _households,
    "carrier": _carrier,
    "campus": _campus,
    "office": _office,
    "kiosk": _kiosk,
    "tablet": _tablet,
    "vpn": _vpn,
    "several": _several,
    "proxy_owner": _proxy_owner,
    "tv_ad": _tv_ad,
    "onboarding": _onboarding,
}
