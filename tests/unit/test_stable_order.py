"""What is computed from the graph does not depend on node ids, which differ each time the same data is loaded."""

from __future__ import annotations

import numpy as np

from service.detection.reading.snapshot import Accounts, Links, Snapshot, build
from tests.support.kind_codes import DEVICE, IP, PAYMENT

ACCOUNTS, IDENTIFIERS, LINKS, BASE = 300, 120, 900, 10_000


def loaded(seed: int) -> tuple[Snapshot, np.ndarray, np.ndarray]:
    """One graph, under node ids that are drawn by `seed`: its snapshot, and the names behind places of accounts and
    identifiers. Accounts were made on whole days, so that many are as old as others."""
    data, drawn = np.random.default_rng(1), np.random.default_rng(seed)
    created = data.integers(0, 30, ACCOUNTS) * 86_400
    account, identifier = data.integers(0, ACCOUNTS, LINKS), data.integers(0, IDENTIFIERS, LINKS)
    kind = np.array([PAYMENT, DEVICE, IP])[identifier % 3]
    first = created[account] + data.integers(0, 1_000, LINKS)
    node = drawn.permutation(BASE)[: ACCOUNTS + IDENTIFIERS]
    order, shuffled = drawn.permutation(ACCOUNTS), drawn.permutation(LINKS)
    columns = (node[account], node[ACCOUNTS + identifier], kind, first, first + 60)
    snapshot = build(
        Accounts(node[order], created[order], created[order], order * 0 + 1, order * 0),
        Links(*[column[shuffled] for column in columns]),
        Links(*[column[:0] for column in columns]),
        86_400,
    )
    name = np.full(BASE, -1)
    name[node] = np.arange(len(node))
    return snapshot, name[snapshot.account_node], name[snapshot.identifier_node]


def test_the_same_data_has_the_same_order_under_other_node_ids() -> None:
    one, accounts, identifiers = loaded(2)
    for seed in (3, 4, 5):
        other, other_accounts, other_identifiers = loaded(seed)
        linked = np.isin(np.arange(ACCOUNTS), one.account)  # those without links differ in nothing
        assert (accounts == other_accounts)[linked].all()
        assert (identifiers == other_identifiers).all()
        for name in ("created", "kind", "k", "start", "account", "identifier", "first", "last", "birth"):
            assert (getattr(one, name) == getattr(other, name)).all(), name


def test_accounts_are_sorted_by_creation_and_found_by_node_id() -> None:
    snapshot, *_ = loaded(2)
    assert (np.diff(snapshot.created) >= 0).all() and (np.diff(snapshot.kind) >= 0).all()
    assert snapshot.accounts_at(snapshot.account_node).tolist() == list(range(ACCOUNTS))
    assert snapshot.accounts_at(np.array([BASE + 1])).tolist() == [-1]
