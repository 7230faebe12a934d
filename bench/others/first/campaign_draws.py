"""What campaigns are made of: when accounts sign up, and which of them have a card or a device in common."""

from __future__ import annotations

from collections.abc import Callable

from others.first.draws import DAY
from others.first.lives import Card, Device
from others.first.world import World


def span(world: World, least: float, most: float) -> tuple[float, float]:
    """When a campaign begins and how long it signs up (seconds), for lengths in days."""
    length = min(world.random.uniform(least, most) * DAY, world.end_s * 0.9)
    return world.random.random() * (world.end_s * 0.95 - length), length


def sittings(world: World, begin: float, length: float, size: int, mean: float) -> list[float]:
    """Signups as a worker does them, in order: sittings of some accounts, with minutes between these."""
    r = world.random
    times: list[float] = []
    timezone = world.some_timezone()
    while len(times) < size:
        time = world.awake(begin + r.random() * length, timezone)
        for _ in range(int(r.expovariate(1 / mean)) + 1):
            times.append(time)
            time += r.expovariate(1 / 260) + 40
    return sorted(times[:size])


def dealt(world: World, size: int, mean: float, make: Callable[[], str], mixed: bool = False) -> list[str]:
    """One identifier for each account, each of them for about `mean` accounts; those of one identifier are neighbours
    in the order of signups, unless `mixed`."""
    places: list[int] = []
    count = 0
    while len(places) < size:
        places += [count] * max(1, int(world.lognormal(mean, 0.5) + 0.5))
        count += 1
    del places[size:]
    names = [make() for _ in range(count)]
    if mixed:
        world.random.shuffle(places)
    return [names[place] for place in places]


def devices(world: World, size: int, mean: float, mixed: bool = False) -> list[list[Device]]:
    """The device of each account, each for about `mean` accounts."""
    return [[Device(1, name)] for name in dealt(world, size, mean, world.device, mixed)]


def cards(world: World, size: int, mean: float) -> list[list[Card]]:
    """The card of each account, each for about `mean` accounts; none in a world without cards."""
    if not world.settings.paying:
        return [[] for _ in range(size)]
    mixed = world.random.random() < 0.4
    return [[Card(name)] for name in dealt(world, size, mean, world.card, mixed)]
