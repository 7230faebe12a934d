"""Crowds of honest people that look like rings, and the people who live alone.

- alone: everybody else. Phones and cards are replaced, private windows make new devices; VPN, travel, proxies.
- families, flats: one home line; families share devices and cards, flats hardly.
- second_account: two accounts of one person: the same home and device, often the same card. Honest by intent.
- dormitory, office, school, library: a site of 1 to 6 addresses beside everyone's home. Schools and libraries share
  machines, offices share cards. Tell: homes and devices of their own besides, long and uneven lives.
- cafe, hackathon, fair: a site on one day or now and then; fairs have shared stands. Tell: lives differ afterwards.
- service_accounts: a business's accounts behind one site only, few machines, one card. Near to a ring, known as hard.
- reseller, gift_cards: one card for many strangers whose devices and networks have nothing in common.
- contractors: a common exit of 1 to 4 addresses, partly a common card; homes of their own.
- advertising: a burst of strangers who share nothing but the date.
- support_desk: a few staff machines on many customers' accounts. Tell: customers' own devices and homes dominate."""

from __future__ import annotations

from dataclasses import dataclass

from others.second.draws import (
    Fixed,
    Pick,
    Range,
    Source,
    Switch,
    card_id,
    chance,
    device_ids,
    log_uniform,
    log_uniform_count,
)
from others.second.honest import own_ips, person
from others.second.lives import Life, Scene
from others.second.networks import range_pool


@dataclass(frozen=True, slots=True)
class Crowd:
    """What the members of a crowd have in common; pairs are the ends of what is drawn for each crowd."""

    size: Range
    # home: one line. site: beside homes. only: nothing else. visit: on the first day and at times. vpn: at times.
    net: str = "home"
    device: Range = (0, 0)  # share of members that use a common machine
    card: Range = (0, 0)  # share of payers that use the common card
    burst: Range = (0, 0)  # days within which all sign up; 0 for no burst
    machines: Range = (1, 1)  # common machines
    often: float = 1.0  # how much likelier than other crowds
    numbered: bool = True  # whether each is a group of its own in the truth


CROWDS: dict[str, Crowd] = {
    "families": Crowd((2, 6), device=(0.05, 0.5), card=(0.1, 0.8), often=12.0, numbered=False),
    "flats": Crowd((2, 7), device=(0, 0.06), card=(0, 0.05), often=5.0, numbered=False),
    "second_account": Crowd((2, 2), device=(0.6, 1), card=(0.3, 0.9), often=4.0, numbered=False),
    "dormitory": Crowd((15, 300), "site", device=(0, 0.03), burst=(0.0, 20), often=1.5),
    "office": Crowd((5, 150), "site", device=(0, 0.1), card=(0.05, 0.9), burst=(0, 30), often=2.0),
    "school": Crowd((20, 250), "site", device=(0.2, 0.9), burst=(0.05, 10), machines=(5, 60)),
    "library": Crowd((8, 80), "site", device=(0.2, 0.9), machines=(2, 20)),
    "cafe": Crowd((5, 60), "visit"),
    "service_accounts": Crowd((4, 80), "only", device=(0.3, 1), card=(0.5, 1), burst=(0.1, 60)),
    "reseller": Crowd((5, 120), "none", card=(0.7, 1)),
    "gift_cards": Crowd((2, 6), "none", card=(0.5, 1), numbered=False),
    "contractors": Crowd((4, 40), "vpn", card=(0.1, 0.7)),
    "hackathon": Crowd((20, 200), "visit", device=(0, 0.05), burst=(0.02, 0.3)),
    "fair": Crowd((10, 150), "visit", device=(0.1, 0.8), burst=(0.1, 1.5), machines=(2, 8)),
    "advertising": Crowd((50, 600), "none", burst=(0.2, 4)),
    "support_desk": Crowd((10, 120), "none", device=(0.5, 1), machines=(1, 8)),
}


def _site(scene: Scene, net: str) -> Source:
    if net == "home":
        return scene.net.home()
    if net == "vpn":
        return range_pool(scene.rng, 1, log_uniform_count(scene.rng, 1, 4))
    return range_pool(scene.rng, 1, log_uniform_count(scene.rng, 1, 6), 1.0)


def _member_ips(scene: Scene, net: str, site: Source, stays: float, own: Source) -> Source:
    """Where a member of a crowd comes from. `stays`: visits at a site for each at home. `own`: its own place."""
    rng = scene.rng
    if net == "home":
        return own_ips(scene, site)
    if net == "site":
        return own_ips(scene, Pick(rng, [site, scene.net.home()], [stays, 1]))
    if net in ("vpn", "visit"):
        return Pick(rng, [own, site], [1, log_uniform(rng, 0.05, 1)])
    return site if net == "only" else own


def _crowd(scene: Scene, name: str, number: int, most: int) -> int:
    """One crowd lives; returns how many it has."""
    crowd, rng = CROWDS[name], scene.rng
    size = max(2, min(log_uniform_count(rng, *crowd.size), most))
    label = f"honest:{name}_{number}" if crowd.numbered else f"honest:{name}"
    site, card = _site(scene, crowd.net), Fixed(card_id(rng))
    shared = Pick(rng, [Fixed(device) for device in device_ids(rng, log_uniform_count(rng, *crowd.machines))])
    p_device, p_card = rng.uniform(*crowd.device), rng.uniform(*crowd.card)
    width, begin = rng.uniform(*crowd.burst), rng.uniform(0, 0.9) * scene.days
    stays = log_uniform(rng, 0.2, 4)
    for _ in range(size):
        life: Life = person(scene, label)
        life.ips = _member_ips(scene, crowd.net, site, stays, life.ips)
        if chance(rng, p_device):
            life.devices = Pick(rng, [life.devices, shared], [1, log_uniform(rng, 0.2, 5)])
        if life.cards is not None and chance(rng, p_card):
            life.cards = card
        if width:
            life.timing.signup = begin + width * rng.beta(1.5, 3)
            if crowd.net == "visit":
                life.ips = Switch(site, life.ips, life.timing.signup + 0.1)
        scene.live(life)
    return size


def populate(scene: Scene, count: int) -> None:
    """So many honest accounts: crowds by drawn shares, 20 to 55 % in all; everybody else lives alone."""
    rng, liked = scene.rng, scene.profile.crowds
    share = {name: log_uniform(rng, 0.002, 0.06) * c.often * liked.get(name, 1.0) for name, c in CROWDS.items()}
    scale = rng.uniform(0.2, 0.55) / sum(share.values())
    done = 0
    for name, part in share.items():
        budget, used, number = int(count * part * scale), 0, 0
        while used < budget and count - done >= 2 and budget - used >= 2:
            number += 1
            got = _crowd(scene, name, number, min(budget - used, count - done))
            used, done = used + got, done + got
    for _ in range(count - done):
        scene.live(person(scene, "honest:alone"))
