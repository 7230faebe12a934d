"""Which accounts a run writes again."""

from __future__ import annotations

import numpy as np

from service.detection.publishing.rows import LEAST_CHANGE, REASONS_FROM, changed
from service.detection.reading.previous_run import PreviousRun

NONE = np.zeros(0, np.int64)


def test_only_risks_that_changed_are_written_again() -> None:
    previous = PreviousRun(NONE, [], NONE, np.array([10, 20, 30, 40]), np.array([0.1, 0.1, REASONS_FROM, 0.9]), NONE)
    nodes = np.array([10, 20, 30, 40, 50])
    risks = np.array([0.1 + LEAST_CHANGE / 2, 0.1 + LEAST_CHANGE * 2, REASONS_FROM - LEAST_CHANGE / 2, 0.9, 0.1])
    # 10 is as it was; 30 loses its reasons and 40 keeps some, which may read otherwise; 50 had no risk.
    assert changed(previous, nodes, risks) == ([2, 3], [1, 4])


def test_all_are_written_where_nothing_was_before() -> None:
    previous = PreviousRun(NONE, [], NONE, NONE, np.zeros(0), NONE)
    assert changed(previous, np.array([10, 20]), np.array([0.1, 0.9])) == ([1], [0])
