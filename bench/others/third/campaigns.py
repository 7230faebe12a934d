"""The kinds of campaigns: infrastructure, timing, money and mistakes, each drawn anew. Each says what gives it away.

A campaign is a function of the population, the name of its group and the number of its accounts."""

from __future__ import annotations

from collections.abc import Callable

from others.third.companies import DAY
from others.third.honest import person
from others.third.network import Exit
from others.third.operators import Operator, draw_cards, draw_devices, draw_proxies, run, signup_times
from others.third.population import Device, Population

Campaign = Callable[[Population, str, int], None]


def bonus_ring(people: Population, group: str, count: int) -> None:
    """One person takes a welcome bonus 3 to 10 times: a line and a carrier, one to three phones, cards used 2 to 6
    times. Phone, card and line go together, with many accounts on one phone, and there is little life afterwards."""
    rng, network = people.rng, people.network
    operator = Operator(
        [network.home(), network.carrier()],
        rng.choice(["burst", "slow"]),
        draw_devices(people, rng.randint(1, 3)),
        antidetect=rng.uniform(0, 0.5),
        cards=draw_cards(people, count, 2, 6),
        card_rate=0.9,
        life=rng.uniform(3, 40),
        rate=rng.uniform(0.3, 1),
    )
    run(people, group, count, operator)


def card_farm(people: Population, group: str, count: int) -> None:
    """Stolen or virtual cards on 3 to 14 accounts each, a device of its own for each account, lines of honest people.
    Cards are shared by strangers with nothing else in common, peers recur, and a few accounts leak the desk."""
    rng = people.rng
    operator = Operator(
        draw_proxies(people, count),
        rng.choice(["slow", "batches"]),
        antidetect=1,
        cards=draw_cards(people, count, 3, 14),
        card_rate=rng.uniform(0.7, 1),
        rate=rng.uniform(0.3, 1.2),
        life=rng.uniform(10, 60),
        leak=rng.uniform(0, 0.1),
    )
    run(people, group, count, operator)


def device_farm(people: Population, group: str, count: int) -> None:
    """Phones or emulators with 3 to 15 accounts each, a carrier and one line. Devices are chained by accounts on two
    of them, and the line has all of them."""
    rng, network = people.rng, people.network
    operator = Operator(
        [network.carrier(), network.fixed(network.home())],
        rng.choice(["slow", "batches"]),
        draw_devices(people, int(count / rng.uniform(3, 15))),
        devices_each=rng.randint(1, 2),
        antidetect=rng.uniform(0, 0.25),
        cards=draw_cards(people, count, 2, 8),
        card_rate=rng.uniform(0, 0.6),
        rate=rng.uniform(0.5, 2),
        life=rng.uniform(15, 90),
    )
    run(people, group, count, operator)


def hosting(people: Population, group: str, count: int) -> None:
    """One to four /24 networks of hosting, with fixed addresses or a pool. Nobody else lives there, it is active round
    the clock, and some devices are shared."""
    rng, network = people.rng, people.network
    pool = network.hosting(rng.randint(1, 4), max(3, int(count * rng.uniform(0.1, 1))))
    exits: list[Exit] = [pool]
    if rng.random() >= 0.5:
        exits = [network.fixed(pool) for _ in range(max(2, count // 4))]
    operator = Operator(
        exits,
        rng.choice(["burst", "batches", "slow"]),
        draw_devices(people, count // 5),
        antidetect=rng.uniform(0.4, 1),
        cards=draw_cards(people, count, 2, 10),
        card_rate=rng.uniform(0, 0.5),
        rate=rng.uniform(0.3, 2),
        spread=12,
        life=rng.uniform(5, 90),
    )
    run(people, group, count, operator)


def six_block(people: Population, group: str, count: int) -> None:
    """One to three /48 networks of hosting, mostly an address for each account. Nobody else is in the /48, with nearly
    as many /64 as accounts, and some devices and cards are shared."""
    rng = people.rng
    operator = Operator(
        [people.network.v6_hosting(rng.randint(1, 3))],
        rng.choice(["burst", "batches", "slow"]),
        draw_devices(people, count // 8),
        antidetect=rng.uniform(0.6, 1),
        cards=draw_cards(people, count, 2, 9),
        card_rate=rng.uniform(0, 0.4),
        spread=12,
        rate=rng.uniform(0.3, 2),
        sticky=rng.random() < 0.7,
    )
    run(people, group, count, operator)


def careful(people: Population, group: str, count: int) -> None:
    """A device each, slow signups, peers and a VPN, use like that of customers. Cards are on 1.3 to 4 accounts each,
    and 10 to 50 % of the accounts touch the desk and its line. The rest may be beyond finding."""
    rng = people.rng
    operator = Operator(
        [*draw_proxies(people, count), *people.network.vpns[:1]],
        "slow",
        antidetect=1,
        cards=draw_cards(people, count, 1.3, 4),
        card_rate=0.9,
        rate=rng.uniform(0.6, 1.2),
        life=rng.uniform(40, 150),
        leak=rng.uniform(0.1, 0.5),
        spread=4,
        exits_each=3,
    )
    run(people, group, count, operator)


def balanced(people: Population, group: str, count: int) -> None:
    """A click or review shop, whose workers pass each account along 2 to 5 of its phones and 3 of its modems: a dense
    bipartite block of accounts and phones, and one shift of working hours."""
    rng, network = people.rng, people.network
    modems: list[Exit] = [network.carrier() for _ in range(2)]
    modems += [network.fixed(network.home()) for _ in range(max(2, count // 12))]
    operator = Operator(
        modems,
        rng.choice(["slow", "batches"]),
        draw_devices(people, int(count / rng.uniform(1.5, 6))),
        devices_each=rng.randint(2, 5),
        exits_each=3,
        rate=rng.uniform(0.7, 2.5),
        life=rng.uniform(30, 150),
        spread=2.5,
    )
    run(people, group, count, operator)


def aged(people: Population, group: str, count: int) -> None:
    """Accounts of real people, bought or rented (money mules): ordinary until, within three weeks, all of them move to
    a few devices and exits. Cards for paying out are shared."""
    rng, company = people.rng, people.company
    pool = draw_devices(people, int(count / rng.uniform(3, 10)))
    exits = draw_proxies(people, count // 2) if rng.random() < 0.5 else [people.network.office()]
    payout = draw_cards(people, count, 4, 12)
    bought = rng.uniform(0.35, 0.7) * people.end
    for _ in range(count):
        account = person(people, group, signup=rng.random() * 0.8 * bought)
        turn = account.turn = bought + rng.random() * 20 * DAY
        account.devices = [Device(account.devices[0].id, 0, turn), Device(rng.choice(pool).id, turn)]
        account.late_exits = [(exit_, 1.0) for exit_ in rng.sample(exits, min(2, len(exits)))]
        account.late_cards = [rng.choice(payout)] if company.pays else []
        account.life, account.rate = company.days, max(account.rate, company.rate * 0.5)
        people.accounts.append(account)


def seller(people: Population, group: str, count: int) -> None:
    """Accounts made in batches on emulators, kept there up to a month, then sold to strangers, who use them on lines of
    their own; they stay fake. Devices and exits of the signups are shared, with short gaps between signups."""
    rng = people.rng
    pool = draw_devices(people, int(count / rng.uniform(4, 20)))
    batch = rng.randint(4, 30)
    exits: list[Exit] = [people.network.hosting(1, rng.randint(2, 20)), *draw_proxies(people, count)[:20]]
    kept = rng.uniform(0, 30)
    for time in signup_times(people, "batches", count, batch):
        account = person(people, group, signup=time)
        maker, exit_ = rng.choice(pool).id, rng.choice(exits)
        turn = account.turn = time + kept * rng.random() * DAY
        own = [Device(device.id, max(device.since, turn), device.until) for device in account.devices]
        account.signup_device, account.signup_exit = maker, exit_
        account.devices = [Device(maker, 0, turn), *own]
        account.late_exits, account.late_cards = account.exits, account.cards
        account.exits, account.cards = [(exit_, 1.0)], []
        people.accounts.append(account)


CAMPAIGNS: dict[str, Campaign] = {
    "card_farm": card_farm,
    "device_farm": device_farm,
    "hosting": hosting,
    "six_block": six_block,
    "careful": careful,
    "balanced": balanced,
    "aged": aged,
    "seller": seller,
}


def draw_sizes(people: Population) -> tuple[list[int], list[int]]:
    """Accounts of each bonus ring, and of each large campaign: four of those or more, of very unequal size."""
    rng, total = people.rng, int(people.company.accounts * people.company.fake_share)
    if not total:
        return [], []
    small = [rng.randint(3, 10) for _ in range(rng.randint(2, 7) if total > 100 else 2)]
    left = max(total - sum(small), 12)
    count = rng.randint(5, 9) if left > 150 else 4
    weights = [rng.lognormvariate(0, 1.3) for _ in range(count)]
    if rng.random() < 0.35:
        weights[0] += 1.5 * sum(weights)
    large = [max(6, int(left * weight / sum(weights))) for weight in weights]
    large[-1] += max(0, left - sum(large))
    return small, large


def plant(people: Population, small: list[int], large: list[int]) -> None:
    """Adds campaigns of these sizes."""
    for number, count in enumerate(small, 1):
        bonus_ring(people, f"campaign:bonus_ring_{number}", count)
    kinds = list(people.company.campaigns)
    people.rng.shuffle(kinds)
    for number, count in enumerate(large, 1):
        kind = kinds[(number - 1) % len(kinds)]
        CAMPAIGNS[kind](people, f"campaign:{kind}_{number}", count)
