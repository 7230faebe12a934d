"""What random worlds are drawn with: the settings of one world, uses of identifiers as arrays, and moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from service.simulation.calendar import Floats, Ints

DAY_S = 86_400
NONE = -1
KINDS = ("payment_method", "device", "ip")
POOLS = ((0.35, 0.3), (0.35, 0.1), (0.7, 0.5))
"""How often strangers share identifiers of each kind (KINDS), and the most uses that go to such."""


@dataclass(frozen=True, slots=True)
class Uses:
    """U uses, one array a column: account (number), time (seconds since the world's first day), and the codes of ip,
    device and card (NONE: not told)."""

    account: Ints
    time: Ints
    ip: Ints
    device: Ints
    card: Ints

    def take(self, picked: Ints) -> Uses:
        """The uses at these positions (or where a mask holds)."""
        return Uses(**{field.name: getattr(self, field.name)[picked] for field in fields(self)})


def joined(parts: Sequence[Uses]) -> Uses:
    """All uses of the parts, in order."""
    return Uses(**{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Uses)})


@dataclass(frozen=True, slots=True)
class Settings:
    """What is drawn once for a world; shares are 0 to 1.

    days: how long the data reaches. kinds: which kinds of identifier there are. step_s: to what moments are rounded.
    signups: whether signups are told. one_moment: whether all that an account uses is told at its first moment.
    known: share of accounts for which each kind is told at all (KINDS). growth: how much faster accounts come at the
    end. night: how empty the nights are. returning: share that comes back; life_days: for how long, on average.
    household: share in households; together: share of these made with another one of theirs. home_share,
    device_share and card_share: of sessions from home, of households with a common device or card. extra: further
    identifiers of each kind, on average (KINDS). pool and pool_size: share of uses that go to an identifier that
    strangers use, too, and how many of these there are (KINDS). lease_days: how long a home keeps its address.
    """

    days: float
    kinds: tuple[str, ...]
    step_s: int
    signups: bool
    one_moment: bool
    known: tuple[float, float, float]
    growth: float
    night: float
    returning: float
    life_days: float
    household: float
    together: float
    home_share: float
    device_share: float
    card_share: float
    extra: tuple[float, float, float]
    pool: tuple[float, float, float]
    pool_size: tuple[int, int, int]
    lease_days: float


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between two bounds, every order of magnitude as likely."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def draw_settings(rng: np.random.Generator, accounts: int) -> Settings:
    """The settings of a world, drawn widely and each on its own."""
    subset = int(rng.integers(1, 8))  # every subset of the three kinds as often as any other
    one_moment = bool(rng.random() < 0.15)

    def three(low: float, high: float) -> tuple[float, float, float]:
        return (float(rng.uniform(low, high)), float(rng.uniform(low, high)), float(rng.uniform(low, high)))

    def often(chance: float, value: float) -> float:
        return value if rng.random() < chance else 0.0

    return Settings(
        days=log_uniform(rng, 15, 700),
        kinds=tuple(kind for place, kind in enumerate(KINDS) if subset >> place & 1),
        step_s=int(rng.choice([1, 60, DAY_S], p=[0.75, 0.1, 0.15])),
        signups=bool(rng.random() < 0.75),
        one_moment=one_moment,
        known=three(0.5, 1.0) if rng.random() < 0.4 else (1.0, 1.0, 1.0),
        growth=float(rng.uniform(0, 4)),
        night=float(rng.uniform(0, 1)),
        returning=0.0 if one_moment else often(0.9, float(rng.uniform(0.3, 0.95))),
        life_days=log_uniform(rng, 2, 300),
        household=often(0.85, float(rng.uniform(0.05, 0.7))),
        together=float(rng.uniform(0, 0.6)),
        home_share=float(rng.uniform(0.4, 1.0)),
        device_share=float(rng.uniform(0, 0.7)),
        card_share=float(rng.uniform(0, 0.7)),
        extra=tuple(often(0.5, log_uniform(rng, 0.05, 5)) for _ in KINDS),  # type: ignore[arg-type]
        pool=tuple(often(chance, log_uniform(rng, 0.005, most)) for chance, most in POOLS),  # type: ignore[arg-type]
        pool_size=tuple(round(log_uniform(rng, 20, accounts)) for _ in KINDS),  # type: ignore[arg-type]
        lease_days=log_uniform(rng, 3, 300) if rng.random() < 0.4 else np.inf,
    )


def moments(rng: np.random.Generator, settings: Settings, count: int) -> Ints:
    """When honest accounts come: faster towards the end, and less at night, as the settings say."""
    day = settings.days * rng.random(count) ** (1 / (1 + settings.growth))
    bell = np.clip(rng.normal(0.58, 0.16, count), 0, 0.999)
    hour = np.where(rng.random(count) < settings.night, bell, rng.random(count))
    return np.asarray(np.minimum((np.floor(day) + hour) * DAY_S, settings.days * DAY_S - 1), np.int64)


def zipf(rng: np.random.Generator, count: int, size: int, slope: float) -> Ints:
    """`count` numbers below `size`, low ones more often: by rank to the power -slope."""
    weight = np.cumsum(np.arange(1, size + 1, dtype=np.float64) ** -slope)
    return np.asarray(np.searchsorted(weight, rng.random(count) * weight[-1]), np.int64)


def sessions_of(rng: np.random.Generator, born: Ints, life: Floats, mean: float, end: float) -> tuple[Ints, Ints]:
    """Later sessions as (place in `born`, time): more for longer lives (life: days, each), `mean` of them on average,
    spread over the life, not after `end` (seconds)."""
    expected = mean * np.minimum(life / max(float(life.mean()), 1e-9), 4.0) if len(life) else life
    count = np.where(life > 0, rng.poisson(expected), 0)
    who = np.repeat(np.arange(len(born)), count)
    time = born[who] + (rng.random(len(who)) * life[who] * DAY_S).astype(np.int64)
    kept = time < end
    return who[kept], time[kept]
