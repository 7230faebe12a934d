"""Hysteresis over runs: an account leaves its ring only when two runs in a row find it below LEAVE."""

from __future__ import annotations

import numpy as np

from service.detection.reading.previous_run import PreviousRun
from service.detection.reading.snapshot import Flags, Ints

RUNS = 2  # in a row, after which an account leaves


def apply_hysteresis(ring: Ints, ids: list[str], previous: PreviousRun, cleared: Flags) -> tuple[Ints, Ints]:
    """The ring of each account (N; -1 for none) with those who are kept in it though this run did not find them in any,
    and for how many runs in a row they were absent (N; 0 for all others). `ids` names the rings of this run; nobody is
    kept in a ring that this run did not find, nor whom people `cleared` (N)."""
    number = {ring_id: place for place, ring_id in enumerate(ids)}
    old = np.array([number.get(ring_id, -1) for ring_id in previous.ids] + [-1], np.int64)[previous.ring]
    kept = (ring < 0) & (old >= 0) & ~cleared & (previous.runs_absent + 1 < RUNS)
    return np.where(kept, old, ring), np.where(kept, previous.runs_absent + 1, 0)
