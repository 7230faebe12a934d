"""Brings the read index up to date with the graph: by what the graph noted since (docs/adr/0022), or by building it
whole."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Any

from service.decisions.index import live_records, records
from service.decisions.index.lookup import ring_summary, run_info
from service.decisions.index.store import Built, IndexStore, Meta
from service.errors import UnavailableError
from service.graph.client import Graph
from service.logs import Progress, log
from service.model.kinds import kinds

PAGE = 20_000
NODES = 5_000  # looked up by node id in one query
READERS = 2  # connections at a time: while one page is unpacked here, the engine makes the next
MOST_CHANGED = 0.5  # of the records; with more, the whole is built as soon

Labels = dict[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Begun:
    """What the index will be (`meta`), what the graph noted for it (a record of serve/index_changes), whether this is
    all that the index lacks, and how many records that has."""

    meta: Meta
    noted: dict[str, list[Any]]
    follows: bool
    records: int


def rebuild(graph: Graph, store: IndexStore, key_id: str) -> Built:
    """Builds a new generation from the graph and switches to it. `key_id`: the token key that the graph is under.
    Raises UnavailableError."""
    return _whole(graph, store, _begin(graph, store, key_id))


def update(graph: Graph, store: IndexStore, key_id: str) -> Built:
    """Makes the index what `rebuild` would, from the records that changed since it was built. Builds it whole where
    that can't be: there is none, it is damaged, or the graph does not know all that it lacks. Raises UnavailableError.
    """
    begun = _begin(graph, store, key_id)
    changes = _changes(graph, begun) if begun.follows else None
    if changes is not None:
        try:
            return _done(graph, store, begun, store.amend(begun.meta, changes))
        except UnavailableError as error:
            log.warning("the read index is built whole: %s", error.detail)
    return _whole(graph, store, begun)


def _begin(graph: Graph, store: IndexStore, key_id: str) -> _Begun:
    """All that workers applied up to `built` is in the graph, and noted, by the time that it is read: they apply after
    they commit, and reading begins in the next second. What they noted with a later time, as a clock that was set back
    since had it, is in the graph too: it would count twice, and outweigh what came after it."""
    try:
        known = store.meta()
    except UnavailableError:
        known = Meta(None, 0)
    row = graph.write("serve/index_begin", version=known.version, token=uuid.uuid4().hex)[0]
    now = store.now()
    built = int(now)
    time.sleep(seconds_until(built + 1, now))
    store.sweep(lambda data: live_records.stamped_by(data, built))
    noted = graph.read_bulk("serve/index_changes")
    rows = graph.read("serve/published_run")
    accounts = graph.read("serve/count_accounts")[0]["accounts"]
    names = " ".join(kind.name for kind in kinds().evidence)
    meta = Meta(run_info(rows[0]) if rows else None, built, key_id, 0, accounts, row["version"], names)
    follows = row["follows"] and (known.key_id, known.kinds) == (key_id, names)
    return _Begun(meta, noted, follows, known.records)


def seconds_until(second: int, now: float) -> float:
    """How long to sleep until a second begins: not at all if it has begun, and a second at most, as the clock can have
    been set back meanwhile."""
    return min(max(second - now, 0.0), 1.0)


def _whole(graph: Graph, store: IndexStore, begun: _Begun) -> Built:
    with Progress("building the read index") as progress:
        built = store.build(begun.meta, _records(graph, progress))
    return _done(graph, store, begun, built)


def _done(graph: Graph, store: IndexStore, begun: _Begun, built: Built) -> Built:
    graph.write("serve/index_done", version=begun.meta.version, notes=begun.noted["notes"])
    now = int(time.time())
    store.sweep(lambda data: data if live_records.outlives(data, begun.meta.built, now) else None)
    return built


def _changes(graph: Graph, begun: _Begun) -> dict[bytes, bytes | None] | None:
    """The records that are other ones now (None: there is none any more); or None, if they are too many. They are read
    after the notes were: they are as these say, or newer."""
    noted = begun.noted
    accounts, identifiers = (sorted({*chain(*noted[name])}) for name in ("accounts", "identifiers"))
    if len(accounts) + len(identifiers) > MOST_CHANGED * begun.records:
        return None
    with ThreadPoolExecutor(READERS) as pool, Progress("bringing the read index up to date") as progress:

        def rows_of(query: str, **columns: list[Any]) -> Iterator[list[Any]]:
            starts = range(0, len(columns["nodes"]), NODES)
            pages = [{name: column[at : at + NODES] for name, column in columns.items()} for at in starts]
            for page in pool.map(lambda page: graph.read_bulk(query, **page), pages):
                progress.advance(len(page["rows"]))
                yield from page["rows"]

        changes: dict[bytes, bytes | None] = {bytes.fromhex(key): None for key in chain(*noted["gone"])}
        changes.update(_rings(graph))
        labels = _labels(graph)
        of_kinds = rows_of("serve/index_identifiers_of", nodes=identifiers)
        changes.update(identifier_record(kind, row, labels) for kind, *row in of_kinds)
        ring_of = {node: ring for ring, members in graph.read_bulk("serve/index_members")["rings"] for node in members}
        rings = [ring_of.get(node) for node in accounts]
        changes.update(map(account_record, rows_of("serve/index_accounts_of", nodes=accounts, rings=rings)))
    return changes


def _records(graph: Graph, progress: Progress) -> Iterator[tuple[bytes, bytes]]:
    labels = _labels(graph)
    yield from _rings(graph)
    for name in [kind.name for kind in kinds().evidence]:
        for rows in _pages(graph, f"serve/index_identifiers@{name}", progress):
            yield from (identifier_record(name, row, labels) for row in rows)
    for rows in _pages(graph, "serve/index_accounts", progress):
        yield from map(account_record, rows)


def _labels(graph: Graph) -> Labels:
    return {
        (kind, identifier): (fraud, legitimate)
        for kind, identifier, fraud, legitimate in graph.read_bulk("serve/index_labels")["rows"]
    }


def _rings(graph: Graph) -> Iterator[tuple[bytes, bytes]]:
    for row in graph.read_bulk("serve/index_rings")["rings"]:
        ring = ring_summary(row)
        assert ring is not None  # the query returns rings only
        yield records.key("ring", ring.id), records.pack_ring(ring)


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
