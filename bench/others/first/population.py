"""Who is in a world: rings of fake accounts first, then honest people and crowds until it is full."""

from __future__ import annotations

from others.first import honest_crowds as crowds
from others.first import honest_people as people
from others.first import life_campaigns as lived
from others.first import machine_campaigns as machines
from others.first.settings import WORLDS
from others.first.world import World

HONEST = (
    (people.single, 40),
    (people.never_returned, 8),
    (people.family, 13),
    (people.flat, 4),
    (crowds.dorm, 3.5),
    (crowds.office, 5),
    (crowds.school, 2),
    (crowds.library, 1),
    (people.cafe_regulars, 1.5),
    (people.traveller, 1.5),
    (people.vpn_user, 6),
    (people.proxy_user, 2.5),
    (people.carrier_only, 5),
    (people.second_account, 3),
    (people.gift_card, 0.8),
    (crowds.reseller, 0.5),
    (crowds.contractors, 0.6),
    (crowds.hackathon, 1.5),
    (crowds.ad_burst, 4),
    (crowds.counter, 0.6),
    (crowds.service_accounts, 0.5),
    (people.second_hand, 0.6),
    (people.cloud_tunnel, 1.2),
)
"""Each kind's weight among honest accounts."""

CAMPAIGNS = {
    "quill_subscription": (
        machines.card_farm,
        lived.antidetect,
        machines.hosting_range,
        lived.load_balanced,
        lived.aged_bought,
        machines.slow_rotation,
        lived.customer_like,
        machines.burst,
    ),
    "lantern_free": (
        machines.device_farm,
        machines.v6_prefix,
        machines.hosting_range,
        machines.burst,
        lived.aged_bought,
        machines.mixed_in,
        lived.load_balanced,
        machines.slow_rotation,
    ),
    "palmera_mobile": (
        machines.device_farm,
        machines.mixed_in,
        machines.card_farm,
        lived.customer_like,
        lived.aged_bought,
        machines.slow_rotation,
        lived.antidetect,
    ),
    "fjord_v6": (
        machines.v6_prefix,
        machines.v6_prefix,
        machines.card_farm,
        lived.customer_like,
        lived.antidetect,
        machines.hosting_range,
        machines.slow_rotation,
        machines.mixed_in,
    ),
}
"""The campaigns that each world may have, apart from `bonus_ring`."""
LEAST_RING = 12  # accounts of each campaign, however small the world


def populate(name: str, seed: int, accounts: int) -> World:
    """The world of a name and a seed, with at least so many accounts.

    Below about 3,000, the share of fakes is often above that of the settings, as no campaign is below LEAST_RING."""
    world = World(f"worldA/{name}/{seed}", WORLDS[name], accounts)
    fakes = int(accounts * world.random.uniform(*world.settings.fake))
    if fakes:
        _add_rings(world, name, fakes)
    _add_honest(world, accounts)
    return world


def _add_rings(world: World, name: str, fakes: int) -> None:
    """A few small rings of persons, and campaigns of very unequal size for the rest of `fakes`."""
    r = world.random
    small = int(fakes * r.uniform(0.05, 0.12))
    while len(world.truth) < small:
        lived.bonus_ring(world, r.randint(3, 10))
    left, menu = fakes - len(world.truth), list(CAMPAIGNS[name])
    r.shuffle(menu)
    chosen = menu[: r.randint(min(6, len(menu)), len(menu))]
    chosen += [r.choice(menu) for _ in range(r.randint(0, 4))]
    sizes = [world.lognormal(1, 1.1) for _ in chosen]
    if world.settings.one_big_ring and r.random() < world.settings.one_big_ring:
        sizes[0] = sum(sizes) * r.uniform(1, 2.5)
    total = sum(sizes)
    for campaign, size in zip(chosen, sizes, strict=True):
        campaign(world, max(LEAST_RING, int(left * size / total)))


def _add_honest(world: World, accounts: int) -> None:
    """Units of each kind in turn, each kind about up to its share of the rest; then singles until the world is full."""
    rest = accounts - len(world.truth)
    weights = [weight * world.lognormal(1, 0.35) for _, weight in HONEST]
    total = sum(weights)
    for (make, _), weight in list(zip(HONEST, weights, strict=True))[1:]:
        share = int(rest * weight / total * world.random.uniform(0.9, 1.1))
        goal = min(accounts, len(world.truth) + share)
        while len(world.truth) < goal - 2:
            make(world)
    while len(world.truth) < accounts:
        people.single(world)
