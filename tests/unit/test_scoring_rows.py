"""Which accounts a run writes again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from service.detection.parameters import DAY_S, SIGNUP_HALF_LIFE_DAYS
from service.detection.publishing.rows import (
    LEAST_CHANGE,
    REASONS_FROM,
    base_risk,
    changed,
    other_evidence,
)
from service.detection.publishing.words import decided_on
from service.detection.reading.previous_run import Carried, PreviousRun, Verdict
from service.detection.scoring.result import RING_CONFIRMED, RING_DISMISSED
from tests.unit.test_labels_learning import found

NONE = np.zeros(0, np.int64)


def test_only_risks_that_changed_are_written_again() -> None:
    previous = PreviousRun(
        NONE, [], NONE, np.array([10, 20, 30, 40]), np.array([0.1, 0.1, REASONS_FROM, 0.9]), Carried()
    )
    nodes = np.array([10, 20, 30, 40, 50])
    risks = np.array([0.1 + LEAST_CHANGE / 2, 0.1 + LEAST_CHANGE * 2, REASONS_FROM - LEAST_CHANGE / 2, 0.9, 0.1])
    accounts = {"nodes": nodes.tolist(), "risks": risks.tolist()}
    # 10 is as it was; 30 loses its reasons and 40 keeps some, which may read otherwise; 50 had no risk.
    assert changed(previous, accounts, np.zeros(5, bool)) == ([2, 3], [1, 4])
    # What people decided on a ring is among the reasons of its members.
    assert changed(previous, accounts, nodes == 10) == ([0, 2, 3], [1, 4])


def test_all_are_written_where_nothing_was_before() -> None:
    previous = PreviousRun(NONE, [], NONE, NONE, np.zeros(0), Carried())
    assert changed(previous, {"nodes": [10, 20], "risks": [0.1, 0.9]}, np.zeros(2, bool)) == ([1], [0])


def test_evidence_that_only_fades_stays_as_it_is_noted() -> None:
    half_life = SIGNUP_HALF_LIFE_DAYS * DAY_S
    before = {"k": 5, "j": 1.0, "window_from": 10, "window_to": 20, "sum_h": 4.0, "sum_hp": 2.0, "ring_members": 3}
    faded: dict[str, Any] = {**before, "sum_h": 2.0, "sum_hp": 1.0, "ring": "R-1"}
    without: dict[str, Any] = {**faded, "window_from": None, "window_to": None, "ring_members": None, "ring": None}
    rows: list[tuple[dict[str, Any], dict[str, Any]]] = [
        (faded, faded),
        (without, without),
        (faded, {**faded, "sum_hp": 1.002}),  # below what is worth a change
        (faded, {**faded, "j": 1.01}),
        (faded, {**faded, "sum_hp": 2.0}),
        (faded, {**faded, "k": 6}),
        (faded, {**faded, "window_to": 21}),
        (faded, {**faded, "ring_members": 4}),
        (faded, {**faded, "ring": "R-2"}),
        (without, {**without, "window_from": 10, "window_to": 20}),
    ]
    numbers = [[was[name] for was, _ in rows] for name in before]
    numbers[4:6] = [[2 * value for value in numbers[place]] for place in (4, 5)]  # one half-life earlier
    at = [[1000] * len(rows)]
    node = np.arange(len(rows)) + 100
    previous = Carried(node, np.array([*numbers, *at], np.float64), [was["ring"] for was, _ in rows])
    columns = {name: [new[name] for _, new in rows] for name in (*before, "ring")}
    columns["nodes"] = node.tolist()
    changed_rows = other_evidence(previous, columns, 1000 + int(half_life))
    assert changed_rows == list(range(4, len(rows)))
    assert other_evidence(Carried(), columns, 1000) == list(range(len(rows)))


def test_one_new_account_does_not_say_how_risky_new_accounts_are() -> None:
    day = int(DAY_S)
    old = np.full(6000, 30 * day)
    assert base_risk(np.append(old, 0), np.append(np.full(6000, 0.1), 0.95)) < 0.05
    assert base_risk(old, np.full(6000, 0.1)) == 1 / 50, "nobody came"
    many = np.append(old, np.full(2000, day))
    assert abs(base_risk(many, np.append(np.zeros(6000), np.full(2000, 0.3))) - 0.3) < 0.01


def test_a_word_on_a_ring_is_told_with_the_ring_that_it_was_said_of() -> None:
    """Rings 0 and 1 of before: 1, which was dismissed, became the smaller part of 0, and 2 broke off from it."""
    nothing = np.zeros(5, np.int64)
    previous = PreviousRun(np.array([0, 0, 1, 1, -1]), ["R-0", "R-1"], nothing, NONE, np.zeros(0), Carried())
    said = (Verdict("R-0", False, 1), Verdict("R-1", False, 1))
    previous = replace(previous, verdicts=said, judged_by=previous.ring)
    ring, ids = np.array([0, 0, 0, 1, 1]), ["R-0", "R-2"]
    result = replace(found(np.full(5, 0.9), ring), cause=np.full(5, RING_DISMISSED), verdict=np.array([0, -1]))
    told = [decided_on(result, ids, previous, account) for account in range(5)]
    assert told == ["R-0", "R-0", "R-1", "R-2", "R-2"]
    confirmed = replace(result, cause=np.full(5, RING_CONFIRMED), verdict=np.array([1, 0]))
    assert decided_on(confirmed, ids, previous, 2) == "R-0"
