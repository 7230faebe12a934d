"""Times: integer microseconds since 1970 in UTC, drawn from growth, weekdays and the hours that people are awake."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
DAYS = 365  # of history
LATE_DAYS = 7  # after it: signups that no event file holds, to ask decisions about
START = int(datetime(2025, 11, 1, tzinfo=UTC).timestamp()) * SECOND
GROWTH = 2.0  # signups a day at the end of the year are 1 + GROWTH times those at its start

_WEEKDAY = np.array([1.05, 1.1, 1.1, 1.05, 1.0, 0.85, 0.85])  # from Monday
_HOUR_WEIGHTS = np.array([2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 10, 11, 11, 10, 10, 10, 11, 12, 13, 13, 11, 8, 4], float)
# where people live, as hours ahead of UTC, and how many of them: three belts
_ZONES = np.array([-8, -6, -5, 0, 1, 2, 5, 8, 9])
_ZONE_WEIGHTS = np.array([0.12, 0.1, 0.16, 0.1, 0.17, 0.08, 0.12, 0.1, 0.05])


def at(day: float) -> int:
    """The time at a day (with fraction) of the simulated year."""
    return START + int(day * DAY)


def draw_days(rng: np.random.Generator, n: int, first: int = 0, last: int = DAYS) -> Ints:
    """n days from [first, last) by growth and weekday."""
    days = np.arange(first, last)
    weights = (1 + GROWTH * days / DAYS) * _WEEKDAY[(days + 5) % 7]  # day 0 is a Saturday
    return rng.choice(days, size=n, p=weights / weights.sum()).astype(np.int64)


def within_day(rng: np.random.Generator, zones: Ints) -> Ints:
    """For each person's zone (hours ahead of UTC), a moment of the day in which people are awake there."""
    hours = rng.choice(24, size=zones.size, p=_HOUR_WEIGHTS / _HOUR_WEIGHTS.sum())
    return ((hours - zones) % 24) * HOUR + rng.integers(0, HOUR, size=zones.size)


def draw_zones(rng: np.random.Generator, n: int) -> Ints:
    """n time zones, hours ahead of UTC."""
    return rng.choice(_ZONES, size=n, p=_ZONE_WEIGHTS / _ZONE_WEIGHTS.sum()).astype(np.int64)


def draw_births(rng: np.random.Generator, zones: Ints, first: int = 0, last: int = DAYS) -> Ints:
    """Signup times of unrelated people."""
    return START + draw_days(rng, zones.size, first, last) * DAY + within_day(rng, zones)
