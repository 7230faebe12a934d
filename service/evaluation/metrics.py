"""Ranking figures with ties treated as ties."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def auc(scores: Floats, positive: Flags) -> float | None:
    """Area under the ROC curve: the chance that a positive scores above a negative, a tie counting half
    (Mann-Whitney U over n+ n-; Hanley and McNeil 1982). None unless there are both."""
    n_positive = int(positive.sum())
    n_negative = positive.size - n_positive
    if not n_positive or not n_negative:
        return None
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mid_ranks = np.cumsum(counts) - (counts - 1) / 2
    rank_sum = float(mid_ranks[inverse][positive].sum())
    return (rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative)


def average_precision(scores: Floats, positive: Flags) -> float | None:
    """Sum over the distinct scores, from the top, of (recall gained there) x (precision down to there): all that tie
    enter together, so their order does not matter. None if there is no positive."""
    n_positive = int(positive.sum())
    if not n_positive:
        return None
    hits, taken = _curve(scores, positive)
    gained = np.diff(hits, prepend=0)
    return float((gained / n_positive * (hits / taken)).sum())


def recall_at(scores: Floats, positive: Flags, false_positives: float) -> float | None:
    """Recall at the lowest threshold that flags at most this share of the negatives. None unless there are both."""
    n_positive = int(positive.sum())
    n_negative = positive.size - n_positive
    if not n_positive or not n_negative:
        return None
    hits, taken = _curve(scores, positive)
    allowed = (taken - hits) <= false_positives * n_negative
    return float(hits[allowed].max() / n_positive) if allowed.any() else 0.0


def _curve(scores: Floats, positive: Flags) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """At each distinct score from the top: positives and all accounts at or above it."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    hits = np.cumsum(positive[order])[ends].astype(np.int64)
    return hits, ends.astype(np.int64) + 1
