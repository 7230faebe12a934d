"""Reads a ring in pages, each a py2neo Subgraph: memory stays bounded whatever the ring's size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import py2neo
from py2neo.data import Node, PropertyDict, Relationship, Subgraph, Walkable

from service.errors import ConflictError, UnavailableError
from service.graph import queries
from service.graph.client import GraphAddress
from service.model.kinds import Table, kinds

PAGE_ACCOUNTS = 2000


class _Unbound(PropertyDict, Walkable):  # type: ignore[misc]
    """What an entity is to those who read it, set without py2neo's constructors, which give each one a random name for
    statements that nobody makes here and ask both ends of each link for their labels: a fourth of an export's time.
    Each is equal to itself only: a page has no entity twice."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def _set(self, sequence: tuple[Any, ...], properties: dict[str, Any]) -> None:
        self._Walkable__sequence = sequence
        self._Subgraph__nodes, self._Subgraph__relationships = frozenset(sequence[::2]), frozenset(sequence[1::2])
        PropertyDict.__init__(self, properties)
        self._stale: set[str] = set()


class _Node(_Unbound, Node):  # type: ignore[misc]
    def __init__(self, label: str, /, **properties: Any) -> None:
        self._labels = {label}
        self._remote_labels: frozenset[str] = frozenset()
        self._set((self,), properties)


class _Link(_Unbound, Relationship):  # type: ignore[misc]
    def __init__(self, start: Node, end: Node, /, **properties: Any) -> None:
        self._set((start, self, end), properties)


@cache
def _links(table: Table) -> dict[str, type[_Link]]:
    """py2neo's class of each relationship."""
    return {kind.link: type(kind.link, (_Link,), {}) for kind in table.sent}


@contextmanager
def connected(address: GraphAddress) -> Iterator[py2neo.Graph]:
    """A py2neo graph; its connections are closed at the end."""
    try:
        graph = py2neo.Graph(address.uri, auth=(address.user, address.password), name=address.database)
    except OSError as error:
        raise UnavailableError(f"the graph database at {address.uri} can't be reached ({error})") from error
    try:
        yield graph
    finally:
        graph.service.connector.close()


def pages(graph: py2neo.Graph, ring_id: str, run: str | None = None) -> Iterator[Subgraph]:
    """The ring's members in order of id, with their identifiers and links, so many accounts a page. All as one run (the
    published one, which `run` may name) found them: raises ConflictError if another one is published meanwhile.

    Accounts carry their `strength` in the ring. An identifier is in each page that has a link to it.
    """
    text = queries.load("serve/export_page").text
    run = run or _published(graph)
    after = ""
    while (record := graph.run(text, id=ring_id, run=run, after=after, limit=PAGE_ACCOUNTS).next())["accounts"]:
        after = record["accounts"][-1][1]["id"]
        made = [_page(record)]
        del record
        yield made.pop()  # and no name for it is left here: the collector frees it with its user's
    if _published(graph) != run:
        raise ConflictError("another detection run was published during the export; export again")


def _published(graph: py2neo.Graph) -> str | None:
    """The run that readers see, or None."""
    rows = graph.run(queries.load("serve/published_run").text).data()
    return str(rows[0]["run_id"]) if rows else None


def _page(record: py2neo.cypher.Record) -> Subgraph:
    """The subgraph of a record."""
    nodes = {identity: _Node("Account", **values) for identity, values in record["accounts"]}
    nodes |= {identity: _Node(label, id=name) for identity, label, name in record["identifiers"]}
    links = _links(kinds())
    relationships = [
        links[kind](nodes[start], nodes[end], uses=uses, first_seen=first, last_seen=last)
        for start, kind, end, uses, first, last in record["links"]
    ]
    return Subgraph(nodes.values(), relationships)
