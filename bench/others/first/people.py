"""Honest persons: their devices, cards and networks."""

from __future__ import annotations

from collections.abc import Sequence

from others.first.lives import Card, Device, Nets, live
from others.first.networks import Network
from others.first.world import World


def phones(world: World) -> list[Device]:
    """The devices of one person: one to three, some of them replaced on the way; a few have a common identifier."""
    r = world.random
    devices = []
    for number in range(r.choice((1, 1, 1, 2, 2, 3))):
        weight = 1 / (number + 1)
        name = r.choice(world.common_devices) if r.random() < 0.006 else world.device()
        if r.random() < 0.12:
            replaced = r.random() * world.end_s
            devices += [Device(weight, name, until=replaced), Device(weight, world.device(), replaced)]
        else:
            devices.append(Device(weight, name))
    return devices


def wallet(world: World, willing: float = 1.0) -> list[Card]:
    """The cards of one person: none, one, or one and later another."""
    r = world.random
    if not world.settings.paying or r.random() > world.settings.paying * willing:
        return []
    cards = [Card(world.card())]
    if r.random() < 0.15:
        begin = r.random() * world.end_s
        cards.append(Card(world.card(), begin))
    return cards


def places(world: World, home: Network | None, mobile: float) -> list[tuple[float, Network]]:
    """The networks of one person: home, a carrier, or both; now and then a cafe or a VPN.

    Some homes of customers carry a proxy, mostly without their knowledge."""
    r = world.random
    if home is None:
        home = world.proxied.pop() if world.proxied and r.random() < 0.08 else world.home()
    nets: list[tuple[float, Network]] = []
    if r.random() < max(0.95 - mobile * 0.5, 0.4):
        nets.append((1, home))
    if r.random() < mobile or not nets:
        nets.append((r.uniform(0.3, 2) * (mobile + 0.2), world.mobile()))
    if r.random() < 0.05:
        nets.append((0.2, r.choice(world.cafes)))
    if r.random() < world.settings.vpn * 0.4:
        nets.append((0.5, r.choice(world.vpns).favourites(4)))
    return nets


def person(
    world: World,
    group: str,
    home: Network | None = None,
    extra: Nets = (),
    *,
    time: float | None = None,
    cards: Sequence[Card] | None = None,
    devices: Sequence[Device] | None = None,
    mobile: float | None = None,
    sessions: int | None = None,
    timezone: float | None = None,
    pay: str = "usual",
) -> None:
    """An honest person with one account; whatever is not given is the person's own.

    home: the line at home. extra: further networks. time: when the person signs up, before it is moved to waking hours
    (seconds). mobile: how much goes through carriers."""
    nets = [*places(world, home, world.settings.mobile if mobile is None else mobile), *extra]
    time = world.awake(world.moment() if time is None else time, world.timezone)
    if sessions is None and world.random.random() < 0.28:
        sessions = world.random.choice((0, 0, 1, 2))
    devices = devices or phones(world)
    cards = wallet(world) if cards is None else cards
    own = world.some_timezone()
    timezone = own if timezone is None else timezone
    live(world, group, time, nets, devices, cards, sessions=sessions, timezone=timezone, pay=pay)
