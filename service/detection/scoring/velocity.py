"""How rare it is to add so many cards and devices within a span."""

from __future__ import annotations

import numpy as np

from service.detection.reading.snapshot import Floats, Ints


def rarity(counts: Ints, histogram: Ints) -> Floats:
    """The share of all accounts that have as much or more, for each account (N). `histogram`: how many of all have
    each count. A count beyond it, of an account that came since, is rarer than all that is known."""
    total = int(histogram.sum())
    share = np.append(np.cumsum(histogram[::-1])[::-1] / max(total, 1), 1 / (total + 1))
    return np.asarray(share[np.minimum(counts, len(histogram))])
