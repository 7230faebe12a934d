"""Reads the graph into a snapshot: accounts first, then all links, kind by kind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from service.detection.reading.snapshot import (
    IP,
    KIND_NAMES,
    NETWORK,
    Accounts,
    Ints,
    Links,
    Snapshot,
    build,
    positions_of,
)
from service.errors import ConflictError
from service.graph.client import Graph
from service.logs import Progress

READERS = 2  # connections at a time: while one record is unpacked here, the engine makes the next


def read(graph: Graph, birth_s: int) -> Snapshot:
    """All accounts and links as arrays, without the links to identifiers on the allow-list. Raises ConflictError if the
    graph has no account."""
    with Progress("reading links", len(KIND_NAMES[:NETWORK])) as progress, ThreadPoolExecutor(READERS) as pool:
        people, inside = pool.submit(_all_accounts, graph), pool.submit(graph.read_bulk, "detect/networks")
        parts = []
        for part in pool.map(lambda kind: _all_links(graph, kind), range(NETWORK)):
            parts.append(part)
            progress.advance(1)
    accounts = people.result()
    if len(accounts.node) == 0:
        raise ConflictError("the graph has no accounts; load events first (`ringsight ingest FILE...`)")
    links = Links(*[np.concatenate(column) for column in zip(*[part.columns() for part in parts], strict=True)])
    links = without(links, to_ints(graph.read_bulk("detect/allowed_nodes")["node"]))
    return build(accounts, links, _networks(inside.result(), links), birth_s)


def _all_accounts(graph: Graph) -> Accounts:
    row = graph.read_bulk("detect/accounts")
    return Accounts(*[to_ints(row[name]) for name in ("node", "created", "last", "uses", "label")])


def _all_links(graph: Graph, kind: int) -> Links:
    """All links to one kind of identifier. Going through all links of a type in one query takes the engine a third of
    the time of looking them up by account."""
    name = KIND_NAMES[kind]
    row = graph.read_bulk(f"detect/links_{name}")
    account, identifier, first, last = (to_ints(row[column]) for column in ("account", "identifier", "first", "last"))
    return Links(account, identifier, np.full(len(account), kind), first, last)


def without(links: Links, identifiers: Ints) -> Links:
    """The links that do not go to one of these identifiers (node ids)."""
    if len(identifiers) == 0:
        return links
    kept = ~np.isin(links.identifier, identifiers)
    return Links(*[column[kept] for column in links.columns()])


def links_of(row: dict[str, Any]) -> Links:
    """The links in a record of lists."""
    return Links(*[to_ints(row[name]) for name in ("account", "identifier", "kind", "first", "last")])


def _networks(row: dict[str, list[int]], links: Links) -> Links:
    """Links to networks (`row` says which IP is in which), one for each link to an IP in it."""
    ip, network = to_ints(row["ip"]), to_ints(row["network"])
    order = np.argsort(ip)
    chosen = np.flatnonzero(links.kind == IP)
    at = positions_of(ip[order], links.identifier[chosen])
    chosen, inside = chosen[at >= 0], network[order][at[at >= 0]]
    kind = np.full(len(chosen), NETWORK)
    return Links(links.account[chosen], inside, kind, links.first[chosen], links.last[chosen])


def to_ints(values: list[int]) -> Ints:
    """A list as the database gives it, as an array."""
    return np.array(values, dtype=np.int64)
