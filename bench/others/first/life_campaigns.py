"""Campaigns told by how their accounts are lived in. Each function makes one ring of `size` accounts."""

from __future__ import annotations

from others.first.campaign_draws import cards, devices, sittings, span
from others.first.draws import DAY
from others.first.lives import Device, Nets, live
from others.first.networks import Exits, Network, Provider, RentedLines
from others.first.people import phones
from others.first.world import World


def antidetect(world: World, size: int) -> None:
    """`antidetect`: a device for each account, cards for 1.5 to 4, and one to four rented proxy lines. Tell: several
    accounts on one exit within the hour, and all of them active in the same shifts of work. The hardest of all."""
    r, group = world.random, world.group("campaign:antidetect")
    begin, length = span(world, 20, 90)
    homes = r.sample(world.proxy_homes, max(20, len(world.proxy_homes) // r.randint(3, 8)))
    nets = [(1, RentedLines(world, homes, r.randint(1, 4), r.uniform(2400, 9000)))]
    card = cards(world, size, r.uniform(1.5, 4))
    times = sittings(world, begin, length, size, 5)
    device = devices(world, size, r.uniform(1, 1.25))
    shifts = [begin + number * r.uniform(1, 2) * DAY for number in range(90)]
    for i, time in enumerate(times):
        name = live(world, group, time, nets, device[i], card[i], sessions=0)
        for shift in r.sample(shifts, r.randint(3, 9)):
            if time + 3600 < shift < world.end_s:
                count = r.randint(1, 2)
                live(world, group, shift, nets, device[i], sessions=count, life_s=5400, account=name, waking=False)


def aged_bought(world: World, size: int) -> None:
    """`aged_bought`: a real person's life at home first; from the handover on, within days, on the few machines,
    exits and cards of the buyer. Tell: unrelated accounts that move to the same devices at once."""
    r, group = world.random, world.group("campaign:aged_bought")
    handover = world.end_s * r.uniform(0.4, 0.75)
    lines = RentedLines(world, world.proxy_homes, 2, 4000)
    choices: list[Network] = [lines, r.choice(world.vpns).favourites(4), world.exits(3)]
    net = r.choice(choices)
    device, card = devices(world, size, r.uniform(2, 7)), cards(world, size, r.uniform(2, 6))
    for i in range(size):
        time = r.random() * handover * 0.9
        begin = world.awake(time, world.timezone)
        at_home: Nets = [(1, world.home()), (world.settings.mobile, world.mobile())]
        own, count, life_s, timezone = phones(world), r.randint(0, 5), (handover - time) * 0.7, world.some_timezone()
        name = live(world, group, begin, at_home, own, sessions=count, life_s=life_s, timezone=timezone)
        sold = handover + r.expovariate(1 / (4 * DAY))
        count = r.randint(3, 12)
        live(world, group, sold, [(1, net)], device[i], card[i], sessions=count, account=name, waking=False)


def customer_like(world: World, size: int) -> None:
    """`customer_like`: pays and works as customers do; devices of two to four, cards of 1.5 to 3, a worker's home for
    about 15 accounts, and a carrier. Tell: the mesh of devices, cards and homes."""
    r, group = world.random, world.group("campaign:customer_like")
    begin, length = span(world, 30, 120)
    homes = [world.home() for _ in range(max(1, size // 15))]
    device, card = devices(world, size, r.uniform(2, 4), mixed=True), cards(world, size, r.uniform(1.5, 3))
    for i in range(size):
        time = world.awake(begin + r.random() * length, world.timezone)
        nets: Nets = [(1, r.choice(homes)), (0.7, world.mobile())]
        count = r.randint(5, 22)
        live(world, group, time, nets, device[i], card[i], sessions=count, timezone=world.timezone)


def load_balanced(world: World, size: int) -> None:
    """`load_balanced`: a reseller of access. Registered over proxies, then used day and night, in turn, from the same
    servers and exits. Tell: as much on each account, about two server devices each, one pair of /24s."""
    r, group = world.random, world.group("campaign:load_balanced")
    begin, length = span(world, 5, 40)
    provider = Provider(world, 2)
    exits = Exits(world, [provider.ipv4() for _ in range(max(3, size // 8))])
    work = Exits(world, [provider.ipv4() for _ in range(r.randint(2, 6))])
    registered = RentedLines(world, world.proxy_homes, 3, 3000)
    device = devices(world, size, r.uniform(1, 1.5))
    servers = [world.device() for _ in range(max(2, size // 12))]
    card = cards(world, size, r.uniform(1.5, 4))
    times, usual = sittings(world, begin, length, size, 4), r.randint(9, 18)
    nets = [(3, exits), (1, work)]
    for i, time in enumerate(times):
        name = live(world, group, time, [(1, registered)], device[i], card[i], sessions=0)
        two = [Device(1, server) for server in r.sample(servers, 2)]
        count = usual + r.randint(-1, 1)
        live(world, group, time, nets, two, sessions=count, account=name, waking=False, first_s=3600)


def bonus_ring(world: World, size: int) -> None:
    """`bonus_ring`: one person at home with several accounts for the welcome bonus, minutes to days apart, on one to
    three devices, paid once, soon gone. Near to `second_account` and `families` on purpose."""
    r, group = world.random, world.group("campaign:bonus_ring")
    home, timezone = world.home(), world.some_timezone()
    names = [world.device() for _ in range(r.choice((1, 2, 2, 3)))]
    card = cards(world, size, r.uniform(1.3, 3))
    time, step = world.moment() * 0.8, r.choice((900, DAY, 4 * DAY, 9 * DAY))
    other = r.choice(world.vpns).favourites(3) if r.random() < 0.4 else world.mobile()
    nets: Nets = [(1, home), (0.6, other)]
    for i in range(size):
        device = [Device(1, r.choice(names))]
        count, life_s = r.choice((0, 1, 1, 2, 3)), r.uniform(1, 14) * DAY
        live(world, group, time, nets, device, card[i], sessions=count, life_s=life_s, timezone=timezone, pay="once")
        time += r.expovariate(1 / step) + 120
