"""Named populations: which campaigns there are, what the honest are like, and when the data is cut."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from service.simulation.calendar import DAYS
from service.simulation.campaigns import EVERY, Habits
from service.simulation.honest import SHARES

ACCOUNTS = 224_000
FAKES = 24_000

HARVEST = Habits(
    "harvest", 16_000, 13_000_000, (215, DAYS + 7), (0.68, 0.22, 0.06, 0.04),
    per_card=6, per_device=5, in_use=150, devices_each=3, waves_a_day=3,
)  # fmt: skip
PATIENT = Habits(
    "patient", 5_000, 3_400_000, (120, 262), (0.80, 0.10, 0.05, 0.05),
    per_card=9, in_use=EVERY, batch=(6, 18), gap_s=240, shift=(6, 15), waves_a_day=1, sessions=7,
)  # fmt: skip
SPRINT = Habits(
    "sprint", 3_000, 150_000, (318, 341), (0.0, 0.35, 0.25, 0.40),
    per_device=40, devices_each=2, paying=0.4, batch=(30, 90), gap_s=12, shift=(14, 9), sessions=5,
)  # fmt: skip
THREE = (HARVEST, PATIENT, SPRINT)

# made and used in step, on exits that honest people use as well, with a device and a card of its own for each account
IN_STEP = Habits(
    "in-step", 6_000, 4_000_000, (150, DAYS + 7), (0.0, 0.0, 0.6, 0.4),
    batch=(15, 45), gap_s=20, shift=(2, 10), waves_a_day=1, sessions=8, regions=40,
)  # fmt: skip
IN_STEP_SLOW = Habits(
    "in-step-slow", 3_000, 1_500_000, (60, 300), (0.1, 0.0, 0.6, 0.3),
    batch=(8, 20), gap_s=180, shift=(12, 10), waves_a_day=1, sessions=8, regions=25,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Population:
    """One named population. `about` is its line in the documentation."""

    about: str
    campaigns: tuple[Habits, ...] = THREE
    shares: dict[str, float] = field(default_factory=lambda: dict(SHARES))
    cut: int = DAYS  # day at which the data ends
    many: bool = False  # a smaller population has fewer campaigns, not smaller ones
    next_day: float = (
        0.0  # new accounts of the day after the cut, as a share of all; 0: its natural number, and no file
    )

    def scaled_campaigns(self, by: float) -> tuple[Habits, ...]:
        """The campaigns of a population `by` times as large."""
        if self.many:
            return self.campaigns[: max(1, round(len(self.campaigns) * by))]
        return tuple(habits.scaled(by) for habits in self.campaigns)


def own_identifiers(habits: Habits) -> Habits:
    """The same campaign with a device and a card of its own for each account."""
    return replace(habits, per_card=1, per_device=1, devices_each=1)


def _small_rings() -> tuple[Habits, ...]:
    """150 rings of 5 to 40 accounts. Drawn once: they are the same for every seed, what they do is not."""
    rng = np.random.default_rng(5)
    rings = []
    for number in range(150):
        size = int(rng.integers(5, 41))
        first = float(rng.uniform(5, DAYS - 15))
        rings.append(
            Habits(
                f"ring-{number:03d}",
                size,
                size * int(rng.integers(150, 900)),
                (first, first + float(rng.uniform(1, 14))),
                tuple(rng.dirichlet([1.2, 0.6, 0.6, 0.5]).tolist()),
                per_card=float(rng.choice([1, 2, 4, 8])),
                per_device=float(rng.choice([1, 2, 4])),
                devices_each=int(rng.integers(1, 3)),
                in_use=int(rng.choice([1, EVERY])),
                batch=(2, max(3, size // 3)),
                gap_s=float(rng.choice([30, 300, 2000])),
                shift=(int(rng.integers(0, 24)), 8),
                waves_a_day=1,
                sessions=float(rng.uniform(3, 8)),
                regions=1,
            )
        )
    return tuple(rings)


def _mixed_with_bursts() -> dict[str, float]:
    return {**SHARES, "tv_ad": 0.03, "onboarding": 0.02}


POPULATIONS = {
    "main": Population("three campaigns that share cards, devices and a proxy network"),
    "hard": Population(
        "the three share nothing but exits and timing", campaigns=tuple(own_identifiers(h) for h in THREE)
    ),
    "aged": Population(
        "the fakes' accounts were made over the whole year, as honest ones were",
        campaigns=tuple(replace(h, births="growth") for h in THREE),
    ),
    "none": Population("no fakes", campaigns=()),
    "small-rings": Population("150 rings of 5 to 40 accounts", campaigns=_small_rings(), many=True),
    "few-fakes": Population(
        "0.1 % fakes: the three with a hundredth of their accounts", campaigns=tuple(h.scaled(0.01) for h in THREE)
    ),
    "constant-rate": Population(
        "the three make accounts at the same rate on every day of the year",
        campaigns=tuple(replace(h, births="steady", days=(0, DAYS + 7)) for h in THREE),
    ),
    "mid-campaign": Population("the data ends while the largest campaign is under way", cut=300),
    "daily": Population("main, and a file of the next day with 1.5 % new accounts", next_day=0.015),
    "timing": Population(
        "campaigns made and used in step on exits that honest people use, each account with a device and a card "
        "of its own; many honest bursts",
        campaigns=(IN_STEP, IN_STEP_SLOW),
        shares=_mixed_with_bursts(),
    ),
}
