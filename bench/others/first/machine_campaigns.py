"""Campaigns told by their machines, cards, or ranges of addresses. Each function makes one ring of `size` accounts.

Of each ring, dates, rates, and how many accounts have a card or a device in common are drawn."""

from __future__ import annotations

from others.first.campaign_draws import cards, dealt, devices, sittings, span
from others.first.draws import DAY
from others.first.lives import Device, Nets, live
from others.first.networks import Exits, Provider, RentedLines
from others.first.world import World


def card_farm(world: World, size: int) -> None:
    """`card_farm`: 3 to 12 accounts on each card, a device for each one or two, two to six rented proxy lines. Tell:
    cards over unrelated homes, paid once, short lives, sittings of signups."""
    r, group = world.random, world.group("campaign:card_farm")
    begin, length = span(world, 6, 45)
    homes = r.sample(world.proxy_homes, len(world.proxy_homes) // 2)
    net = RentedLines(world, homes, r.randint(2, 6), r.uniform(900, 5000))
    device, card = devices(world, size, r.uniform(1, 2)), cards(world, size, r.uniform(3, 12))
    for i, time in enumerate(sittings(world, begin, length, size, 6)):
        count, life_s = r.randint(1, 9), r.uniform(4, 40) * DAY
        live(
            world, group, time, [(1, net)], device[i], card[i], sessions=count, life_s=life_s, pay="once", waking=False
        )


def device_farm(world: World, size: int) -> None:
    """`device_farm`: 3 to 14 accounts on each emulator, behind a carrier or two to eight lines. Tell: devices with many
    accounts in one span, signed up in sittings."""
    r, group = world.random, world.group("campaign:device_farm")
    begin, length = span(world, 8, 60)
    mobile = r.random() < 0.5
    net = r.choice(world.carriers).favourites(25) if mobile else world.exits(r.randint(2, 8))
    device = devices(world, size, r.uniform(3, 14), r.random() < 0.3)
    card = cards(world, size, r.uniform(1, 3))
    times = sittings(world, begin, length, size, 8)
    paying = r.random()
    for i, time in enumerate(times):
        paid = card[i] if r.random() < paying else []
        count, life_s, zone = r.randint(2, 14), r.uniform(10, 80) * DAY, world.timezone
        live(world, group, time, [(1, net)], device[i], paid, sessions=count, life_s=life_s, timezone=zone)


def hosting_range(world: World, size: int) -> None:
    """`hosting_range`: an address of some hosting /24s for each account, in 40 % of campaigns of a cloud where honest
    developers are, too. Tell: dense /24s of new accounts, devices of 1 to 3 and cards of 1.5 to 5."""
    r, group = world.random, world.group("campaign:hosting_range")
    begin, length = span(world, 5, 50)
    a, b = world.slash16()
    slash24s = [f"{a}.{b}.{r.randrange(256)}" for _ in range(max(1, size // r.randint(60, 160)))]
    if r.random() < 0.4:
        cloud = r.choice(world.clouds).slash24s
        slash24s = r.sample(cloud, min(len(cloud), len(slash24s)))
    ips = dealt(world, size, r.uniform(1, 1.6), lambda: f"{r.choice(slash24s)}.{r.randrange(1, 255)}")
    device, card = devices(world, size, r.uniform(1, 3)), cards(world, size, r.uniform(1.5, 5))
    for i, time in enumerate(sittings(world, begin, length, size, 10)):
        net, count, waking = Exits(world, [ips[i]]), r.randint(2, 15), r.random() < 0.3
        live(world, group, time, [(1, net)], device[i], card[i], sessions=count, waking=waking)


def v6_prefix(world: World, size: int) -> None:
    """`v6_prefix`: an address of its own for each account, in one or a few IPv6 /48s. Tell: a /48 with hundreds of
    accounts of one address each in a short span, and some devices in common."""
    r, group = world.random, world.group("campaign:v6_prefix")
    begin, length = span(world, 4, 60)
    slash48s = [world.slash48() for _ in range(max(1, size // 250))]
    device, card = devices(world, size, r.uniform(1, 2.5)), cards(world, size, r.uniform(1.2, 4))
    for i, time in enumerate(sittings(world, begin, length, size, 12)):
        ip = f"{r.choice(slash48s)}:{r.randrange(65536):x}:{world.host_part()}"
        count, waking = r.randint(1, 12), r.random() < 0.5
        live(world, group, time, [(1, Exits(world, [ip]))], device[i], card[i], sessions=count, waking=waking)


def slow_rotation(world: World, size: int) -> None:
    """`slow_rotation`: signups over the whole time, devices and cards of two to four accounts, favourite exits of a
    VPN, now and then the operator's home. Tell: chains of cards and devices that overlap."""
    r, group = world.random, world.group("campaign:slow_rotation")
    vpn = r.choice(world.vpns)
    net, home = vpn.favourites(max(r.randint(3, 12), size // 40)), world.home()
    device, card = devices(world, size, r.uniform(2, 4)), cards(world, size, r.uniform(2, 4))
    times = sorted([world.awake(r.random() * (world.end_s * 0.95), world.timezone) for _ in range(size)])
    offset = r.randrange(size)
    for i, time in enumerate(times):
        nets: Nets = [(1, net), (0.05, home)] if r.random() < 0.3 else [(1, net)]
        other = device[(i + offset) % size][0].name
        both = [*device[i], Device(0.15, other)] if r.random() < 0.3 else device[i]
        live(world, group, time, nets, both, card[i], timezone=world.timezone)


def burst(world: World, size: int) -> None:
    """`burst`: all within 1 to 10 hours, 6 to 25 accounts on an address, devices of 1 to 4 and cards of 2 to 8. Tell:
    time and sharing together (a fair's visitors share neither devices nor cards)."""
    r, group = world.random, world.group("campaign:burst")
    begin, length = world.moment(), r.uniform(1, 10) * 3600
    provider = Provider(world, r.randint(1, 4))
    net = Exits(world, [provider.ipv4() for _ in range(max(2, size // r.randint(6, 25)))])
    device, card = devices(world, size, r.uniform(1, 4)), cards(world, size, r.uniform(2, 8))
    for i in range(size):
        time = begin + r.random() * length
        count, life_s = r.choice((0, 1, 2, 3)), r.uniform(0.3, 9) * DAY
        live(
            world, group, time, [(1, net)], device[i], card[i], sessions=count, life_s=life_s, pay="once", waking=False
        )


def mixed_in(world: World, size: int) -> None:
    """`mixed_in`: among the honest users of one VPN or carrier. Tell: devices of two to five and cards of two to four
    only; in a world without cards, 60 % were also seen on a second machine of the ring."""
    r, group = world.random, world.group("campaign:mixed_in")
    crowd = r.choice(world.carriers + world.vpns)
    device, card = devices(world, size, r.uniform(2, 5)), cards(world, size, r.uniform(2, 4))
    begin, length = span(world, 15, 90)
    for i in range(size):
        time = world.awake(begin + r.random() * length, world.timezone)
        net = crowd.favourites(15)
        seen = device[i]
        if not world.settings.paying and r.random() >= 0.4:
            other = device[(i + r.choice((3, 5, 9))) % size][0].name
            seen = [*seen, Device(0.35, other)]
        count = r.randint(1, 12)
        live(world, group, time, [(1, net)], seen, card[i], timezone=world.timezone, sessions=count)
