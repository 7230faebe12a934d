"""Windows of signups: honest accounts on a carrier were born at all ages of the population; those of a campaign in a
narrow window of it. Formulas: docs/detection.md, Evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.detection.parameters import EvidenceParameters
from service.detection.reading.snapshot import GROUP_STRIDE, Floats, Ints, Snapshot

BIRTHS, BIRTH_LINKS, FIRST_SEEN = range(3)
"""What has to lie inside a window: the account's creation, the same of birth links only, or the link's first event."""

MIN_EVIDENCE = 0.05  # evidence below this is left out


@dataclass(frozen=True, slots=True)
class Windows:
    """R windows in which an identifier is busier than chance gives: identifier (R), from_s and to_s (R, epoch seconds),
    nats (R, surprise), strength (R, 0 to 1), rule (R, what has to lie inside)."""

    identifier: Ints
    from_s: Ints
    to_s: Ints
    nats: Floats
    strength: Floats
    rule: Ints


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def divergence(p: Floats, w: Floats) -> Floats:
    """Binary Kullback-Leibler divergence KL(p || w) in nats, 0 where p <= w."""
    w = np.clip(w, 1e-12, 1 - 1e-12)
    p = np.clip(p, 0.0, 1.0)
    rest = 1 - p
    nats = p * np.log(np.maximum(p, 1e-300) / w) + rest * np.log(np.maximum(rest, 1e-300) / (1 - w))
    return np.where(p > w, nats, 0.0)


def sides(keys: Ints, at: Ints) -> tuple[Ints, Ints]:
    """How many keys (sorted) lie before each value and how many do not lie after it, of values in any order: sorted
    first, many are looked up in a third of the time."""
    order = np.argsort(at)
    ordered = at[order]
    left, right = np.empty(len(at), np.int64), np.empty(len(at), np.int64)
    left[order], right[order] = np.searchsorted(keys, ordered, "left"), np.searchsorted(keys, ordered, "right")
    return left, right


def narrowest(
    time: Ints, start: Ints, births: Ints, quotas: tuple[float, ...], of_others: bool
) -> tuple[Floats, Ints, Ints]:
    """The most surprising window of each group of births.

    time (L) is sorted inside each group, start (G + 1), births (N) all creations, sorted. Returns nats per account (G)
    and the window's first and last birth (G, epoch seconds). J = max over q of KL(m/k || W) - (ln k + 1)/k, where
    m = max(ceil(q k), 2) and W is the narrowest share of all births that holds m of the group's; `of_others`: the least
    share of the others' births, as (n + 1)/(N + 1), within such a window. Where a group is a large part of all births,
    its own births would else say that they are usual.
    """
    size = np.diff(start)
    groups = np.repeat(np.arange(len(size)), size)
    place = np.arange(len(time))
    left, right = sides(births, time)
    key = groups * GROUP_STRIDE + time
    first, after = np.searchsorted(key, key, "left"), np.searchsorted(key, key, "right")
    total = np.maximum(len(births) - size, 0)[groups] + 1.0 if of_others else len(births)
    best = np.zeros(len(size))
    lo, hi = time[start[:-1]].copy(), time[start[1:] - 1].copy()
    penalty = (np.log(size) + 1) / size
    for quota in quotas:
        need = np.maximum(np.ceil(quota * size - 1e-9).astype(np.int64), 2)
        end = place + need[groups] - 1
        inside = end < start[1:][groups]
        end = np.minimum(end, len(time) - 1)
        own = after[end] - first
        within = np.maximum(right[end] - left - own, 0) + 1.0 if of_others else right[end] - left
        share = np.where(inside, within / total, np.inf)
        width = np.minimum.reduceat(share, start[:-1])
        nats = np.where(np.isfinite(width), divergence(need / size, np.minimum(width, 1.0)) - penalty, 0.0)
        hits = np.flatnonzero(share == width[groups])
        which, at = np.unique(groups[hits], return_index=True)
        begin = np.zeros(len(size), np.int64)
        begin[which] = hits[at]
        better = nats > best
        best = np.where(better, nats, best)
        lo = np.where(better, time[begin], lo)
        hi = np.where(better, time[np.minimum(begin + need - 1, len(time) - 1)], hi)
    return best, lo, hi


def widened(lo: Ints, hi: Ints, births: Ints, share: float) -> tuple[Ints, Ints]:
    """A window made wider on both sides by a share of its width, measured in births of the population."""
    left, right = np.searchsorted(births, lo, "left"), np.searchsorted(births, hi, "right")
    extra = np.ceil(share * (right - left)).astype(np.int64)
    last = len(births) - 1
    return (
        np.minimum(lo, births[np.clip(left - extra, 0, last)]),
        np.maximum(hi, births[np.clip(right - 1 + extra, 0, last)]),
    )


def find_windows(snapshot: Snapshot, births: Ints, parameters: EvidenceParameters) -> Windows:
    """The window of all births, and the window of births by birth links only, of each identifier that has one.
    `births` are all creations, sorted."""
    found = [
        _windows_of(snapshot, np.ones(len(snapshot.account), bool), parameters.minimum, parameters.middle, BIRTHS),
        _windows_of(snapshot, snapshot.birth, parameters.birth_minimum, parameters.birth_middle, BIRTH_LINKS),
    ]
    parts = []
    for identifier, start, time, middle, rule in found:
        if len(identifier) == 0:
            continue
        nats, lo, hi = narrowest(time, start, births, parameters.quotas, of_others=False)  # which the bars are set for
        lo, hi = widened(lo, hi, births, parameters.widen)
        strength = sigmoid(parameters.slope * (nats - middle))
        keep = strength >= MIN_EVIDENCE
        parts.append(
            Windows(identifier[keep], lo[keep], hi[keep], nats[keep], strength[keep], np.full(int(keep.sum()), rule))
        )
    return join(parts)


def _windows_of(
    snapshot: Snapshot, chosen: np.ndarray, minimum: int, middle: float, rule: int
) -> tuple[Ints, Ints, Ints, float, int]:
    """Births on the identifiers that have `minimum` chosen links or more, as (identifier, start, time, ..)."""
    counts = np.bincount(snapshot.identifier[chosen], minlength=len(snapshot.k))
    identifier = np.flatnonzero(counts >= minimum)
    rows = chosen & (counts >= minimum)[snapshot.identifier]
    start = np.concatenate([[0], np.cumsum(counts[identifier])]).astype(np.int64)
    return identifier, start, snapshot.created[snapshot.account[rows]], middle, rule


def join(parts: list[Windows]) -> Windows:
    """All windows in one, sorted by identifier."""
    if not parts:
        none, zero = np.zeros(0, np.int64), np.zeros(0)
        return Windows(none, none, none, zero, zero, none)
    columns = [np.concatenate(column) for column in zip(*[_columns(part) for part in parts], strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return Windows(*[column[order] for column in columns])


def _columns(windows: Windows) -> tuple[Ints, Ints, Ints, Floats, Floats, Ints]:
    return (
        windows.identifier,
        windows.from_s,
        windows.to_s,
        windows.nats,
        windows.strength,
        windows.rule,
    )
