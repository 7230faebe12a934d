"""How rare it is to add so many cards and devices within a span."""

from __future__ import annotations

import numpy as np

from service.detection.reading.snapshot import Floats, Ints


def rarity(counts: Ints, histogram: Ints) -> Floats:
    """The share of all accounts that have as much or more, for each account (N). `histogram`: how many of all have
    each count; a count beyond it is as rare as its last."""
    share = np.cumsum(histogram[::-1])[::-1] / max(int(histogram.sum()), 1)
    return np.asarray(share[np.minimum(counts, len(histogram) - 1)])
