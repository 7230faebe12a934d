"""Surges: batches of accounts that share nothing but the minutes in which they were made, on exits of all sorts."""

from __future__ import annotations

import numpy as np
import pytest

from service.detection import parameters
from service.detection.evidence.surges import Surges, discovery_bar, find_surges
from service.detection.reading.snapshot import Accounts, Links, Snapshot, build
from tests.support.kind_codes import IP

DAY = 86_400
START = 1_700_000_000
HONEST, EXITS = 6_000, 60
BATCH_AT = START + 10 * DAY


def made(extra_time: list[int], extra_address: list[int], seed: int = 1) -> tuple[Snapshot, np.ndarray]:
    """Honest accounts over 20 days, a third of them on shared exits, the others at home; and some more at these times
    and addresses, which have no residential IP either. Returns the snapshot and who has none."""
    rng = np.random.default_rng(seed)
    created = np.concatenate([rng.integers(START, START + 20 * DAY, HONEST), extra_time]).astype(np.int64)
    no_residential_ip = np.append(rng.random(HONEST) < 1 / 3, np.ones(len(extra_time), bool))
    exits = rng.integers(0, EXITS, HONEST)
    address = np.append(np.where(no_residential_ip[:HONEST], exits, 1_000 + np.arange(HONEST)), extra_address).astype(
        np.int64
    )
    node = np.arange(len(created))
    accounts = Accounts(node, created, created, np.ones_like(node), np.zeros_like(node))
    links = Links(node, 1_000_000 + address, np.full(len(node), IP), created, created)
    snapshot = build(accounts, links, Links(*[column[:0] for column in links.columns()]), DAY)
    return snapshot, no_residential_ip[snapshot.account_node]


def surges_of(snapshot: Snapshot, no_residential_ip: np.ndarray) -> Surges:
    return find_surges(snapshot, no_residential_ip, np.ones(snapshot.accounts, bool), parameters.SURGE)


def test_a_batch_on_many_exits_is_a_surge() -> None:
    """30 accounts within ten minutes, each on another exit, all of which honest people use as well."""
    snapshot, no_residential_ip = made([BATCH_AT + 20 * n for n in range(30)], list(range(30)))
    surges = surges_of(snapshot, no_residential_ip)
    found = set(snapshot.account_node[snapshot.account[surges.link]].tolist())
    assert set(range(HONEST, HONEST + 30)) <= found
    assert len(found) <= 40  # with the honest ones of those minutes
    assert len(set(surges.surge.tolist())) == 1
    assert surges.strength.min() > 0.7


def test_a_crowd_at_one_place_is_none() -> None:
    """As many accounts on two addresses: an office, or people in one place."""
    snapshot, no_residential_ip = made([BATCH_AT + 20 * n for n in range(30)], [n % 2 for n in range(30)])
    assert len(surges_of(snapshot, no_residential_ip).link) == 0


def test_a_crowd_of_all_sorts_is_none() -> None:
    """Hundreds sign up within minutes, a third of them without a home, as always: an advertisement."""
    rng = np.random.default_rng(2)
    away = rng.random(300) < 1 / 3
    address = np.where(away, rng.integers(0, EXITS, 300), 50_000 + np.arange(300))
    snapshot, no_residential_ip = made((BATCH_AT + rng.integers(0, 900, 300)).tolist(), address.tolist())
    place = snapshot.accounts_at(np.arange(HONEST, HONEST + 300))
    no_residential_ip[place] = away
    assert len(surges_of(snapshot, no_residential_ip).link) == 0


@pytest.mark.parametrize("seed", range(4))
def test_chance_makes_none(seed: int) -> None:
    snapshot, no_residential_ip = made([], [], seed)
    assert len(surges_of(snapshot, no_residential_ip).link) <= 0.001 * HONEST


def test_the_more_is_found_the_lower_the_bar() -> None:
    few = np.append(np.full(10, 9.0), np.zeros(90_000))
    many = np.append(np.full(3_000, 9.0), np.zeros(90_000))
    assert discovery_bar(few, 0.05, 3) == np.inf
    assert discovery_bar(many, 0.05, 3) == 9.0


def test_no_births_no_surge() -> None:
    snapshot, no_residential_ip = made([], [])
    nobody = np.zeros(snapshot.accounts, bool)
    assert len(find_surges(snapshot, no_residential_ip, nobody, parameters.SURGE).link) == 0
