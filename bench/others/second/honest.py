"""Honest people: when they come, and the devices, addresses and cards of their own."""

from __future__ import annotations

from others.second.draws import (
    Fixed,
    Fresh,
    Pick,
    Source,
    Switch,
    card_id,
    chance,
    device_id,
    log_uniform,
    log_uniform_count,
)
from others.second.lives import Life, Scene, Timing


def signup_day(scene: Scene) -> float:
    """Some joined in the 300 days before the window; the rest follow the growth of the service."""
    rng = scene.rng
    if chance(rng, scene.habits.old):
        return -rng.random() * 300
    day = int(scene.days * rng.random() ** scene.habits.growth)
    return day + ((15 + 5 * rng.standard_normal()) % 24) / 24


def draw_timing(scene: Scene) -> Timing:
    """When one person comes: some leave within two days, and these never pay."""
    rng, habits = scene.rng, scene.habits
    quits = chance(rng, habits.quit)
    pays = chance(rng, habits.pays) and not quits
    return Timing(
        signup=signup_day(scene),
        stay=log_uniform(rng, 0.02, 2) if quits else log_uniform(rng, 5, 600),
        rate=habits.rate * log_uniform(rng, 0.2, 5),
        peak=rng.normal(15, 3),
        pay_every=(30.4 if scene.profile.monthly else log_uniform(rng, 4, 60)) if pays else 0.0,
        pay_delay=log_uniform(rng, 0.003, 14),
        length=log_uniform(rng, 0.4, 3),
    )


def own_devices(scene: Scene) -> Source:
    """One device or some, the first most in use; phones are replaced, private windows make new ones."""
    rng, habits = scene.rng, scene.habits
    items: list[Source] = []
    for _ in range(1 + int(rng.poisson(habits.devices))):
        one: Source = Fixed(device_id(rng))
        if chance(rng, habits.new_phone):
            one = Switch(one, Fixed(device_id(rng)), scene.days * rng.random())
        items.append(one)
    if chance(rng, habits.private):
        items.append(Fresh(rng))
    return Pick(rng, items, [0.6**k for k in range(len(items))])


def own_ips(scene: Scene, base: Source | None = None) -> Source:
    """A home (or what is given instead), and for some the phone's carrier, a VPN, a proxy network and travel."""
    rng, net, habits = scene.rng, scene.net, scene.habits
    items: list[Source] = [base or net.home()]
    weights = [1.0]
    if chance(rng, habits.mobile):
        items.append(net.carrier())
        weights.append(log_uniform(rng, 0.1, 20 * habits.mobile))
    if chance(rng, habits.vpn):
        items.append(net.vpn())
        weights.append(log_uniform(rng, 0.1, 5))
    if len(net.homes) > scene.accounts // 4 and chance(rng, 0.3 * habits.vpn):
        items.append(net.proxy())
        weights.append(log_uniform(rng, 0.1, 5))
    if chance(rng, habits.travel):
        items += [net.home() for _ in range(log_uniform_count(rng, 1, 5))]
        weights += [0.1] * (len(items) - len(weights))
    return Pick(rng, items, weights)


def own_card(scene: Scene) -> Source:
    """A card that nobody else has; some are replaced."""
    rng = scene.rng
    card = Fixed(card_id(rng))
    if chance(rng, scene.habits.lost_card):
        return Switch(card, Fixed(card_id(rng)), scene.days * rng.random())
    return card


def person(scene: Scene, group: str) -> Life:
    """One honest person who shares nothing with anybody."""
    timing = draw_timing(scene)
    life = Life(group, False, timing, own_devices(scene), own_ips(scene))
    if timing.pay_every:
        life.cards = own_card(scene)
    return life
