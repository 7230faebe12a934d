"""Files into the graph, with progress kept in the graph itself.

Each batch is one transaction that also moves the file's progress on. The same file gives the same segments and batches,
and each batch is claimed once, so that neither a crash nor a second ingest of the same file at the same time loses or
doubles anything.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import neo4j

from service.errors import ConflictError
from service.graph.client import Graph, run_in
from service.ingest.aggregate import Batch, batches
from service.ingest.field_counts import FieldCounts
from service.ingest.segments import SEGMENT_LINKS, Segment, SegmentReader
from service.ingest.tokens import Tokeniser
from service.loading.naming import KeyChangingError, Naming, graph_tokeniser
from service.loading.writes import Made, Writer, write_batch
from service.logs import Progress, log
from service.model.kinds import kinds
from service.sources.columns import AS_NAMED, Columns
from service.sources.files import EventFile, open_all

KEY_CHANGE_WAIT_S = 0.5
RULES_VERSION = 3  # raise it when the same file would be cut into other segments or batches


@dataclass(slots=True)
class IngestCounts:
    """What one ingest did. `events` were read (good, refused and duplicates); `nodes` (accounts, identifiers) and
    `links` are those that were not in the graph before."""

    files: int = 0
    events: int = 0
    refused: int = 0
    duplicates: int = 0
    nodes: int = 0
    links: int = 0
    retries: int = 0
    already: list[Path] = field(default_factory=list)
    rejects: list[Path] = field(default_factory=list)
    fields: FieldCounts = field(default_factory=FieldCounts)
    seconds: float = 0.0


class FileIngest:
    """Ingests files with one graph, tokeniser and home. The schema must have been applied."""

    def __init__(self, graph: Graph, tokeniser: Tokeniser, home: Path, batch_size: int) -> None:
        self.writer = Writer(graph)
        self.naming = Naming(tokeniser, home)
        self.home = home
        self.batch_size = batch_size
        self.counts = IngestCounts()

    def run(self, paths: list[Path], columns: Columns = AS_NAMED, strict: bool = False) -> IngestCounts:
        """Ingests each file in turn. Raises InputError, before anything is written, if one of them can't be read (or,
        if `strict`, has fields that no event has), and SettingsError if the home lacks the token key of the graph."""
        started = time.monotonic()
        sources = open_all(paths, columns, strict)
        graph_tokeniser(self.writer.graph, self.naming.tokeniser)
        for source in sources:
            self._refuse_grown(source)
        for source in sources:
            self._file(source)
        self.counts.retries = self.writer.retries
        self.counts.seconds = time.monotonic() - started
        return self.counts

    def _file(self, source: EventFile) -> None:
        progress = self._open(source)
        self.counts.files += 1
        if progress["state"] == "done":
            self.counts.already.append(source.path)
            return
        tokeniser = self.naming.tokeniser.at(progress["key_id"])
        reader = SegmentReader(source, tokeniser, self.home, progress["started_at"].to_native())
        for segment in reader.read(progress["position"], progress["row"]):
            source.check_unchanged()
            self._write(source, segment, progress["batch_size"])
            self.counts.events += segment.events
            self.counts.refused += segment.refused
            self.counts.duplicates += segment.duplicates
            self.counts.fields.absorb(segment.fields)
            if segment.rejects:
                self.counts.rejects.append(segment.rejects)

    def _refuse_grown(self, source: EventFile) -> None:
        """A file that was ingested, and grew since, would count its first events twice."""
        known = self.writer.graph.read("ingest/shorter_files", source=source.fingerprint, bytes=source.size)
        names = {(row["bytes"], row["id"]): row["name"] for row in known}
        for start in source.starts(sorted({size for size, _ in names})):
            if start in names:
                raise ConflictError(
                    f"{source.path} begins with {names[start]}, which was ingested before, and goes on after its "
                    f"{start[0]} bytes: those events would count twice. Ingest what came after them as a file of its "
                    f"own (tail -c +{start[0] + 1}; a CSV needs its header again)"
                )

    def _open(self, source: EventFile) -> dict[str, Any]:
        """The file's progress. A file that was begun under an older token key goes on in the same batches: `key_id`."""
        tokeniser = self.naming.tokeniser
        kept = ("plain" if tokeniser.ip_plain else "token") + ("/inside" if tokeniser.inside else "")
        known = {
            f"{RULES_VERSION}/{SEGMENT_LINKS}/{key_id}/{kept}/{kinds().digest}": key_id for key_id in tokeniser.key_ids
        }
        rules = list(known)[-1]
        found = self.writer.graph.write(
            "ingest/open_file",
            source=source.fingerprint,
            file=source.path.name,
            bytes=source.size,
            batch_size=self.batch_size,
            rules=rules,
        )[0]
        if found["state"] != "done" and found["rules"] not in known:
            raise ConflictError(
                f"{source.path}: an earlier ingest of it was begun with other rules ({found['rules']}, now {rules}: "
                "version, segment, token key, settings of addresses, kinds of identifier); finish it with those"
            )
        return {**found, "key_id": known.get(found["rules"])}

    def _write(self, source: EventFile, segment: Segment, batch_size: int) -> None:
        """Writes the batches of a segment that were not written yet, then moves the progress to its end."""
        number = -1
        links = segment.aggregate.links()
        with Progress(f"{source.path.name}: links written", len(links)) as bar:
            for number, batch in enumerate(batches(segment.aggregate.accounts(), links, batch_size)):
                made = self._claimed(source, segment, number, batch)
                self.counts.nodes += made.nodes
                self.counts.links += made.links
                bar.advance(batch.n_links)
        self.writer.graph.write(
            "ingest/close_segment",
            source=source.fingerprint,
            position=segment.position,
            batch=number + 1,
            next_position=segment.next_position,
            next_row=segment.next_row,
            events=segment.events,
            refused=segment.refused,
            duplicates=segment.duplicates,
            state="done" if segment.last else "reading",
        )

    def _claimed(self, source: EventFile, segment: Segment, number: int, batch: Batch) -> Made:
        """Writes a batch, unless it was written before."""

        def work(tx: neo4j.Transaction) -> Made:
            place = {"source": source.fingerprint, "position": segment.position, "batch": number}
            claim = run_in(tx, "ingest/claim_batch", **place).single()
            if claim is None:
                return Made()
            return write_batch(tx, self.naming.named(tx, batch, claim))

        waits = False
        while True:
            try:
                return self.writer.run(work)
            except KeyChangingError as error:
                if not waits:
                    log.warning("waiting: %s", error.detail)
                waits = True
                time.sleep(KEY_CHANGE_WAIT_S)
