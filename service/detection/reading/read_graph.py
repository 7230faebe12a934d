"""Reads the graph into a snapshot: accounts first, then all links, kind by kind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from service.detection.reading.kind_codes import codes
from service.detection.reading.snapshot import Accounts, Ints, Links, Snapshot, build, positions_of
from service.errors import ConflictError
from service.graph.client import Graph
from service.logs import Progress

READERS = 2  # connections at a time: while one record is unpacked here, the engine makes the next


def read(graph: Graph, birth_s: int) -> Snapshot:
    """All accounts and links as arrays, without the links to identifiers on the allow-list. Raises ConflictError if the
    graph has no account."""
    own = [*codes().strong_codes, *codes().place_codes]
    with Progress("reading links", len(own)) as progress, ThreadPoolExecutor(READERS) as pool:
        people = pool.submit(_all_accounts, graph)
        inside = {code: pool.submit(graph.read_bulk, _query("derived_from", code)) for code in codes().derived_codes}
        parts = []
        for part in pool.map(lambda code: _all_links(graph, code), sorted(own)):
            parts.append(part)
            progress.advance(1)
    accounts = people.result()
    if len(accounts.node) == 0:
        raise ConflictError("the graph has no accounts; load events first (`ringsight ingest FILE...`)")
    links = joined(parts)
    links = without(links, to_ints(graph.read_bulk("detect/allowed_nodes")["node"]))
    derived = [_derived(code, row.result(), links) for code, row in inside.items()]
    return build(accounts, links, joined(derived), birth_s)


def _all_accounts(graph: Graph) -> Accounts:
    row = graph.read_bulk("detect/accounts")
    return Accounts(*[to_ints(row[name]) for name in ("node", "created", "last", "uses", "label")])


def _query(name: str, code: int) -> str:
    return f"detect/{name}@{codes().names[code]}"


def _all_links(graph: Graph, code: int) -> Links:
    """All links to one kind of identifier. Going through all links of a type in one query takes the engine a third of
    the time of looking them up by account."""
    row = graph.read_bulk(_query("links_of_kind", code))
    account, identifier, first, last = (to_ints(row[column]) for column in ("account", "identifier", "first", "last"))
    return Links(account, identifier, np.full(len(account), code), first, last)


def joined(parts: list[Links]) -> Links:
    """Links of several parts, one after the other."""
    none = np.zeros(0, np.int64)
    columns = zip(*[part.columns() for part in parts], strict=True)
    return Links(*[np.concatenate(column) for column in columns]) if parts else Links(none, none, none, none, none)


def without(links: Links, identifiers: Ints) -> Links:
    """The links that do not go to one of these identifiers (node ids)."""
    if len(identifiers) == 0:
        return links
    kept = ~np.isin(links.identifier, identifiers)
    return Links(*[column[kept] for column in links.columns()])


def links_of(row: dict[str, Any]) -> Links:
    """The links in a record of lists."""
    return Links(*[to_ints(row[name]) for name in ("account", "identifier", "kind", "first", "last")])


def _derived(code: int, row: dict[str, list[int]], links: Links) -> Links:
    """Links to derived identifiers of a kind (`row` says which identifier is in which), one for each link to one that
    is in it."""
    identifier, derived = to_ints(row["identifier"]), to_ints(row["derived"])
    order = np.argsort(identifier)
    chosen = np.flatnonzero(codes().place[links.kind])
    at = positions_of(identifier[order], links.identifier[chosen])
    chosen, inside = chosen[at >= 0], derived[order][at[at >= 0]]
    kind = np.full(len(chosen), code)
    return Links(links.account[chosen], inside, kind, links.first[chosen], links.last[chosen])


def to_ints(values: list[int]) -> Ints:
    """A list as the database gives it, as an array."""
    return np.array(values, dtype=np.int64)
