"""The life of an account: signup, payments, logins and activity, each from some network and on some device."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from others.first.draws import DAY
from others.first.networks import Network
from others.first.world import World

FAKE = "campaign:"
"""what the names of groups of fake accounts begin with"""
FOREVER = 9e9


class Device(NamedTuple):
    """A device: its weight among others, its identifier, and from when until when it is used (seconds)."""

    weight: float
    name: str
    begin: float = 0
    until: float = FOREVER


class Card(NamedTuple):
    """A card's fingerprint, and from when on it is used (seconds)."""

    name: str
    begin: float = 0


Nets = Sequence[tuple[float, Network]]
"""networks of one account, each with its weight"""


class Whereabouts:
    """The networks and devices of one account."""

    def __init__(self, world: World, nets: Nets, devices: Sequence[Device]) -> None:
        self._world, self._devices = world, devices
        self._nets = [net for _, net in nets]
        self._weights = list(accumulate([weight for weight, _ in nets]))

    def at(self, time: float) -> tuple[str, str | None]:
        """The address and the device (None: not known) of a use at a moment."""
        r = self._world.random
        at_hand = [device for device in self._devices if device.begin <= time < device.until] or self._devices[-1:]
        name = r.choices(at_hand, [device.weight for device in at_hand])[0].name
        ip = r.choices(self._nets, cum_weights=self._weights)[0].ip(time, name)
        return ip, None if r.random() < self._world.device_unknown else name


def live(
    world: World,
    group: str,
    time: float,
    nets: Nets,
    devices: Sequence[Device],
    cards: Sequence[Card] = (),
    *,
    sessions: int | None = None,
    life_s: float | None = None,
    timezone: float = 0.0,
    pay: str | None = "usual",
    account: str | None = None,
    waking: bool = True,
    first_s: float = 0.0,
) -> str:
    """Tells an account's life from a moment on and gives its name; with `account`, another part of that one's life.

    sessions and life_s: how many, and for how long (None: as usual, and to the end). pay: "usual" (as customers of the
    world do), "once" or None. waking: sessions keep to waking hours. first_s: seconds until the first session."""
    r = world.random
    name = account or world.name(14)
    time = min(max(time, r.random() * DAY), world.end_s - r.uniform(600, 2 * DAY))
    if account:
        time = max(time, world.born[account])
    else:
        world.born[name] = time
        world.truth.append((name, group.startswith(FAKE), group))
    times = _session_times(world, time, sessions, life_s, first_s, timezone if waking else None)
    where = Whereabouts(world, nets, devices)
    first = _sign_up(world, name, time, where, told=account is None)
    if cards and pay:
        _pay(world, name, time, cards, _payment_times(world, pay, time, times), where, first)
    for moment in times:
        _session(world, name, moment, where)
    return name


def _session_times(
    world: World, time: float, sessions: int | None, life_s: float | None, first_s: float, timezone: float | None
) -> list[float]:
    """When the sessions of an account born at `time` begin; with a timezone, mostly in its waking hours."""
    r = world.random
    count = world.sessions() if sessions is None else sessions
    left = world.end_s - time if life_s is None else min(life_s, world.end_s - time)
    times = sorted([time + first_s + r.random() * max(1, left - first_s) for _ in range(count)])
    if timezone is not None:
        times = [world.awake(moment, timezone) for moment in times]
    return [moment for moment in times if time + 300 < moment < world.end_s]


def _sign_up(world: World, account: str, time: float, where: Whereabouts, *, told: bool) -> tuple[str, str | None]:
    """The signup and what is done in the minutes after it; drawn in any case, told for new accounts only."""
    r = world.random
    ip, device = where.at(time)
    if told:
        world.events.append((account, time, "signup", ip, device, None))
    after = r.expovariate(1 / 200) + 20
    for _ in range(r.choice((0, 1, 1, 2, 3))):
        if told:
            world.events.append((account, time + after, "activity", ip, device, None))
        after += r.expovariate(1 / 240) + 3
    return ip, device


def _payment_times(world: World, pay: str, time: float, sessions: Sequence[float]) -> list[float]:
    r = world.random
    if pay == "once":
        return [time + (r.expovariate(1 / 2500) + 50)]
    if world.settings.payment == "top-up":
        times = [time + r.expovariate(1 / 3000) + 60] if r.random() < 0.5 else []
        times += [moment + r.uniform(20, 900) for moment in sessions if r.random() < 0.22]
        return times or [time + r.uniform(1, 5) * DAY]
    times = []
    paid = time + (r.expovariate(1 / 1500) + 60 if r.random() < 0.6 else r.uniform(1, 15) * DAY)
    stop = paid + r.uniform(20, 100) * DAY if r.random() < 0.3 else world.end_s
    while paid < min(stop, world.end_s):
        times.append(paid)
        paid += 30 * DAY + r.uniform(-3, 3) * 3600
    return times


def _pay(
    world: World,
    account: str,
    time: float,
    cards: Sequence[Card],
    payments: Sequence[float],
    where: Whereabouts,
    first: tuple[str, str | None],
) -> None:
    """Payments, each with the card of its time; those of the first hour from where the signup was."""
    begins = [card.begin for card in cards]
    for paid in payments:
        if paid < world.end_s:
            card = cards[max(0, bisect_right(begins, paid) - 1)].name
            ip, device = where.at(paid) if paid > time + 3600 else first
            world.events.append((account, paid, "payment", ip, device, card))


def _session(world: World, account: str, time: float, where: Whereabouts) -> None:
    r = world.random
    ip, device = where.at(time)
    if r.random() < 0.55:
        world.events.append((account, time, "login", ip, device, None))
    for _ in range(r.choice((0, 1, 1, 2, 3))):
        time += r.expovariate(1 / 300) + 2
        world.events.append((account, time, "activity", ip, device, None))
