"""How many cards and devices accounts add within a span, and how rare that is."""

from __future__ import annotations

import numpy as np

from service.detection.snapshot import DEVICE, Floats, Ints, Snapshot


def most_within(snapshot: Snapshot, span_s: int) -> Ints:
    """The most cards and devices that each account (N) added within any such span."""
    rows = np.flatnonzero(snapshot.kind[snapshot.identifier] <= DEVICE)
    rows = rows[np.lexsort((snapshot.first[rows], snapshot.account[rows]))]
    key = snapshot.account[rows] * 2**40 + snapshot.first[rows]
    count = np.searchsorted(key, key + span_s, "right") - np.arange(len(key))
    most = np.zeros(snapshot.accounts, np.int64)
    np.maximum.at(most, snapshot.account[rows], count)
    return most


def rarity(counts: Ints, histogram: Ints) -> Floats:
    """The share of all accounts that have as much or more, for each account (N). `histogram`: how many of all have
    each count; a count beyond it is as rare as its last."""
    share = np.cumsum(histogram[::-1])[::-1] / max(int(histogram.sum()), 1)
    return np.asarray(share[np.minimum(counts, len(histogram) - 1)])
