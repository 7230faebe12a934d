"""In step: births and first uses bunched within minutes. Formulas: docs/detection.md, In step."""

from __future__ import annotations

import numpy as np

from service.detection.evidence.signup_windows import FIRST_SEEN, MIN_EVIDENCE, Windows, join, sigmoid
from service.detection.parameters import StepParameters
from service.detection.reading.kind_codes import codes
from service.detection.reading.snapshot import GROUP_STRIDE, Floats, Ints, Snapshot

HALF_DAY_S = 43_200
STRANGER_AFTER_S = 10_800


def poisson_surprise(count: Floats, expected: Floats) -> Floats:
    """At least how improbable `count` or more is where `expected` is usual, in nats: the Chernoff bound
    c ln(c / e) - c + e for c > e (Mitzenmacher and Upfal, Probability and Computing, theorem 5.4), else 0."""
    expected = np.maximum(expected, 1e-9)
    count = np.maximum(count, 1e-9)
    return np.where(count > expected, count * np.log(count / expected) - count + expected, 0.0)


def synchronised(time: Ints, start: Ints, births: Ints, parameters: StepParameters) -> Floats:
    """How surprising each birth's neighbours in its own group are, in nats (L).

    time (L) is sorted inside each group, start (G + 1), births (N) all creations, sorted. A birth's neighbours within
    a scale are compared with the group's own births within half a day, spread as those of all others are (or evenly,
    where there are none): a campus in its first week is busy all day and not in step; accounts made by one script are.
    """
    size = np.diff(start)
    key = np.repeat(np.arange(len(size)), size) * GROUP_STRIDE + time
    return _bunched(key, time, key, births, parameters)


def chance_synchrony(time: Ints, start: Ints, strangers: Ints, births: Ints, parameters: StepParameters) -> Floats:
    """How often a stranger would be in step with each group (G, a share), by chance: the first of `strangers` (epoch
    seconds, sorted) some hours after moments that are spread evenly over the group's own. A group of thousands is busy
    all day."""
    size = np.diff(start)
    key = np.repeat(np.arange(len(size)), size) * GROUP_STRIDE + time
    place = (np.arange(parameters.strangers) + 0.5) / parameters.strangers
    moment = time[start[:-1, None] + (size[:, None] * place).astype(np.int64)] + STRANGER_AFTER_S
    at = strangers[np.minimum(np.searchsorted(strangers, moment), len(strangers) - 1)]
    surprise = _bunched(
        (np.arange(len(size))[:, None] * GROUP_STRIDE + at).ravel(), at.ravel(), key, births, parameters
    )
    return np.asarray((surprise.reshape(at.shape) >= parameters.surprise).mean(axis=1))


def _bunched(at: Ints, time: Ints, key: Ints, births: Ints, parameters: StepParameters) -> Floats:
    """The surprise of having so many neighbours in a group, in nats, for each place (`at`: group and time) and its
    time. `key` are the group's own places, sorted."""
    own = key[np.minimum(np.searchsorted(key, at), len(key) - 1)] != at  # a stranger is not its own neighbour
    group_day = _near(key, at, HALF_DAY_S) + own
    born_near, *born_within = _near_any(births, time, (HALF_DAY_S, *parameters.scales_s))
    others_day = born_near - group_day
    best = np.zeros(len(at))
    for scale, born in zip(parameters.scales_s, born_within, strict=True):
        count = _near(key, at, scale) + own
        others = born - count
        expected = group_day * (others + scale / HALF_DAY_S) / (others_day + 1.0)
        surprise = np.where(count >= parameters.neighbours, poisson_surprise(count, expected), 0.0)
        best = np.maximum(best, surprise)
    return best


def find_bursts(snapshot: Snapshot, arrivals: Ints, parameters: StepParameters) -> Windows:
    """Spells of minutes in which more accounts turn up on an address or network for the first time than it usually has.

    For k accounts on an identifier and a scale, k times the share of all first uses of addresses or networks that
    others make within the scale around a link's first use are expected. `arrivals` are the first uses of addresses,
    sorted. One window for each run of surprising links.
    """
    parts = []
    for kind in (*codes().place_codes, *codes().derived_codes):
        rows = np.flatnonzero((snapshot.kind[snapshot.identifier] == kind) & (snapshot.k[snapshot.identifier] >= 3))
        if len(rows) == 0:
            continue
        rows = rows[np.lexsort((snapshot.first[rows], snapshot.identifier[rows]))]
        of_kind = snapshot.kind[snapshot.identifier] == kind
        everyone = arrivals if codes().place[kind] else np.sort(snapshot.first[of_kind])
        parts.append(_bursts(snapshot, rows, everyone, parameters))
    return join(parts)


def _bursts(snapshot: Snapshot, rows: Ints, everyone: Ints, parameters: StepParameters) -> Windows:
    """Bursts among links (rows, sorted by identifier and first use) of one kind."""
    identifier, time = snapshot.identifier[rows], snapshot.first[rows]
    key = identifier * GROUP_STRIDE + time
    nats = np.zeros(len(rows))
    for scale, seen in zip(parameters.scales_s, _near_any(everyone, time, parameters.scales_s), strict=True):
        count = _near(key, key, scale)
        share = (seen - count + 1.0) / len(everyone)
        surprise = poisson_surprise(count, (snapshot.k[identifier] - 1) * share)
        nats = np.maximum(nats, np.where(count >= parameters.neighbours, surprise, 0.0))
    strength = sigmoid(parameters.burst_slope * (nats - parameters.burst_middle))
    chosen = np.flatnonzero(strength >= MIN_EVIDENCE)
    fresh = np.ones(len(chosen), bool)
    fresh[1:] = np.diff(key[chosen]) > parameters.scales_s[-1]
    at = np.flatnonzero(fresh)
    if len(at) == 0:
        return join([])
    end = np.append(at[1:], len(chosen)) - 1
    return Windows(
        identifier[chosen][at],
        time[chosen][at],
        time[chosen][end],
        np.maximum.reduceat(nats[chosen], at),
        np.maximum.reduceat(strength[chosen], at),
        np.full(len(at), FIRST_SEEN),
    )


def _near_any(keys: Ints, at: Ints, scales: tuple[int, ...]) -> list[Floats]:
    """How many others lie within each scale of each moment, of moments in any order: sorted first, they are looked up
    in a quarter of the time."""
    order = np.argsort(at)
    ordered = at[order]
    counts = []
    for scale in scales:
        count = np.empty(len(at))
        count[order] = _near(keys, ordered, scale)
        counts.append(count)
    return counts


def _near(keys: Ints, at: Ints, scale: int) -> Floats:
    """How many others lie within the scale of each moment."""
    count = np.searchsorted(keys, at + scale, "right") - np.searchsorted(keys, at - scale, "left")
    return count.astype(np.float64) - 1.0
