"""The links of one moment as arrays: what evidence, groups and signals are computed from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from service.detection.reading.kind_codes import codes
from service.detection.reading.stable_order import stable_orders

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

GROUP_STRIDE = 2**33  # larger than any moment in epoch seconds: keeps groups apart in one sorted array of int64
SYNTHETIC_ID_BASE = 2**40
"""Node ids from here on are not in the graph: bursts, which only projections know."""


DENSE_LOOKUP_MIN = 100_000
"""Look-ups from which a table over all node ids is worth its memory: 8 bytes a node."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """N accounts as read: node (node ids), created and last event (epoch seconds), uses (requests), label (1 fraud,
    -1 legitimate, 0 none)."""

    node: Ints
    created: Ints
    last: Ints
    uses: Ints
    label: Ints


@dataclass(frozen=True, slots=True)
class Links:
    """L links as read: account and identifier (node ids), kind (its code in kind_codes.py), first and last (epoch
    seconds of the first and last event)."""

    account: Ints
    identifier: Ints
    kind: Ints
    first: Ints
    last: Ints

    def columns(self) -> tuple[Ints, ...]:
        """The five columns, in order."""
        return self.account, self.identifier, self.kind, self.first, self.last


@dataclass(frozen=True, slots=True)
class Snapshot:
    """N accounts, M identifiers, L links. Accounts are sorted by creation, links by identifier and then by account; in
    an order that is the same whatever the node ids are (stable_order.py).

    account_node (N, node ids), created and active (N, epoch seconds, creation and last event), uses (N, requests),
    label (N; 1 fraud, -1 legitimate, 0 none, as people said),
    identifier_node (M, node ids), kind (M, its code in kind_codes.py),
    k (M, accounts on it), start (M + 1, first link of each identifier), account (L), identifier (L), first and last
    (L, epoch seconds of the link's first and last event), birth (L, whether the link is as old as the account).
    """

    account_node: Ints
    created: Ints
    active: Ints
    uses: Ints
    label: Ints
    identifier_node: Ints
    kind: Ints
    k: Ints
    start: Ints
    account: Ints
    identifier: Ints
    first: Ints
    last: Ints
    birth: Flags

    @property
    def accounts(self) -> int:
        return len(self.account_node)

    @property
    def identifiers(self) -> int:
        return len(self.identifier_node)

    @property
    def strong(self) -> Flags:
        """Which identifiers (M) few share: cards, devices."""
        return codes().strong[self.kind]

    @property
    def place(self) -> Flags:
        """Which identifiers (M) many share at times: addresses, without the networks derived from them."""
        return codes().place[self.kind]

    @property
    def sent(self) -> Flags:
        """Which identifiers (M) events named: no derived ones and no bursts."""
        return codes().sent[self.kind]

    @property
    def now(self) -> int:
        """The newest moment in the data (results do not depend on the clock), epoch seconds."""
        return int(max(self.created.max(initial=0), self.active.max(initial=0)))

    def accounts_at(self, nodes: Ints) -> Ints:
        """The place of each of these node ids among the accounts, -1 of one that is no account."""
        order = np.argsort(self.account_node)
        return np.append(order, -1)[positions_of(self.account_node[order], nodes)]


def positions_of(nodes: Ints, values: Ints) -> Ints:
    """Where each value stands in `nodes` (sorted), -1 where it does not. Many are looked up in a table over all node
    ids, which are dense: that takes a tenth of a search's time."""
    if len(nodes) == 0 or len(values) < DENSE_LOOKUP_MIN:
        at = np.searchsorted(nodes, values)
        return np.where(np.append(nodes, -1)[at] == values, at, -1)
    table = np.full(int(nodes[-1]) + 2, -1)
    table[nodes] = np.arange(len(nodes))
    return table[np.minimum(values, len(table) - 1)]


def distinct(nodes: Ints) -> Ints:
    """These node ids, sorted, each once. Many are marked in a table over all node ids, in a tenth of a sort's time."""
    if len(nodes) < DENSE_LOOKUP_MIN:
        return np.unique(nodes)
    marked = np.zeros(int(nodes.max()) + 1, bool)
    marked[nodes] = True
    return np.flatnonzero(marked)


def build(accounts: Accounts, links: Links, derived: Links, birth_s: int) -> Snapshot:
    """A snapshot from accounts, their links, and links to derived identifiers. Links between the same two nodes become
    one: first seen is the earliest, last seen the latest."""
    by_node = np.argsort(accounts.node)
    source, target, kind, first, last = (
        np.concatenate(pair) for pair in zip(links.columns(), derived.columns(), strict=True)
    )
    account = positions_of(accounts.node[by_node], source)
    known = account >= 0
    if not known.all():  # events go on coming in: of an account that came after accounts were read only links are here
        account, target, kind, first, last = (column[known] for column in (account, target, kind, first, last))
    identifier_node = distinct(target)
    identifier = positions_of(identifier_node, target)
    facts = accounts.created[by_node], accounts.last[by_node], accounts.uses[by_node]
    by_age, by_kind = stable_orders(facts, (account, identifier, kind, first, last), len(identifier_node))
    account, identifier = _places(by_age)[account], _places(by_kind)[identifier]
    by_age, identifier_node = by_node[by_age], identifier_node[by_kind]

    # One key for both orders, by identifier and then by account: sorting by one is far faster.
    n = max(len(by_age), 1)
    key = identifier * n + account
    order = np.argsort(key)
    key, kind, first, last = key[order], kind[order], first[order], last[order]
    at = np.flatnonzero(np.diff(key, prepend=-1))
    if len(at) < len(key):
        first, last = np.minimum.reduceat(first, at), np.maximum.reduceat(last, at)
        key, kind = key[at], kind[at]
    identifier, account = key // n, key % n

    created = accounts.created[by_age]
    k = np.bincount(identifier, minlength=len(identifier_node)).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(k)]).astype(np.int64)
    return Snapshot(
        account_node=accounts.node[by_age],
        created=created,
        active=np.maximum(accounts.last[by_age], created),
        uses=accounts.uses[by_age],
        label=accounts.label[by_age],
        identifier_node=identifier_node,
        kind=kind[start[:-1]],
        k=k,
        start=start,
        account=account,
        identifier=identifier,
        first=first,
        last=last,
        birth=np.abs(first - created[account]) <= birth_s,
    )


def _places(order: Ints) -> Ints:
    """Where each element stands in this order."""
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places


def with_bursts(snapshot: Snapshot, link: Ints, burst: Ints) -> Snapshot:
    """The snapshot with bursts as further identifiers: links (rows of this snapshot) that fall into each burst
    (numbers from 0, sorted). Accounts that turn up on an exit within the same minutes share the burst."""
    order = np.lexsort((snapshot.created[snapshot.account[link]], burst))
    link, burst = link[order], burst[order]
    k = np.bincount(burst)
    return replace(
        snapshot,
        identifier_node=np.concatenate([snapshot.identifier_node, SYNTHETIC_ID_BASE + np.arange(len(k))]),
        kind=np.concatenate([snapshot.kind, np.full(len(k), codes().burst)]),
        k=np.concatenate([snapshot.k, k]),
        start=np.concatenate([snapshot.start, snapshot.start[-1] + np.cumsum(k)]),
        account=np.concatenate([snapshot.account, snapshot.account[link]]),
        identifier=np.concatenate([snapshot.identifier, snapshot.identifiers + burst]),
        first=np.concatenate([snapshot.first, snapshot.first[link]]),
        last=np.concatenate([snapshot.last, snapshot.last[link]]),
        birth=np.concatenate([snapshot.birth, snapshot.birth[link]]),
    )
