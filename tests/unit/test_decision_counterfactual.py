"""Which single identifier a level hangs by."""

from __future__ import annotations

from service.decisions.counterfactual import Tie, would_change

STRONG = dict(k=40, ring_members=40)


def tie(kind: str, name: str, **values: object) -> Tie:
    return Tie(kind, name, **{**STRONG, **values})  # type: ignore[arg-type]


def test_an_account_that_hangs_by_one_device() -> None:
    ties = [
        tie("device", "d"),
        tie("ip", "home", k=1, ring_members=1),
        tie("payment_method", "own", k=1, ring_members=1),
    ]
    found = would_change(0.75, 0.1, 0.9, ties)
    assert [(change.identifier, change.level) for change in found] == [("d", "low")]


def test_an_account_held_by_many_threads_hangs_by_none() -> None:
    ties = [tie("device", "d"), tie("payment_method", "p"), tie("ip", "i"), tie("ip", "i2")]
    assert would_change(0.99, 0.1, 0.95, ties) == []


def test_taking_a_private_identifier_away_never_lowers_the_level() -> None:
    ties = [tie("device", "d"), tie("payment_method", "p"), tie("ip", "home", k=1, ring_members=1)]
    assert "home" not in [change.identifier for change in would_change(0.72, 0.1, 0.9, ties)]


def test_a_doubtful_case_drops_a_level() -> None:
    ties = [
        tie("device", "d"),
        tie("ip", "i", ring_members=14),
        tie("payment_method", "own", k=1, ring_members=1),
    ]
    found = would_change(0.72, 0.1, 0.6, ties)
    assert found and found[0].identifier == "d"
    assert found[0].score < 60
