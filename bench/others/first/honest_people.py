"""Honest people on their own, in households, and with networks that they have in common with strangers only.

Each function makes one unit: one person, or those who have something in common. What ties honest accounts here is what
ties them in life; each kind but `singles` is there so that one tie alone does not tell a fake."""

from __future__ import annotations

from others.first.draws import DAY
from others.first.lives import Card, Device
from others.first.people import person, phones, wallet
from others.first.world import World


def single(world: World) -> None:
    """`singles`: no ties but leases that were others' before, VPNs and carriers."""
    person(world, "honest:singles")


def never_returned(world: World) -> None:
    """`never_returned`: a signup, and nothing after the first minutes."""
    person(world, "honest:never_returned", sessions=0, cards=[])


def family(world: World) -> None:
    """`families`: two to five in one home, each with own phones; 40 % of homes have a common tablet, and 45 % of their
    people pay by the family's card."""
    r, home, timezone = world.random, world.home(), world.some_timezone()
    tablet = [Device(0.5, world.device())] if r.random() < 0.4 else []
    common = wallet(world)
    begin = world.moment()
    for _ in range(r.choice((2, 2, 2, 3, 3, 4, 5))):
        devices = phones(world) + tablet
        cards = common if r.random() < 0.45 else None
        time = begin + (r.expovariate(1 / 4000) if r.random() < 0.3 else r.uniform(0, 60) * DAY)
        person(world, "honest:families", home, cards=cards, devices=devices, timezone=timezone, time=time)


def flat(world: World) -> None:
    """`flats`: two to six with a line in common, nothing else."""
    home = world.home()
    for _ in range(world.random.randint(2, 6)):
        person(world, "honest:flats", home)


def cafe_regulars(world: World) -> None:
    """`cafe_regulars`: two to eight guests of one cafe."""
    cafe = world.random.choice(world.cafes)
    for _ in range(world.random.randint(2, 8)):
        person(world, "honest:cafe_regulars", extra=[(1.5, cafe)])


def traveller(world: World) -> None:
    """`travellers`: one person on 3 to 10 strange lines and another carrier."""
    lines = [(0.7, world.exits(1)) for _ in range(world.random.randint(3, 10))]
    person(world, "honest:travellers", extra=[*lines, (0.5, world.mobile())])


def vpn_user(world: World) -> None:
    """`vpn_users`: one person, mostly on 1 to 40 favourite exits of a VPN."""
    r = world.random
    exits = r.choice(world.vpns).favourites(r.choice((1, 2, 4, 10, 40)))
    person(world, "honest:vpn_users", extra=[(r.uniform(1, 12), exits)])


def proxy_user(world: World) -> None:
    """`proxy_users`: one person on the residential proxy whose homes the operators of rings rent, too."""
    person(world, "honest:proxy_users", extra=[(world.random.uniform(0.5, 4), world.proxy)])


def carrier_only(world: World) -> None:
    """`carrier_only`: one person who has no line at home."""
    person(world, "honest:carrier_only", mobile=1.0, home=world.mobile())


def cloud_tunnel(world: World) -> None:
    """`cloud_tunnels`: a developer with a tunnel or a program on a rented machine: a fixed address of a cloud."""
    weight = world.random.uniform(0.5, 5)
    person(world, "honest:cloud_tunnels", extra=[(weight, world.cloud_machine())])


def second_account(world: World) -> None:
    """`second_account`: one person with two or three accounts on the same devices, often with the same card: sharing
    without gain, in use for long."""
    r = world.random
    home, devices, own, begin = world.home(), phones(world), wallet(world), world.moment()
    for number in range(r.choice((2, 2, 2, 3))):
        cards = own if r.random() < 0.6 else None
        time = begin + number * r.expovariate(1 / (20 * DAY))
        person(world, "honest:second_account", home, devices=devices, cards=cards, time=time)


def gift_card(world: World) -> None:
    """`gift_cards`: one fingerprint for two to five strangers, each of whom pays once."""
    cards = [Card(world.card())]
    for _ in range(world.random.randint(2, 5)):
        person(world, "honest:gift_cards", cards=cards if world.settings.paying else [], pay="once")


def second_hand(world: World) -> None:
    """`second_hand`: one phone of two strangers, one after the other."""
    r = world.random
    phone, sold = world.device(), r.uniform(0.2, 0.8) * world.end_s
    seller = [Device(1, phone, until=sold), Device(1, world.device(), sold)]
    person(world, "honest:second_hand", devices=seller, time=r.random() * sold)
    person(world, "honest:second_hand", devices=[Device(1, phone)], time=sold + r.random() * 9 * DAY)
