"""Honest people: most share little, some share a lot. Each crowd says what tells it from a campaign.

A crowd is a function of the population, the name of its group and the number of its accounts."""

from __future__ import annotations

from collections.abc import Callable

from others.third.companies import DAY
from others.third.network import Exit
from others.third.population import Account, Device, Population, WeightedExits

Crowd = Callable[[Population, str, int], None]


def person(people: Population, group: str, home: Exit | None = None, signup: float | None = None) -> Account:
    """An ordinary customer: a line of their own or only a carrier, one or two phones, perhaps one or two cards, a VPN
    or a journey. Some never return."""
    rng, company = people.rng, people.company
    exits = _exits(people, home)
    gone = rng.random() < company.one_shot
    cards = [] if gone or rng.random() > company.pays else [people.card()]
    if cards and rng.random() < 0.12:
        cards.append(people.card())
    return Account(
        group,
        people.signup_time() if signup is None else signup,
        exits,
        _phones(people),
        cards,
        rate=rng.lognormvariate(0, 0.9) * company.rate * (0.05 if gone else 1),
        life=rng.uniform(0, 6) if gone else rng.expovariate(1 / company.life) + 2,
        pay_every=company.pay_every * rng.uniform(0.7, 2),
        peak=(company.peak + rng.gauss(0, 3)) % 24,
        device_null=rng.uniform(0.3, 1) if rng.random() < 0.04 else 0.0,
    )


def _exits(people: Population, home: Exit | None) -> WeightedExits:
    """A person's exits; a home that is given is one of them."""
    rng, company, network = people.rng, people.company, people.network
    only_mobile = home is None and rng.random() < company.mobile * 0.6
    exits: WeightedExits = []
    if not only_mobile:
        exits.append((home or network.home(), rng.uniform(0.5, 1)))
    if only_mobile or rng.random() < company.mobile:
        exits.append((network.carrier(), rng.uniform(0.2, 1)))
    if rng.random() < company.vpn:
        exits.append((rng.choice(network.vpns), rng.uniform(0.1, 2)))
    if rng.random() < 0.08:  # travels
        exits += [(network.home(), 0.08), (network.carrier(), 0.08)]
    return exits


def _phones(people: Population) -> list[Device]:
    """A phone, at times replaced by another one, and at times a second device."""
    rng = people.rng
    phones = [Device(people.device())]
    if rng.random() < 0.12:
        change = rng.random() * people.end
        phones = [Device(phones[0].id, 0, change), Device(people.device(), change)]
    if rng.random() < 0.3:
        phones.append(Device(people.device()))
    return phones


def _within(people: Population, time: float) -> float:
    """The time itself, or another one where the data end before it."""
    return time if time < people.end - 60 else people.signup_time()


def household(people: Population, group: str, count: int) -> None:
    """A family or a flat: one line, at times a tablet or a card in common. Small, and each mostly on a phone of their
    own."""
    rng, home = people.rng, people.network.home()
    card, tablet = people.card(), Device(people.device())
    for _ in range(count):
        member = person(people, group, home)
        if member.cards and rng.random() < 0.4:
            member.cards = [card]
        if rng.random() < 0.25:
            member.devices.append(tablet)
        people.accounts.append(member)


def several_accounts(people: Population, group: str, count: int) -> None:
    """One person with two or three accounts on the same phones and lines. Honest by decree: nothing of a bonus in it,
    and the signups are mostly days apart."""
    first = person(people, group)
    people.accounts.append(first)
    for _ in range(count - 1):
        other = person(people, group)
        other.exits, other.devices = first.exits, first.devices
        other.cards = first.cards if people.rng.random() < 0.6 else other.cards
        people.accounts.append(other)


def site(people: Population, group: str, count: int) -> None:
    """An office, dormitory or café: a NAT in common, at times cards of the firm. Each has a device, and a life away
    from the NAT."""
    rng, nat = people.rng, people.network.office()
    cards = [people.card() for _ in range(rng.randint(1, 3))]
    share, weight = rng.choice([0.0, 0.0, 0.1, 0.4]), rng.uniform(0.3, 2)
    for _ in range(count):
        member = person(people, group)
        member.exits.append((nat, weight))
        if member.cards and rng.random() < share:
            member.cards = [rng.choice(cards)]
        people.accounts.append(member)


def machine_room(people: Population, group: str, count: int) -> None:
    """A library or school: a NAT and machines that many use. Each has a phone and a home beside them."""
    rng, nat = people.rng, people.network.office()
    machines = [Device(people.device()) for _ in range(max(2, int(count * rng.uniform(0.1, 0.6))))]
    for _ in range(count):
        member = person(people, group)
        member.exits.append((nat, rng.uniform(0.3, 2)))
        member.devices += rng.sample(machines, min(len(machines), rng.randint(1, 3)))
        people.accounts.append(member)


def fair(people: Population, group: str, count: int) -> None:
    """A fair: many sign up within hours behind one NAT, at times on a device of the stand. Then they scatter to homes
    of their own."""
    rng, nat, begin = people.rng, people.network.office(), people.signup_time()
    hours, stand = rng.uniform(0.5, 8), people.device()
    on_stand = rng.choice([0.0, 0.0, 0.15])
    for _ in range(count):
        visitor = person(people, group, signup=_within(people, begin + rng.random() * hours * 3600))
        visitor.signup_exit = nat if rng.random() < 0.75 else None
        visitor.signup_device = stand if rng.random() < on_stand else None
        people.accounts.append(visitor)


def advert(people: Population, group: str, count: int) -> None:
    """Strangers who sign up after an advertisement. They have nothing but the time in common."""
    rng, begin, days = people.rng, people.signup_time(), people.rng.uniform(0.2, 2.5)
    for _ in range(count):
        time = begin + rng.expovariate(1 / (days * DAY))
        people.accounts.append(person(people, group, signup=_within(people, time)))


def reseller(people: Population, group: str, count: int) -> None:
    """An agency whose one card pays for its clients, and whose desk at times logs in for them. Clients have phones and
    lines of their own; deliberately near to a card farm, and hard."""
    rng, company = people.rng, people.company
    card, desk, nat = people.card(), Device(people.device()), people.network.office()
    helped = rng.choice([0.0, 0.2, 0.6])
    for _ in range(count):
        client = person(people, group)
        client.cards = [card] if rng.random() < 0.8 else client.cards
        client.pay_every = company.pay_every
        if not company.pays:
            client.cards = []
        if rng.random() < helped:
            client.devices.append(desk)
            client.exits.append((nat, 0.15))
        people.accounts.append(client)


def support(people: Population, group: str, count: int) -> None:
    """Customers whose accounts a support desk opens for some days. Rarely at the signup, and they have a life of their
    own elsewhere."""
    rng, nat = people.rng, people.network.office()
    desks = [Device(people.device()) for _ in range(rng.randint(1, 4))]
    for _ in range(count):
        customer = person(people, group)
        begin = customer.signup + rng.random() * 20 * DAY
        customer.devices.append(Device(rng.choice(desks).id, begin, begin + 4 * DAY))
        customer.exits.append((nat, 0.05))
        people.accounts.append(customer)


def business(people: Population, group: str, count: int) -> None:
    """Service accounts of a business: one NAT, its servers and cards. One actor, but a legitimate one: it pays
    steadily, is active round the clock, and signs up over months. The hardest honest crowd."""
    rng, company, nat = people.rng, people.company, people.network.office()
    servers = [Device(people.device()) for _ in range(rng.randint(1, 4))]
    cards = [people.card() for _ in range(rng.randint(1, 2))] if company.pays else []
    for _ in range(count):
        account = person(people, group)
        account.exits, account.cards, account.spread = [(nat, 1.0)], cards, 12.0
        account.devices, account.rate, account.life = servers, company.rate * rng.uniform(1, 3), 200.0
        people.accounts.append(account)


# group: (crowd, fewest accounts, most accounts, whether all of the group go by one name)
CROWDS: dict[str, tuple[Crowd, int, int, bool]] = {
    "families": (household, 2, 5, True),
    "flats": (household, 2, 4, True),
    "two_accounts": (several_accounts, 2, 3, True),
    "office": (site, 5, 80, False),
    "dormitory": (site, 20, 250, False),
    "cafe": (site, 5, 40, False),
    "library": (machine_room, 8, 60, False),
    "school": (machine_room, 15, 120, False),
    "fair": (fair, 15, 180, False),
    "advert": (advert, 40, 500, False),
    "reseller": (reseller, 3, 25, False),
    "support": (support, 10, 80, False),
    "business": (business, 3, 25, False),
}


def fill(people: Population, total: int) -> None:
    """Adds so many honest accounts: crowds up to the share of each group, and for the rest people by themselves, most
    of all. These have no link but carriers and exits, and what some share by chance."""
    rng, left = people.rng, total
    for name, share in people.company.honest.items():
        crowd, fewest, most, one_name = CROWDS[name]
        budget, number = min(left, int(total * share)), 0
        while budget >= fewest:
            count = min(rng.randint(fewest, most), budget, max(fewest, total // 15))
            number += 1
            crowd(people, f"honest:{name}" if one_name else f"honest:{name}_{number}", count)
            budget, left = budget - count, left - count
    people.accounts += [person(people, "honest:solo") for _ in range(left)]
    _share_by_chance(people)


def _share_by_chance(people: Population) -> None:
    """A friend's phone, a partner's card, a phone sold on."""
    rng, share = people.rng, people.rng.uniform(0.005, 0.03)
    for account in rng.sample(people.accounts, int(len(people.accounts) * share)):
        friend = rng.choice(people.accounts)
        if friend.cards and account.cards and rng.random() < 0.35:
            account.cards = [*account.cards, friend.cards[0]]
        else:
            account.devices = [*account.devices, friend.devices[0]]
