"""How many cards and devices accounts add within a span, and how rare that is."""

from __future__ import annotations

import numpy as np

from service.detection.snapshot import DEVICE, Floats, Ints, Snapshot

SPREAD = 2**40  # larger than any moment in epoch seconds and a span: keeps accounts apart in one sorted array


def most_within(snapshot: Snapshot, spans_s: tuple[int, ...]) -> list[Ints]:
    """The most cards and devices that each account (N) added within any span, for each of the spans."""
    rows = np.flatnonzero(snapshot.kind[snapshot.identifier] <= DEVICE)
    key = np.sort(snapshot.account[rows] * SPREAD + snapshot.first[rows])
    found = []
    for span_s in spans_s:
        count = np.searchsorted(key, key + span_s, "right") - np.arange(len(key))
        most = np.zeros(snapshot.accounts, np.int64)
        np.maximum.at(most, key // SPREAD, count)
        found.append(most)
    return found


def rarity(counts: Ints, histogram: Ints) -> Floats:
    """The share of all accounts that have as much or more, for each account (N). `histogram`: how many of all have
    each count; a count beyond it is as rare as its last."""
    share = np.cumsum(histogram[::-1])[::-1] / max(int(histogram.sum()), 1)
    return np.asarray(share[np.minimum(counts, len(histogram) - 1)])
