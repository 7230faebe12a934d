"""Hysteresis over runs: an account leaves its ring only when two runs in a row find it below LEAVE."""

from __future__ import annotations

import numpy as np

from service.detection.reading.previous_run import Before
from service.detection.reading.snapshot import Flags, Ints

RUNS = 2  # in a row, after which an account leaves


def stay(ring: Ints, ids: list[str], before: Before, cleared: Flags) -> tuple[Ints, Ints]:
    """The ring of each account (N; -1 for none) with those who stay though this run did not find them in any, and for
    how many runs in a row they were not (N; 0 for all others). `ids` names the rings of this run; nobody stays in a
    ring that this run did not find, nor whom people `cleared` (N)."""
    number = {ring_id: place for place, ring_id in enumerate(ids)}
    old = np.array([number.get(ring_id, -1) for ring_id in before.ids] + [-1], np.int64)[before.ring]
    stays = (ring < 0) & (old >= 0) & ~cleared & (before.below + 1 < RUNS)
    return np.where(stays, old, ring), np.where(stays, before.below + 1, 0)
