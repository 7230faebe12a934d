"""An order of accounts and identifiers that does not depend on the database's node ids.

Node ids are given in the order in which events were loaded and reuse those of deleted nodes. Grouping breaks ties by
the order of nodes, so the same data loaded again would fall into other groups. The order here comes from what nodes
have: times, and what they are linked to (the refinement of Weisfeiler and Leman, 1968, two rounds of it)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
ROUNDS = 2


def stable_orders(accounts: tuple[Ints, Ints, Ints], links: tuple[Ints, ...], identifiers: int) -> tuple[Ints, Ints]:
    """The places of accounts (N) by creation, and of as many `identifiers` (M) by kind, those that are equal in that by
    what else they have.

    accounts: created, last and uses (three of N). links: place of the account, place of the identifier, kind, first and
    last (five of L). Nodes that are alike in all that is looked at keep the order in which they come.
    """
    source, target, kind, first, last = links
    own, of_link = _mixed(*accounts), _mixed(kind, first, last)
    kinds = np.zeros(identifiers, np.int64)
    kinds[target] = kind
    account, identifier = own, _mixed(kinds)
    for _ in range(ROUNDS):
        identifier = _gathered(identifier, target, account[source] ^ of_link)
        account = _gathered(own, source, identifier[target] ^ of_link)
    return np.lexsort((account, accounts[0])), np.lexsort((identifier, kinds))


def _mixed(*columns: Ints) -> Hashes:
    """One hash for each row of these columns, by the finaliser of splitmix64."""
    found = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        found = _scrambled(found + column.astype(np.uint64))
    return found


def _scrambled(x: Hashes) -> Hashes:
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


def _gathered(own: Hashes, node: Ints, neighbours: Hashes) -> Hashes:
    """The hash of each node with those of its neighbours, in whichever order they come."""
    total = own.copy()
    np.add.at(total, node, _scrambled(neighbours))
    return _scrambled(total)
