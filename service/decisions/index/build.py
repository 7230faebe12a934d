"""Builds the read index from the graph: at the publication of a run, and whenever somebody asks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from service.decisions.index import records
from service.decisions.index.lookup import ring_summary, run_info
from service.decisions.index.store import Built, IndexStore, Meta
from service.graph.client import Graph
from service.logs import Progress
from service.model.kinds import kinds

PAGE = 20_000

Labels = dict[tuple[str, str], tuple[int, int]]


def rebuild(graph: Graph, store: IndexStore, key_id: str) -> Built:
    """Builds a new generation from the graph and switches to it. `key_id`: the token key that the graph is under.
    Raises UnavailableError.

    All that workers applied up to `built` is in the graph by the time that it is read: they apply after they commit,
    and reading begins in the next second.
    """
    built = int(time.time())
    time.sleep(built + 1 - time.time())
    rows = graph.read("serve/published_run")
    accounts = graph.read("serve/count_accounts")[0]["accounts"]
    meta = Meta(run_info(rows[0]) if rows else None, built, key_id, accounts=accounts)
    with Progress("building the read index") as progress:
        result = store.build(meta, _records(graph, meta, progress))
    store.sweep(lambda data: records.outlives(data, built, int(time.time())))
    return result


def _records(graph: Graph, meta: Meta, progress: Progress) -> Iterator[tuple[bytes, bytes]]:
    labels: Labels = {
        (kind, identifier): (fraud, legitimate)
        for kind, identifier, fraud, legitimate in graph.read_bulk("serve/index_labels")["rows"]
    }
    for row in graph.read_bulk("serve/index_rings")["rings"]:
        ring = ring_summary(row)
        assert ring is not None  # the query returns rings only
        yield records.key("ring", ring.id), records.pack_ring(ring)
    for name in [kind.name for kind in kinds().evidence]:
        for rows in _pages(graph, f"serve/index_identifiers@{name}", progress):
            yield from (identifier_record(name, row, labels) for row in rows)
    for rows in _pages(graph, "serve/index_accounts", progress):
        yield from map(account_record, rows)


def _pages(graph: Graph, query: str, progress: Progress) -> Iterator[list[list[Any]]]:
    after: str | None = ""
    while after is not None:
        page = graph.read_bulk(query, after=after, page=PAGE)
        after = page["last"]
        progress.advance(len(page["rows"]))
        yield page["rows"]


def identifier_record(kind: str, row: list[Any], labels: Labels) -> tuple[bytes, bytes]:
    """The base record of an identifier, from a row of the queries above."""
    identifier, accounts, evidence, ring, members = row if len(row) > 2 else (*row, None, None, 0)
    fraud, legitimate = labels.get((kind, identifier), (0, 0))
    item = records.Identifier(accounts, tuple(evidence) if evidence else None, fraud, legitimate, ring, members)
    return records.key(kind, identifier), records.pack_identifier(item)


def account_record(row: list[Any]) -> tuple[bytes, bytes]:
    """The base record of an account, from a row of serve/index_accounts."""
    key = records.key("account", row[0])
    if len(row) == 1:
        return key, records.pack_account(records.Account())
    _, risk, label, ring, reasons, identifiers, created = row
    keys = None if identifiers is None else tuple((kind, records.key(kind, name)) for kind, name in identifiers)
    return key, records.pack_account(records.Account(risk, label, ring, reasons, keys, created))
