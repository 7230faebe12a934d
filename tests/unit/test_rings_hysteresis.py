"""An account leaves its ring only after two runs in a row that do not find it there."""

from __future__ import annotations

import numpy as np

from service.detection.identity.hysteresis import apply_hysteresis
from service.detection.reading.previous_run import Carried, PreviousRun

NONE = np.zeros(0, np.int64)
IDS = ["R-A", "R-B"]


def previous(ring: list[int], runs_absent: list[int], ids: list[str] | None = None) -> PreviousRun:
    return PreviousRun(np.array(ring), ids or IDS, np.array(runs_absent), NONE, np.zeros(0), Carried())


def of(ring: list[int], was: PreviousRun, cleared: list[bool] | None = None) -> tuple[list[int], list[int]]:
    found = apply_hysteresis(np.array(ring), ["R-B", "R-A"], was, np.array(cleared or [False] * len(ring)))
    return found[0].tolist(), found[1].tolist()


def test_once_below_it_stays_twice_below_it_leaves() -> None:
    assert of([-1], previous([0], [0])) == ([1], [1])
    assert of([-1], previous([0], [1])) == ([-1], [0])


def test_found_again_it_begins_anew() -> None:
    assert of([1], previous([0], [1])) == ([1], [0])
    assert of([0], previous([0], [1])) == ([0], [0]), "found in another ring, it is there"


def test_nobody_stays_in_a_ring_that_is_gone_or_against_what_people_said() -> None:
    assert of([-1], previous([0], [0], ids=["R-GONE"])) == ([-1], [0])
    assert of([-1], previous([0], [0]), cleared=[True]) == ([-1], [0])


def test_who_was_in_no_ring_stays_out() -> None:
    assert of([-1, 0], previous([-1, -1], [0, 0])) == ([-1, 0], [0, 0])
    assert of([-1], previous([-1], [0], ids=[])) == ([-1], [0])
