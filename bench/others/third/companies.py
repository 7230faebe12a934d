"""What each of the companies is like, drawn anew by every seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

Range = tuple[float, float]

DAY = 86400.0  # seconds
FIRST_DAY = 1_699_920_000.0  # 2023-11-14, UTC: the earliest day on which data begin


@dataclass(frozen=True, slots=True)
class Kind:
    """Between what the shares of a kind of company are drawn, and which kinds of campaigns it has, each of them once
    before any comes again; a kind that stands twice is as likely again."""

    pays: Range
    mobile: Range
    v6: Range
    fake_share: Range
    campaigns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """One company. Shares are of 1, and of honest people where nothing else is said."""

    accounts: int
    pays: float  # share that pays
    mobile: float  # share that comes by a carrier
    v6: float  # how far IPv6 has come, at homes, carriers and VPNs
    fake_share: float  # of all accounts
    days: int  # that the data cover
    start: float  # their first second, Unix time
    card_at_signup: float  # share of those with a card who pay within minutes of their signup
    pay_every: float  # days between payments
    rate: float  # sessions a day
    life: float  # days that people stay, the mean
    vpn: float  # share that uses a VPN, too
    device_null: float  # share of sessions without a device
    common_fingerprint: float  # share of devices whose fingerprint is that of their model, one for many people
    one_shot: float  # share that hardly ever returns
    peak: float  # hour of the day at which people are most active, UTC
    honest: dict[str, float]  # share of each group of honest people
    campaigns: tuple[str, ...]


_ANYWHERE = ("card_farm", "device_farm", "hosting", "six_block", "careful", "balanced", "aged", "seller")
_WITHOUT_CARDS = ("device_farm", "hosting", "six_block", "balanced", "aged", "seller", "balanced", "device_farm")
_ON_PHONES = ("card_farm", "device_farm", "careful", "balanced", "aged", "seller", "hosting")

COMPANIES: dict[str, Kind] = {
    # a subscription: most people pay
    "streaming_plan": Kind((0.5, 0.95), (0.2, 0.6), (0.1, 0.5), (0.03, 0.14), _ANYWHERE),
    # free: no cards at all
    "social_feed": Kind((0, 0), (0.3, 0.8), (0.1, 0.6), (0.04, 0.15), _WITHOUT_CARDS),
    # nearly all on carriers, behind their NAT
    "ride_wallet": Kind((0.4, 0.9), (0.85, 0.98), (0.0, 0.3), (0.03, 0.12), _ON_PHONES),
    # IPv6 first, some pay
    "six_market": Kind((0.15, 0.6), (0.3, 0.7), (0.7, 1.0), (0.03, 0.14), _ANYWHERE),
    # no fakes at all: every group is innocent
    "quiet_games": Kind((0.05, 0.6), (0.2, 0.9), (0.1, 0.8), (0, 0), ()),
}

HONEST: dict[str, Range] = {
    "families": (0.04, 0.16),
    "flats": (0.02, 0.08),
    "two_accounts": (0.005, 0.03),
    "office": (0.01, 0.1),
    "dormitory": (0, 0.05),
    "cafe": (0, 0.03),
    "library": (0, 0.02),
    "school": (0, 0.04),
    "fair": (0, 0.04),
    "advert": (0, 0.15),
    "reseller": (0.001, 0.012),
    "support": (0, 0.02),
    "business": (0.001, 0.015),
}


def draw_company(name: str, seed: int, accounts: int) -> Company:
    """The company of this kind and seed. What is drawn is drawn in the order in which it stands here."""
    rng = random.Random(f"{name}:{seed}:config")
    kind = COMPANIES[name]
    return Company(
        accounts=accounts,
        pays=rng.uniform(*kind.pays),
        mobile=rng.uniform(*kind.mobile),
        v6=rng.uniform(*kind.v6),
        fake_share=rng.uniform(*kind.fake_share),
        days=rng.randint(90, 180),
        start=FIRST_DAY + rng.randrange(600) * DAY,
        card_at_signup=rng.choice([0.0, rng.uniform(0.1, 0.9)]),
        pay_every=rng.uniform(6, 32),
        rate=rng.uniform(0.06, 0.4),
        life=rng.uniform(20, 90),
        vpn=rng.uniform(0.03, 0.2),
        device_null=rng.uniform(0, 0.2),
        common_fingerprint=rng.choice([0.0, rng.uniform(0, 0.08)]),
        one_shot=rng.uniform(0.1, 0.5),
        peak=rng.uniform(0, 24),
        honest={group: rng.uniform(*share) for group, share in HONEST.items()},
        campaigns=kind.campaigns,
    )
