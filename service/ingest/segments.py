"""Cuts a file into segments: as many events as aggregate to a bounded number of links.

What a segment holds depends on the file and the rules only, never on the clock or the machine: a file that is read
again after a crash gives the same segments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from service.ingest.aggregate import Aggregate
from service.ingest.clean import clean
from service.ingest.dedupe import SeenIds
from service.ingest.field_counts import FieldCounts
from service.ingest.rejects import RejectsFile
from service.ingest.tokens import Tokeniser
from service.logs import Progress
from service.sources.files import EventFile
from service.sources.raw import Chunk

# With the columns that is about 400 MB.
SEGMENT_LINKS = 2_000_000


@dataclass(slots=True)
class Segment:
    """The aggregated events from one place of a file to another, and how many there were of each sort."""

    position: int
    row: int
    aggregate: Aggregate = field(default_factory=Aggregate)
    next_position: int = 0
    next_row: int = 0
    last: bool = True
    refused: int = 0
    duplicates: int = 0
    rejects: Path | None = None
    fields: FieldCounts = field(default_factory=FieldCounts)

    @property
    def events(self) -> int:
        return self.next_row - self.row


@dataclass(frozen=True, slots=True)
class SegmentReader:
    """Reads one file. `now` bounds the times of its events: the moment when its ingest was first begun."""

    source: EventFile
    tokeniser: Tokeniser
    home: Path
    now: datetime
    links: int = SEGMENT_LINKS  # that a segment is closed at

    def read(self, position: int, row: int) -> Iterator[Segment]:
        """Segments from a segment's end on. The last one says so, and is there even if it is empty."""
        seen = self._seen_before(position)
        chunks = self.source.chunks(position, row)
        with Progress(f"{self.source.path.name}: events read") as bar:
            while True:
                segment = self._segment(chunks, position, row, seen, bar)
                yield segment
                if segment.last:
                    return
                position, row = segment.next_position, segment.next_row

    def _segment(self, chunks: Iterator[Chunk], position: int, row: int, seen: SeenIds, bar: Progress) -> Segment:
        segment = Segment(position, row, next_position=position, next_row=row)
        file = self.source.path.name
        name = f"{file}-{self.source.fingerprint[:12]}-{row + 1}"
        with RejectsFile(self.home, name, {"source": file}, "row") as rejects:
            for chunk in chunks:
                cleaned = clean(chunk.events, self.tokeniser, self.now)
                good = seen.filter(cleaned.good)
                rejects.add(cleaned.refused)
                rejects.add(cleaned.values)
                segment.aggregate.add(good)
                segment.fields.add(good, cleaned.values, chunk.ignored)
                segment.refused += len(cleaned.refused)
                segment.duplicates += len(cleaned.good) - len(good)
                bar.advance(chunk.rows - segment.next_row)
                segment.next_position, segment.next_row = chunk.position, chunk.rows
                if segment.aggregate.holds_over(self.links):
                    segment.last = False
                    break
            segment.rejects = rejects.keep()
        return segment

    def _seen_before(self, position: int) -> SeenIds:
        """The event ids of the segments that were already written, when a file is resumed."""
        seen = SeenIds()
        if position:
            for chunk in self.source.chunks():
                seen.filter(clean(chunk.events, self.tokeniser, self.now).good)
                if chunk.position >= position:
                    break
        return seen
