"""Reads a ring in pages, each a py2neo Subgraph: memory stays bounded whatever the ring's size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import py2neo
from py2neo.data import Node, Relationship, Subgraph

from service.errors import UnavailableError
from service.export.calm import collector_paused
from service.graph import queries
from service.graph.client import GraphAddress
from service.model.kinds import KINDS

PAGE_ACCOUNTS = 2000
LINKS = {kind.link: Relationship.type(kind.link) for kind in KINDS}


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


def pages(graph: py2neo.Graph, ring_id: str) -> Iterator[Subgraph]:
    """The ring's members in order of id, with their identifiers and links, so many accounts a page.

    Accounts carry their `strength` in the ring. An identifier is in each page that has a link to it.
    """
    text = queries.load("serve/export_page").text
    after = ""
    while True:
        with collector_paused():
            record = graph.run(text, id=ring_id, after=after, limit=PAGE_ACCOUNTS).next()
            accounts = record["accounts"]
            if not accounts:
                return
            for account, strength in zip(accounts, record["strengths"], strict=True):
                account["strength"] = strength
            page = _subgraph([*accounts, *record["identifiers"]], record["links"])
        yield page
        after = accounts[-1]["id"]


def _subgraph(nodes: list[Node], links: list[list[Any]]) -> Subgraph:
    by_identity = {node.identity: node for node in nodes}
    for node in nodes:
        node.graph = None  # unbound: a bound node's hash, taken again and again, reads the connection's profile
    relationships = [
        LINKS[kind](by_identity[start], by_identity[end], uses=uses, first_seen=first, last_seen=last)
        for start, kind, end, uses, first, last in links
    ]
    return Subgraph(nodes, relationships)
