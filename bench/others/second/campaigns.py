"""Campaigns of fake accounts: what an operator runs, what it hides and what it cannot.

- bonus: 3 to 10 accounts on one home, carrier or VPN. Tell: one device or few on nearly all, the home line.
- card_farm: accounts on few cards, behind VPN, proxies or a home. Tell: cards chain accounts that share neither home
  nor name; equal delays from signup to payment.
- device_farm: 2.5 to 25 accounts on a device, behind carriers, proxies or VPN. Tell: devices, batches of signups, rota.
- proxy_ring: behind a residential-proxy network, its own or one that honest people rent too. Tell: cards, devices where
  farmed, repeated use of the same exits, jobs dealt out in turn.
- hosting: in few hosting /24s; devices each, farmed or new each session. Tell: a /24 with nobody else in it.
- range6: the same in one to three routed /48s, an address for each session. Tell: the /48 as a whole.
- antidetect: a device each, slow signup, VPN, proxies or carriers. Tell: reused cards, and slips. The hardest kind; in
  a world without cards it may not be findable.
- aged: bought accounts: a stranger's device and addresses, then the buyer's few devices and exits. Tell: everything
  changes within days of one date, and the new devices are common.
- lazy: everything is shared, within hours to days.
- gateway: traffic dealt out in turn from hosting, VPN or a /48. Tell: even load, the order of turns, exits.

In all of them an account may slip and show the operator's own computer or home (rings.py)."""

from __future__ import annotations

import numpy as np

from others.second.draws import Fixed, Switch, chance, device_id, log_uniform, log_uniform_count
from others.second.honest import draw_timing, own_ips
from others.second.lives import Life, Scene
from others.second.rings import Play, Ring

PLAYS: dict[str, Play] = {
    "bonus": Play(
        (3, 10), ("home", "carrier", "vpn"), ("few", "farm"), ("few", "own"), ("burst", "drip"), ("dead", "customer")
    ),
    "card_farm": Play(
        (20, 400),
        ("vpn", "proxy", "home"),
        ("each", "farm"),
        ("few", "many"),
        ("batches", "drip"),
        ("dead", "customer"),
    ),
    "device_farm": Play(
        (30, 600), ("carrier", "proxy", "vpn"), ("farm",), ("many", "own"), ("batches", "drip"), ("rota", "dead")
    ),
    "proxy_ring": Play(
        (50, 2000), ("proxy",), ("each", "farm"), ("few", "many"), ("drip", "batches"), ("rota", "customer")
    ),
    "hosting": Play(
        (20, 800), ("hosting",), ("each", "farm", "fresh"), ("many", "own"), ("burst", "drip"), ("rota", "dead")
    ),
    "range6": Play(
        (20, 800), ("range6",), ("each", "farm", "fresh"), ("many", "own"), ("burst", "batches"), ("rota", "customer")
    ),
    "antidetect": Play((20, 300), ("proxy", "vpn", "carrier"), ("each",), ("many",), ("drip",), ("customer", "rota")),
    "aged": Play(
        (15, 200), ("vpn", "proxy", "hosting"), ("few", "farm"), ("own", "few"), ("aged",), ("rota", "customer")
    ),
    "lazy": Play((10, 200), ("home", "hosting"), ("few",), ("few",), ("burst",), ("dead", "rota")),
    "gateway": Play((30, 500), ("hosting", "vpn", "range6"), ("each", "farm"), ("many", "few"), ("drip",), ("rota",)),
}


def run_campaign(scene: Scene, name: str, number: int, size: int) -> None:
    """The accounts of one campaign live."""
    rng = scene.rng
    ring = Ring(scene, PLAYS[name], size)
    signups = ring.signups()
    sold = scene.days * rng.uniform(0.4, 0.8)
    begin = sold if ring.when == "aged" else float(np.median(signups))
    visits = ring.rota(begin) if ring.habit == "rota" else None
    for k in range(size):
        life = _account(scene, ring, f"campaign:{name}_{number}", float(signups[k]))
        if visits is not None:
            life.visits = visits[k]
        if scene.habits.pays > 0 and chance(rng, ring.pays):
            life.cards, life.timing.pay_delay = ring.card(), ring.pay_delay * log_uniform(rng, 0.5, 2)
            life.timing.pay_every = life.timing.pay_every or 30.4
        if ring.when == "aged":
            _sell(scene, life, sold, ring.stay)
        scene.live(life)


def _account(scene: Scene, ring: Ring, label: str, signup: float) -> Life:
    """A fake account that comes as its operator likes, and does not pay yet."""
    devices, ips, timing = ring.device(), ring.exit(), draw_timing(scene)
    timing.signup = signup
    if ring.habit == "dead":
        timing.stay = log_uniform(scene.rng, 0.01, 3)
    else:
        timing.stay = ring.stay * log_uniform(scene.rng, 0.5, 2)
    timing.rate = ring.rate * log_uniform(scene.rng, 0.6, 1.6)
    return Life(label, True, timing, devices, ips)


def _sell(scene: Scene, life: Life, sold: float, stay: float) -> None:
    """Makes it a stranger's account that was sold at a day: his traces first, a pause, then the buyer's."""
    rng, timing = scene.rng, life.timing
    when = sold + rng.exponential(1.0)
    life.devices = Switch(Fixed(device_id(rng)), life.devices, when)
    life.ips = Switch(own_ips(scene), life.ips, when)
    early = timing.signup + rng.exponential(6, log_uniform_count(rng, 1, 8))
    later = life.visits if life.visits is not None else when + rng.random(12) * stay
    life.visits = np.concatenate([early[early < when], later[later >= when], [when]])
    timing.stay, timing.pay_delay = scene.days, max(timing.pay_delay, when - timing.signup + timing.pay_delay)


def campaign_sizes(scene: Scene, total: int) -> list[tuple[str, int]]:
    """Campaigns and their sizes until so many fakes (3 or more) are spent. Each third is a bonus; one may be large."""
    rng, plays = scene.rng, scene.profile.plays
    liked = np.array([log_uniform(rng, 0.2, 5) * plays.get(name, 1.0) for name in PLAYS])
    names, left, largest = list(PLAYS), total, 0.55
    out: list[tuple[str, int]] = []
    while left >= 3:
        name = names[int(rng.choice(len(names), p=liked / liked.sum()))] if len(out) % 3 else "bonus"
        low, high = PLAYS[name].size
        cap = max(3.0, total * largest)
        size = min(int(log_uniform(rng, min(low, cap), min(high, cap) + 0.5)), left)
        out.append((name, size))
        left -= size
        largest = 0.15 if size > total * 0.2 else largest
    if left:
        out[-1] = (out[-1][0], out[-1][1] + left)
    return out
