"""Which single identifier a level hangs by."""

from __future__ import annotations

import json

import numpy as np
import pytest

from service.decisions.counterfactual import Tie, would_change
from service.detection.publishing import stored_ring_features
from service.detection.scoring.model import Curve, Table, model
from tests.unit.test_scoring_terms import HONEST, facts

TABLE = model().with_addresses.accounts
STRONG = dict(k=40, ring_members=40)


def tie(kind: str, name: str, **values: object) -> Tie:
    return Tie(kind, name, **{**STRONG, **values})  # type: ignore[arg-type]


def test_an_account_that_hangs_by_one_device() -> None:
    ties = [
        tie("device", "d"),
        tie("ip", "home", k=1, ring_members=1),
        tie("payment_method", "own", k=1, ring_members=1),
    ]
    found = would_change(0.75, 0.1, 0.9, ties, TABLE)
    assert [(change.identifier, change.level) for change in found] == [("d", "low")]


def test_an_account_held_by_many_threads_hangs_by_none() -> None:
    ties = [tie("device", "d"), tie("payment_method", "p"), tie("ip", "i"), tie("ip", "i2")]
    assert would_change(0.99, 0.1, 0.95, ties, TABLE) == []


def test_taking_a_private_identifier_away_never_lowers_the_level() -> None:
    ties = [tie("device", "d"), tie("payment_method", "p"), tie("ip", "home", k=1, ring_members=1)]
    assert "home" not in [change.identifier for change in would_change(0.72, 0.1, 0.9, ties, TABLE)]


def test_a_doubtful_case_drops_a_level() -> None:
    ties = [
        tie("device", "d"),
        tie("ip", "i", ring_members=14),
        tie("payment_method", "own", k=1, ring_members=1),
    ]
    found = would_change(0.72, 0.1, 0.6, ties, TABLE)
    assert found and found[0].identifier == "d"
    assert found[0].score < 60


def test_an_only_address_taken_away_is_judged_by_the_same_table() -> None:
    """What was left without an address was judged as of data that tells none: two tables, and a difference of both."""
    curves = {
        name: Curve(np.array([0.0]), np.array([nats]), 0.0, 0.0, 0.0) for name, nats in (("one", 2), ("other", -2))
    }
    ties = [tie("device", "d"), tie("payment_method", "p"), tie("ip", "exit", k=400)]
    for curve in curves.values():  # level: what is shared counts nothing
        assert would_change(0.75, 0.1, 0.6, ties, Table(0.0, {"shares_as_ring": curve})) == []


def test_a_table_that_learned_nothing_of_ties_is_one_in_which_they_count_nothing() -> None:
    assert would_change(0.75, 0.1, 0.6, [tie("device", "d"), tie("device", "e")], Table(0.0, {})) == []


@pytest.mark.parametrize("addresses", [True, False])
def test_a_ring_keeps_by_which_tables_it_was_judged(addresses: bool) -> None:
    """An account without an address, in data that tells them, is explained by the table that judged it."""
    packed = json.loads(stored_ring_features.pack(facts(**HONEST), addresses)[0])
    assert packed["addresses"] is addresses
    assert stored_ring_features.unpack(facts(), {0: packed}).size.tolist() == facts(**HONEST).size.tolist()
