"""In step: births bunched within minutes, beyond what their day gives. Formulas: docs/detection.md, In step."""

from __future__ import annotations

import numpy as np

from service.detection.parameters import StepParameters
from service.detection.snapshot import Floats, Ints

HALF_DAY_S = 43_200
SPREAD = 2**40  # larger than any moment in epoch seconds: keeps groups apart in one sorted array


def poisson_surprise(count: Floats, expected: Floats) -> Floats:
    """At least how improbable `count` or more is where `expected` is usual, in nats: the Chernoff bound
    c ln(c / e) - c + e for c > e (Mitzenmacher and Upfal, Probability and Computing, theorem 5.4), else 0."""
    expected = np.maximum(expected, 1e-9)
    count = np.maximum(count, 1e-9)
    return np.where(count > expected, count * np.log(count / expected) - count + expected, 0.0)


def in_step(time: Ints, start: Ints, births: Ints, parameters: StepParameters) -> Floats:
    """How surprising each birth's neighbours in its own group are, in nats (L).

    time (L) is sorted inside each group, start (G + 1), births (N) all creations, sorted. A birth's neighbours within
    a scale are compared with the group's own births within half a day, spread as the population's births are: a campus
    in its first week is busy all day and not in step; accounts made by one script are.
    """
    size = np.diff(start)
    key = np.repeat(np.arange(len(size)), size) * SPREAD + time

    def near(keys: Ints, at: Ints, scale: int) -> Floats:
        count = np.searchsorted(keys, at + scale, "right") - np.searchsorted(keys, at - scale, "left")
        return count.astype(np.float64) - 1.0

    group_day = near(key, key, HALF_DAY_S)
    all_day = np.maximum(near(births, time, HALF_DAY_S), 1.0)
    best = np.zeros(len(time))
    for scale in parameters.scales_s:
        count = near(key, key, scale)
        expected = group_day * np.maximum(near(births, time, scale), 0.5) / all_day
        surprise = np.where(count >= parameters.neighbours, poisson_surprise(count, expected), 0.0)
        best = np.maximum(best, surprise)
    return best
