"""Honest crowds: accounts of one place, one business or one day. Each function makes one crowd."""

from __future__ import annotations

from others.first.draws import DAY
from others.first.lives import Card, Device, Nets, live
from others.first.networks import Exits
from others.first.people import person, phones, wallet
from others.first.world import World


def dorm(world: World) -> None:
    """`dorm_n`: 15 to 110 people on one to six addresses, with own devices and cards; half join as the term starts."""
    r, provider = world.random, world.provider()
    ips = [provider.ipv4() for _ in range(r.randint(1, 6))]
    slash48s = [r.choice(provider.slash48s)]
    exits = Exits(world, ips, slash48s, 0.7 if r.random() < world.settings.ipv6 else 0)
    group, term = world.group("honest:dorm"), world.end_s * r.uniform(0.05, 0.6)
    for _ in range(r.randint(15, 110)):
        time = term + abs(r.gauss(0, 14)) * DAY if r.random() < 0.5 else None
        person(world, group, extra=[(3, exits)], time=time)


def office(world: World) -> None:
    """`office_n`: 4 to 160 staff behind the exits of one office, with own devices and homes; a share of them pays by
    one to four cards of the company, and half join in the days of the roll-out."""
    r = world.random
    first = world.provider().ipv4()
    slash24 = first.rsplit(".", 1)[0]
    exits = Exits(world, [first, *[f"{slash24}.{r.randrange(1, 255)}" for _ in range(r.choice((0, 0, 1, 3)))]])
    group = world.group("honest:office")
    company = [[Card(world.card())] for _ in range(r.choice((1, 1, 2, 4)))]
    share, rollout = r.uniform(0.2, 0.9), world.moment()
    for _ in range(min(160, max(4, int(world.lognormal(14, 0.8))))):
        paid = world.settings.paying and r.random() < share
        extra = [(r.uniform(1, 5), exits)]
        cards = r.choice(company) if paid else None
        time = rollout + r.random() * 3 * DAY if r.random() < 0.5 else None
        person(world, group, extra=extra, cards=cards, time=time)


def school(world: World) -> None:
    """`school_n`: 15 to 90 pupils on the machines of a lab, signed up in one of three lessons; many have own devices
    and homes as well."""
    r = world.random
    exits = world.exits(r.choice((1, 1, 2)))
    lab = [world.device() for _ in range(r.randint(6, 30))]
    group, begin = world.group("honest:school"), world.moment()
    for _ in range(r.randint(15, 90)):
        devices = [Device(1, name) for name in r.sample(lab, r.choice((1, 1, 2, 3)))]
        devices += phones(world) if r.random() < 0.6 else []
        time = begin + r.random() * 2400 + 7 * DAY * r.choice((0, 0, 1, 2))
        person(world, group, extra=[(3, exits)], devices=devices, cards=[], time=time)


def library(world: World) -> None:
    """`library_n`: 8 to 40 readers on two to nine public machines, most with own devices as well."""
    r = world.random
    exits, machines = world.exits(1), [world.device() for _ in range(r.randint(2, 9))]
    group = world.group("honest:library")
    for _ in range(r.randint(8, 40)):
        devices = [Device(1, r.choice(machines)), *(phones(world) if r.random() < 0.75 else [])]
        person(world, group, extra=[(2, exits)], devices=devices)


def reseller(world: World) -> None:
    """`reseller_n`: an agency opens, and mostly pays for, the accounts of 5 to 30 customers, who then use them on their
    own machines at their own homes."""
    r, home, machines = world.random, world.home(), phones(world)
    agency = [Card(world.card())]
    group = world.group("honest:reseller")
    for _ in range(r.randint(5, 30)):
        devices = phones(world) + ([Device(0.2, machines[0].name)] if r.random() < 0.6 else [])
        cards = agency if world.settings.paying and r.random() < 0.7 else []
        person(world, group, extra=[(0.25, home)], devices=devices, cards=cards)


def contractors(world: World) -> None:
    """`contractors_n`: 3 to 10 people with the card, the office and a VPN of one client, at their own homes."""
    r = world.random
    group, office_exit = world.group("honest:contractors"), world.exits(1)
    client = [Card(world.card())]
    for _ in range(r.randint(3, 10)):
        vpn = r.choice(world.vpns).favourites(2)
        cards = client if world.settings.paying and r.random() < 0.6 else None
        person(world, group, extra=[(0.5, office_exit), (1, vpn)], cards=cards)


def hackathon(world: World) -> None:
    """`hackathon_n`: 25 to 130 signups within two hours on one to four addresses, with own devices; half of them go on
    at home from the third day."""
    r = world.random
    exits = world.exits(r.choice((1, 1, 2, 4)))
    group, begin = world.group("honest:hackathon"), world.moment()
    zone = world.timezone
    for _ in range(r.randint(25, 130)):
        time = begin + r.random() * r.uniform(1800, 7200)
        nets: Nets = [(1, world.home()), (world.settings.mobile, world.mobile())]
        own = phones(world)
        count = r.randint(1, 4)
        event = [(1, exits)]
        name = live(world, group, time, event, own, sessions=count, life_s=1.5 * DAY, timezone=zone, waking=False)
        if r.random() < 0.5:
            cards = wallet(world, 0.7)
            count = r.randint(1, 8)
            live(world, group, time, nets, own, cards, sessions=count, timezone=zone, account=name, first_s=3 * DAY)


def ad_burst(world: World) -> None:
    """`ad_burst_n`: 80 to 400 strangers within hours or days of an advertisement; two thirds hardly return."""
    r = world.random
    begin, group = world.moment(), world.group("honest:ad_burst")
    for _ in range(r.randint(80, 400)):
        time = begin + r.expovariate(1 / (r.choice((0.2, 1)) * DAY))
        sessions = r.choice((0, 0, 1, 3)) if r.random() < 0.65 else None
        person(world, group, time=time, sessions=sessions)


def counter(world: World) -> None:
    """`counter_n`: staff open accounts for 10 to 45 customers on one to three machines of a shop; these then use them
    at home."""
    r, group = world.random, world.group("honest:counter")
    shop, machines = world.exits(1), [world.device() for _ in range(r.randint(1, 3))]
    for _ in range(r.randint(10, 45)):
        time = world.awake(world.moment(), world.timezone)
        name = live(world, group, time, [(1, shop)], [Device(1, r.choice(machines))], sessions=0)
        nets: Nets = [(1, world.home()), (world.settings.mobile, world.mobile())]
        devices, cards = phones(world), wallet(world)
        live(world, group, time, nets, devices, cards, timezone=world.timezone, account=name, first_s=3600)


def service_accounts(world: World) -> None:
    """`service_accounts_n`: 3 to 18 accounts of the programs of one business: one or two addresses, one card, one to
    four machines, day and night."""
    r, group = world.random, world.group("honest:service_accounts")
    exits, cards = world.exits(r.choice((1, 2))), [Card(world.card())]
    machines = [world.device() for _ in range(r.randint(1, 4))]
    begin = world.moment()
    for _ in range(r.randint(3, 18)):
        time = begin + r.random() * 30 * DAY
        devices = [Device(1, r.choice(machines))]
        paid = cards if world.settings.paying else []
        live(world, group, time, [(1, exits)], devices, paid, sessions=r.randint(15, 70), waking=False)
