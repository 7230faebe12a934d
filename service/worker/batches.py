"""One batch of a partition: cleaned, without repeated events, aggregated, and written with its offset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import neo4j
import polars as pl
from neo4j.exceptions import Neo4jError

from service import tracing
from service.graph.client import Graph, run_in
from service.ingest.aggregate import Aggregate, Batch, renamed, whole
from service.ingest.clean import Cleaned
from service.ingest.dedupe import Change, SeenIds
from service.ingest.field_counts import FieldCounts
from service.ingest.records import clean_records, key_ids
from service.ingest.rejects import RejectsFile, has_room
from service.ingest.tokens import Tokeniser
from service.loading.naming import Naming
from service.loading.writes import Writer, write_batch
from service.logs import log
from service.sources.eventlog import Record
from service.worker.leases import BatchPlace, Lease, Leases

IDS_IN_A_RUN = 50_000
# Only these are about what a batch holds; anything else (rights, disk, a database that starts) refuses every batch.
ABOUT_THE_DATA = ("Neo.ClientError.Statement.", "Neo.ClientError.Schema.ConstraintValidation")
AfterBatch = Callable[[Lease, int, Batch], object]


@dataclass(slots=True)
class WorkCounts:
    """What a worker has done since it began."""

    batches: int = 0
    events: int = 0
    refused: int = 0
    duplicates: int = 0
    links: int = 0
    repeats: int = 0
    fields: FieldCounts = field(default_factory=FieldCounts)


@dataclass(slots=True)
class BatchWriter:
    """Writes batches of records. `after`: called with each batch that was committed, with its lease and the offset
    before it."""

    graph: Graph
    leases: Leases
    naming: Naming
    home: Path
    log_name: str
    dedup_window: int
    rejects_max_mb: int
    after: AfterBatch
    counts: WorkCounts = field(default_factory=WorkCounts)
    _seen: dict[tuple[int, int], SeenIds] = field(default_factory=dict)

    def write(self, lease: Lease, records: Sequence[Record]) -> None:
        """Writes records of one partition, in order. If the database refuses a batch for what is in it, the batch is
        halved until the event is found; that one is kept with the refused ones.

        Raises LeaseLostError and UnavailableError; nothing of the batch is in the graph then.
        """
        self.naming.learn(key_ids(records))
        cleaned, ignored = clean_records(records, self.naming.tokeniser, datetime.now(UTC))
        try:
            self._write(lease, records, cleaned, ignored)
        except Neo4jError as error:
            if not str(error.code).startswith(ABOUT_THE_DATA):
                raise
            log.warning("partition %d: the database refused a batch: %s", lease.number, error.message)
            if len(records) == 1:
                self._write(lease, records, _all_refused(cleaned, str(error.message)), ignored)
                return
            half = len(records) // 2
            self.write(lease, records[:half])
            self.write(lease, records[half:])

    def _write(self, lease: Lease, records: Sequence[Record], cleaned: Cleaned, ignored: Counter[str]) -> None:
        seen = self._seen_ids(lease)
        good, hashes = seen.fresh(cleaned.good)
        change = seen.change(hashes) if len(hashes) else None
        batch = made = _batch(good)
        self._keep_refused(lease, pl.concat([cleaned.refused, cleaned.values]))
        duplicates = len(cleaned.good) - len(good)
        n_events = len(cleaned.good) + len(cleaned.refused)
        writer = Writer(self.graph)

        def work(tx: neo4j.Transaction) -> Batch:
            of_fields = (len(cleaned.values), ignored.total())
            counts = (n_events, len(cleaned.refused), duplicates, writer.retries, *of_fields)
            claim = self.leases.advance(tx, lease, BatchPlace(lease.offset, records[-1].offset, *counts))
            named = self.naming.named(tx, made, claim)
            write_batch(tx, named)
            if change is not None:
                _keep_ids(tx, self.leases.partition_id(lease.number), change)
            return named

        try:
            with tracing.span("worker batch", partition=lease.number, events=n_events, links=batch.n_links):
                batch = writer.run(work)
        except BaseException:
            # It may be committed all the same: what is remembered must come from the graph again.
            self._seen.pop((lease.number, lease.epoch))
            raise
        before, lease.offset = lease.offset, records[-1].offset
        if change is not None:
            seen.apply(change)
        self._count(n_events, cleaned, duplicates, batch, writer.retries)
        if new := ignored.keys() - self.counts.fields.ignored.keys():
            log.warning("partition %d: ignored fields, which no event has: %s", lease.number, sorted(new))
        self.counts.fields.add(good, cleaned.values, ignored)
        self.after(lease, before, batch)

    def _seen_ids(self, lease: Lease) -> SeenIds:
        """The partition's event ids: read from the graph once for each time that the partition is taken."""
        key = (lease.number, lease.epoch)
        if key not in self._seen:
            for old in [old for old in self._seen if old[0] == lease.number or old[0] not in self.leases.held]:
                del self._seen[old]
            seen = SeenIds(min(IDS_IN_A_RUN, max(1, self.dedup_window // 4)), self.dedup_window)
            for row in self.graph.read("ingest/seen_ids", partition=self.leases.partition_id(lease.number)):
                ids = pl.Series(row["ids"], dtype=pl.Int64).to_numpy()
                seen.apply(Change(row["number"], ids, []))
            self._seen[key] = seen
        return self._seen[key]

    def _keep_refused(self, lease: Lease, refused: pl.DataFrame) -> None:
        if len(refused) and has_room(self.home, self.rejects_max_mb):
            name = f"{self.log_name}-{lease.number}-{lease.offset + 1}"
            place: dict[str, object] = {"source": self.log_name, "partition": lease.number}
            with RejectsFile(self.home, name, place, "offset") as rejects:
                rejects.add(refused)
                rejects.keep()

    def _count(self, n_events: int, cleaned: Cleaned, duplicates: int, batch: Batch, repeats: int) -> None:
        self.counts.batches += 1
        self.counts.events += n_events
        self.counts.refused += len(cleaned.refused)
        self.counts.duplicates += duplicates
        self.counts.repeats += repeats
        self.counts.links += batch.n_links


def batch_of(records: Sequence[Record], tokeniser: Tokeniser) -> Batch:
    """What these records come to, whether they are in the graph or not."""
    cleaned, _ = clean_records(records, tokeniser, datetime.now(UTC))
    return renamed(_batch(cleaned.good), tokeniser)


def _batch(good: pl.DataFrame) -> Batch:
    aggregate = Aggregate()
    aggregate.add(good)
    return whole(aggregate.accounts(), aggregate.links())


def _keep_ids(tx: neo4j.Transaction, partition: str, change: Change) -> None:
    ids = change.hashes.tolist()
    run_in(tx, "ingest/keep_seen_ids", partition=partition, drop=change.drop, number=change.number, ids=ids).consume()


def _all_refused(cleaned: Cleaned, reason: str) -> Cleaned:
    """The one event that the database refuses, as a refused one."""
    event = cleaned.good.with_columns(pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").alias("occurred_at"))
    refused = event.with_columns(
        pl.lit("event").alias("field"),
        pl.lit(f"the database refused it: {reason[:300]}").alias("reason"),
        pl.lit("look at the reason, then replay it").alias("remedy"),
        pl.col("uses").cast(pl.String),
    )
    every = pl.concat([cleaned.refused, refused.select(cleaned.refused.columns)])
    return Cleaned(cleaned.good.clear(), every, cleaned.values)
