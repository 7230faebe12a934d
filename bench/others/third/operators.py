"""How an actor runs the accounts of a campaign: when they sign up, on what, and where the actor slips."""

from __future__ import annotations

from dataclasses import dataclass, field

from others.third.companies import DAY
from others.third.network import Exit, ResidentialProxy
from others.third.population import Account, Device, Population

BATCH = 10  # accounts


@dataclass(frozen=True, slots=True)
class Operator:
    """How one actor runs its accounts. Shares are of its accounts."""

    exits: list[Exit]
    timing: str  # as in signup_times
    devices: list[Device] = field(default_factory=list)
    devices_each: int = 1
    antidetect: float = 0.0  # share with a device of its own
    cards: list[str] = field(default_factory=list)
    card_rate: float = 1.0  # share that pays
    exits_each: int = 2
    rate: float = 1.0  # times the company's sessions a day
    life: float = 60.0  # days
    spread: float = 3.0  # hours around the peak of the shift, one standard deviation
    leak: float = 0.0  # share that the operator's own desk and line touch
    sticky: bool = False  # whether an account keeps one address of each of its exits


def signup_times(people: Population, timing: str, count: int, batch: int = BATCH) -> list[float]:
    """So many times of signups: a "burst" within four days, "batches" of about so many accounts, or "slow"."""
    rng, end = people.rng, people.end
    start = rng.uniform(0, 0.7) * end
    if timing == "burst":
        span = rng.uniform(0.05, 4) * DAY
        times = [start + rng.random() * span for _ in range(count)]
    elif timing == "batches":
        begins = [rng.uniform(start, end) for _ in range(max(1, count // batch))]
        times = [rng.choice(begins) + rng.expovariate(1 / 2400) for _ in range(count)]
    else:
        span, peak = rng.uniform(0.4, 1) * (end - start), rng.random() * 24
        spread = rng.choice([2.5, 5.0, 12.0])
        times = [people.at_hour((start + rng.random() * span) / DAY, peak, spread) for _ in range(count)]
    return [min(max(time, 0.0), end - rng.uniform(60, 7200)) for time in times]


def run(people: Population, group: str, count: int, operator: Operator) -> None:
    """Adds the accounts of a campaign. Its staff has a desk and a line, which leak at times."""
    rng, company, peak = people.rng, people.company, people.rng.random() * 24
    desk, line = Device(people.device(False)), people.network.home()
    idle, wiped = rng.uniform(0, 0.6), rng.choice([0.0, 0.0, rng.uniform(0, 0.3)])
    for time in signup_times(people, operator.timing, count):
        exits = rng.sample(operator.exits, min(operator.exits_each, len(operator.exits)))
        if operator.sticky:
            exits = [people.network.fixed(exit_) for exit_ in exits]
        devices = _devices(people, operator)
        pays = bool(operator.cards) and company.pays > 0 and rng.random() < operator.card_rate
        cards = [rng.choice(operator.cards)] if pays else []
        weighted = [(exit_, rng.uniform(0.4, 1)) for exit_ in exits]
        if rng.random() < operator.leak:
            devices, weighted = [*devices, desk], [*weighted, (line, 0.3)]
        account = Account(
            group,
            time,
            weighted,
            devices,
            cards,
            rate=company.rate * operator.rate * rng.lognormvariate(-0.2, 0.8) * (0.1 if rng.random() < idle else 1),
            life=operator.life * rng.uniform(0.5, 1.5),
            pay_every=company.pay_every * rng.uniform(0.5, 1.5),
            peak=peak,
            spread=operator.spread,
            device_null=wiped,
        )
        people.accounts.append(account)


def _devices(people: Population, operator: Operator) -> list[Device]:
    """The devices of one account: a new one of its own, or some of the operator's."""
    if people.rng.random() < operator.antidetect or not operator.devices:
        return draw_devices(people, 1)
    return people.rng.sample(operator.devices, min(operator.devices_each, len(operator.devices)))


def draw_devices(people: Population, count: int) -> list[Device]:
    """So many new devices, one at least."""
    return [Device(people.device(False)) for _ in range(max(1, count))]


def draw_cards(people: Population, count: int, fewest: float, most: float) -> list[str]:
    """New cards for so many accounts, with a number of accounts on each that is drawn between these two."""
    return [people.card() for _ in range(max(1, int(count / people.rng.uniform(fewest, most))))]


def draw_proxies(people: Population, count: int) -> list[Exit]:
    """Peers of a residential proxy network for so many accounts, lines of honest people: each an exit of its own, or
    all behind one."""
    rng, homes = people.rng, people.network.homes
    peers = rng.sample(homes, min(len(homes), max(6, int(count * rng.uniform(0.3, 3)))))
    return [ResidentialProxy(peers)] if rng.random() < 0.4 else list(peers)
