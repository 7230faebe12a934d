"""Which word of people on a ring holds for an account, run after run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from service.detection.publishing.words import earlier
from service.detection.reading.previous_run import PreviousRun, Verdict, previous_run_of
from service.detection.reading.snapshot import Accounts, Links, build

NO_LINKS = Links(*[np.zeros(0, np.int64) for _ in range(5)])
DISMISSED, CONFIRMED = ["R-A", False, 50], ["R-A", True, 50]


def previous(verdicts: list[list[Any]], known_at: int = 100) -> PreviousRun:
    """Account 1 was in R-A, which is a part of R-B now, where 1 and 2 are; 3 is in no ring."""
    node, born = np.array([1, 2, 3]), np.array([10, 11, 12])
    published = {"node": [1, 2], "ring": ["R-B", "R-B"], "below": [0, 0], "risky": [], "risks": [], "evident": []}
    noted = {"word_node": [1, 9], "word_ring": ["R-A", "R-A"], "counts": json.dumps({"verdicts_at": known_at})}
    snapshot = build(Accounts(node, born, born, node, node), NO_LINKS, NO_LINKS, 1)
    return previous_run_of(snapshot, {**published, **noted, "verdicts": verdicts, "verdicts_at": 200})


@pytest.mark.parametrize(
    ("verdicts", "judged_by"),
    [
        ([DISMISSED], [0, -1, -1]),
        ([], [-1, -1, -1]),  # they took it back
        ([DISMISSED, ["R-B", True, 90]], [0, 1, -1]),  # they confirmed the other before it took R-A in
        ([DISMISSED, ["R-B", True, 150]], [1, 1, -1]),  # and after that
        ([["R-B", False, 5]], [-1, -1, -1]),  # nobody has looked at those who came later
    ],
)
def test_the_latest_word_that_was_said_of_an_account_holds(verdicts: list[list[Any]], judged_by: list[int]) -> None:
    found = previous(verdicts)
    assert found.judged_by.tolist() == judged_by
    assert found.noted.tolist() == [0 if DISMISSED in verdicts else -2, -1, -1]


@pytest.mark.parametrize(
    ("was", "ring", "verdict", "ids", "lasts"),
    [
        (DISMISSED, 0, 0, ["R-B"], True),  # in the larger ring
        (DISMISSED, -1, 0, ["R-B"], True),  # in none
        (CONFIRMED, 0, 0, ["R-B"], True),
        (CONFIRMED, -1, 0, ["R-B"], False),  # it left: no longer a member of what they confirmed
        (DISMISSED, 0, -1, ["R-A"], False),  # its own ring says it
        (DISMISSED, 0, -1, ["R-NEW"], False),  # which is born dismissed
        (DISMISSED, 0, -1, ["R-B"], True),  # most of it was dismissed, and its status is another
    ],
)
def test_an_account_is_noted_with_an_earlier_ring_only(
    was: list[Any], ring: int, verdict: int, ids: list[str], lasts: bool
) -> None:
    before = replace(previous([was]), verdicts=(Verdict(*was),), judged_by=np.array([0]))
    assert earlier(np.array([ring]), np.array([verdict]), ids, before).tolist() == [0 if lasts else -1]
