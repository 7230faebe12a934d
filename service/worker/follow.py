"""Keeps the read index level with what this worker writes: new links are known to decisions at once.

The index remembers for each partition up to where it was told. What a killed worker wrote but did not tell, or what the
index missed while it was down, is read from the log again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from neo4j.exceptions import Neo4jError

from service.decisions.index.freshness import NEVER, Freshness, LiveLink
from service.errors import UnavailableError
from service.graph.client import Graph
from service.ingest.aggregate import Batch
from service.loading.naming import Naming
from service.logs import log
from service.model.kinds import kinds
from service.sources.eventlog import EventLog
from service.worker.batches import batch_of
from service.worker.leases import Lease

FIRST_LINKS_PLACE = 5  # in a row of Batch
SECOND = 1_000_000  # microseconds
MOST_BEHIND = 200_000  # events: beyond, the index is built anew in less time


@dataclass(slots=True)
class Follower:
    """Tells the index. `touched` is told of accounts that signed up or came to a new identifier."""

    graph: Graph
    log: EventLog
    freshness: Freshness
    naming: Naming
    touched: Callable[[set[str]], object]
    batch_events: int
    _told: dict[tuple[int, int], int] = field(default_factory=dict)  # offset, by number and epoch of a lease

    def tell(self, lease: Lease, before: int, batch: Batch) -> None:
        """What was just committed: the events after the offset `before`. Never raises: what fails is told again by
        `catch_up`."""
        key = (lease.number, lease.epoch)
        if self._told.get(key) == before and self._tell(lease, batch, lease.offset):
            self._told[key] = lease.offset

    def catch_up(self, lease: Lease) -> None:
        """Tells what the index lacks of a partition that was just taken, and after failures."""
        key = (lease.number, lease.epoch)
        told = self._told.get(key)
        if told == lease.offset:
            return
        if told is None:
            for old in [old for old in self._told if old[0] == lease.number]:
                del self._told[old]
            told = self._begin(lease)
        while told is not None and told < lease.offset:
            records = [r for r in self.log.read(lease.number, told, self.batch_events) if r.offset <= lease.offset]
            upto = records[-1].offset if records else lease.offset
            told = upto if self._tell(lease, batch_of(records, self.naming.tokeniser), upto) else None
        if told is not None:
            self._told[key] = told

    def _begin(self, lease: Lease) -> int | None:
        """Up to where the index was told; from here on if it never was, or lacks too much. None: it does not answer."""
        told = self.freshness.told(self._place(lease))
        if told is None or (told != NEVER and lease.offset - told <= MOST_BEHIND):
            return told
        if told != NEVER:
            log.warning("the read index lacks %d events; `ringsight index rebuild` adds them", lease.offset - told)
        return lease.offset if self.freshness.apply([], (self._place(lease), lease.offset)) else None

    def _tell(self, lease: Lease, batch: Batch, upto: int) -> bool:
        try:
            links = live_links(self.graph, batch)
        except (UnavailableError, Neo4jError) as error:
            log.warning("the read index waits for the graph: %s", error)
            return False
        self.touched({link.account_id for link in links})
        return self.freshness.apply(links, (self._place(lease), upto))

    def _place(self, lease: Lease) -> str:
        return f"{self.log.name}/{lease.number}"


def live_links(graph: Graph, batch: Batch) -> list[LiveLink]:
    """The links of a committed batch that were not in the graph before, and all of new accounts. Only those of kinds
    that decisions look at."""
    links: list[LiveLink] = []
    older: list[LiveLink] = []
    for row in batch.rows:
        for kind, of_kind in zip(kinds().sent, row[FIRST_LINKS_PLACE:], strict=True):
            if not kind.evidence:
                continue
            found = [LiveLink(row[0], kind.name, link[0], link[1] // SECOND, row[1] is not None) for link in of_kind]
            (links if row[1] is not None else older).extend(found)
    return links + _first(graph, older) if older else links


def _first(graph: Graph, links: list[LiveLink]) -> list[LiveLink]:
    """Those of which the graph knows no earlier event."""
    rows: dict[str, list[list[object]]] = {kind.name: [] for kind in kinds().sent}
    for place, link in enumerate(links):
        rows[link.kind].append([place, link.account_id, link.identifier, link.first_seen])
    places = [
        place
        for name, some in rows.items()
        if some
        for place in graph.read_bulk(f"ingest/first_links@{name}", rows=some)["places"]
    ]
    return [links[place] for place in places]
