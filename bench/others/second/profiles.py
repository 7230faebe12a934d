"""The kinds of service that worlds are drawn for, and how the people of one world live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from others.second.draws import Range, log_uniform


@dataclass(frozen=True, slots=True)
class Profile:
    """What all worlds of one name have in common; pairs are the ends of what is drawn."""

    pays: Range | None  # share of people who pay; None where there is nothing to pay
    mobile: Range  # share of people whose phone is in use through a carrier
    v6: float  # share of homes with IPv6, times 0.5 to 1.6
    lease: Range  # days for which a home keeps its address
    monthly: bool  # payments come each 30.4 days, not each 4 to 60
    plays: Mapping[str, float] = field(default_factory=dict)  # how much likelier each campaign is than elsewhere
    crowds: Mapping[str, float] = field(default_factory=dict)  # how much likelier each crowd is than elsewhere
    clean: bool = False  # no fakes at all


PROFILES: dict[str, Profile] = {
    # Monthly cards.
    "subscription": Profile((0.4, 0.95), (0.1, 0.6), 0.2, (2, 300), True, {"card_farm": 3, "range6": 0.4}),
    # No cards.
    "free_service": Profile(
        None, (0.1, 0.6), 0.2, (2, 300), False, {"card_farm": 0.0, "antidetect": 0.3, "hosting": 2}
    ),
    # Carriers, short leases, device farms.
    "mobile_wallet": Profile(
        (0.3, 0.9), (0.8, 1.0), 0.1, (1, 60), False, {"device_farm": 4, "range6": 0.3}, {"office": 0.3, "fair": 3}
    ),
    # Much IPv6, hackathons, service accounts.
    "six_api": Profile(
        (0.15, 0.7),
        (0.1, 0.5),
        0.65,
        (5, 400),
        True,
        {"range6": 4, "gateway": 3},
        {"hackathon": 3, "service_accounts": 3},
    ),
    # No fakes; resellers, gift cards, advertising.
    "honest_shop": Profile(
        (0.3, 0.9),
        (0.2, 0.8),
        0.3,
        (2, 300),
        False,
        crowds={"reseller": 3, "gift_cards": 3, "advertising": 2},
        clean=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Habits:
    """How the people of one world live. Shares are of accounts if nothing else is said."""

    pays: float
    mobile: float
    vpn: float
    travel: float
    devices: float  # a person has 1 + Poisson of this
    new_phone: float  # share of devices that are replaced
    private: float  # share with private windows
    lost_card: float  # share of cards that are replaced
    quit: float  # share that leaves within two days
    old: float  # share that signed up before the window
    growth: float  # exponent of signups over the window: below one, most come late
    rate: float  # sessions a day
    decay: float  # exponent of sessions over an account's life: above one, most are early
    no_device: float  # share of sessions whose device id is lost


def draw_habits(rng: np.random.Generator, profile: Profile) -> Habits:
    """The habits of one world."""
    return Habits(
        pays=rng.uniform(*profile.pays) if profile.pays else 0.0,
        mobile=rng.uniform(*profile.mobile),
        vpn=log_uniform(rng, 0.02, 0.35),
        travel=log_uniform(rng, 0.02, 0.3),
        devices=log_uniform(rng, 0.2, 1.4),
        new_phone=log_uniform(rng, 0.03, 0.25),
        private=log_uniform(rng, 0.01, 0.15),
        lost_card=log_uniform(rng, 0.02, 0.2),
        quit=rng.uniform(0.1, 0.6),
        old=rng.uniform(0.0, 0.5),
        growth=rng.uniform(0.5, 1.3),
        rate=log_uniform(rng, 0.04, 0.4),
        decay=rng.uniform(1.0, 1.8),
        no_device=log_uniform(rng, 0.003, 0.15),
    )
