"""Who reads which partition, and how far: both kept in the graph, by the clock of the database.

A worker takes its share of the partitions for a time and renews that; one that dies loses them when it runs out. The
offset moves in the transaction that writes the batch, and only for the owner of the present epoch, so that a worker
that was only thought dead can't write twice what another one wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import neo4j

from service.errors import RingsightError
from service.graph.client import Graph, run_in


class LeaseLostError(RingsightError):
    """Another worker has this partition now, or its offset is elsewhere; nothing was written."""

    code = "lease_lost"
    title = "The partition has another owner"


@dataclass(slots=True)
class Lease:
    """A partition that a worker has: everything up to `offset` is in the graph."""

    number: int
    offset: int
    epoch: int


@dataclass(frozen=True, slots=True)
class BatchPlace:
    """What a batch of a partition covers, and its counts."""

    after: int
    upto: int
    events: int
    refused: int
    duplicates: int
    repeats: int
    refused_values: int
    ignored_fields: int


class Leases:
    """The leases of one worker on one log."""

    def __init__(self, graph: Graph, log: str, worker: str, lease_s: float) -> None:
        self._graph = graph
        self._log = log
        self._worker = worker
        self._lease_ms = int(lease_s * 1000)
        self.held: dict[int, Lease] = {}

    def open(self, partitions: Sequence[int]) -> None:
        """Makes the progress of new partitions."""
        self._graph.write("ingest/open_partitions", log=self._log, partitions=list(partitions))

    def settle(self, partitions: int) -> None:
        """Says that this worker lives, renews its leases, and takes or gives back partitions up to its fair share."""
        who = {"log": self._log, "worker": self._worker}
        timed = {**who, "lease_ms": self._lease_ms}
        living = [row["id"] for row in self._graph.write("ingest/worker_beat", **timed)]
        kept = {row["number"]: self._lease(**row) for row in self._graph.write("ingest/lease_renew", **timed)}
        each, over = divmod(partitions, len(living))
        share = each + (living.index(self._worker) < over)
        surplus = sorted(kept)[share:]
        if surplus:
            self._graph.write("ingest/lease_release", numbers=surplus, **who)
            kept = {number: lease for number, lease in kept.items() if number not in surplus}
        elif len(kept) < share:
            rows = self._graph.write("ingest/lease_claim", wanted=share - len(kept), **timed)
            kept |= {row["number"]: self._lease(**row) for row in rows}
        self.held = kept

    def _lease(self, number: int, offset: int, epoch: int) -> Lease:
        """The lease as the graph has it; one that is held already stays the same object, for whoever works with it."""
        lease = self.held.get(number)
        if lease is None or lease.epoch != epoch:
            return Lease(number, offset, epoch)
        lease.offset = offset
        return lease

    def partition_id(self, number: int) -> str:
        """The id of a partition's node."""
        return f"{self._log}/{number}"

    def advance(self, tx: neo4j.Transaction, lease: Lease, place: BatchPlace) -> neo4j.Record:
        """Moves the offset on, in the transaction that writes the batch. Returns the claim, which tells how
        identifiers are named (service/loading/naming.py). Raises LeaseLostError."""
        moved = run_in(
            tx,
            "ingest/claim_offset",
            partition=self.partition_id(lease.number),
            worker=self._worker,
            epoch=lease.epoch,
            lease_ms=self._lease_ms,
            after=place.after,
            upto=place.upto,
            events=place.events,
            refused=place.refused,
            refused_values=place.refused_values,
            ignored_fields=place.ignored_fields,
            duplicates=place.duplicates,
            repeats=place.repeats,
        ).single()
        if moved is None:
            raise LeaseLostError(f"partition {lease.number} of {self._log} is not at {place.after} for this worker")
        return moved

    def leave(self) -> None:
        """Gives all partitions back."""
        self._graph.write("ingest/worker_leave", log=self._log, worker=self._worker)
        self.held = {}
