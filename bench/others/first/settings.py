"""What the five worlds differ in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """One world's settings; shares and chances are 0 to 1.

    ipv6: share of homes with IPv6. mobile: how much goes through carriers. paying: share of honest accounts that pay
    (0: the data has no cards at all). fake: least and most share of fake accounts. sessions: about how many an account
    has. vpn: how common VPNs are among the honest. payment: "subscription" (each month), "top-up" (now and then), or
    None (nobody pays). one_big_ring: chance that one ring is larger than all others together.
    """

    ipv6: float
    mobile: float
    paying: float
    fake: tuple[float, float]
    sessions: float
    vpn: float
    payment: str | None
    one_big_ring: float = 0.0


WORLDS = {
    # Monthly cards, mostly desktops.
    "quill_subscription": Settings(0.25, 0.25, 0.62, (0.05, 0.09), 10, 0.10, "subscription"),
    # Free of charge, so no cards at all; often with one ring of a thousand or two among 20,000 accounts.
    "lantern_free": Settings(0.30, 0.40, 0, (0.09, 0.15), 13, 0.12, None, one_big_ring=0.6),
    # Most traffic behind carriers, top-ups.
    "palmera_mobile": Settings(0.05, 0.85, 0.45, (0.03, 0.08), 11, 0.04, "top-up"),
    # Four of five homes have IPv6.
    "fjord_v6": Settings(0.80, 0.40, 0.50, (0.03, 0.07), 10, 0.07, "top-up"),
    # No fakes.
    "meadow_plain": Settings(0.35, 0.35, 0.40, (0, 0), 10, 0.10, "subscription"),
}
