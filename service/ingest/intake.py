"""Events sent by HTTP: checked and tokenised at the door, then durable in the event log."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from service.errors import TooManyRequestsError
from service.ingest.clean import clean
from service.ingest.field_counts import FieldCounts
from service.ingest.records import entries
from service.ingest.rejects import append_refused, has_room
from service.ingest.tokens import Tokeniser
from service.sources.eventlog import EventLog

RETRY_AFTER_S = 10
LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Accepted:
    """`accepted` events are durable (`duplicates` of them were before); `refused` events, and `values` that were
    refused of accepted ones: row, field, reason, remedy each. `kept`: what was
    refused is in the rejects folder, which is not full."""

    accepted: int
    duplicates: int
    refused: list[dict[str, Any]]
    values: list[dict[str, Any]]
    fields: FieldCounts
    kept: bool


@dataclass(slots=True)
class Intake:
    """Takes events into one log. `max_waiting`: how many may wait for a worker. `rejects_max_mb`: of refused
    events that are kept in all."""

    log: EventLog
    tokeniser: Tokeniser
    home: Path
    max_waiting: int
    rejects_max_mb: int
    _looked_at: float = 0.0
    _full: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, raw: pl.DataFrame, ignored: Counter[str], request_id: str | None) -> Accepted:
        """Takes raw events (service/sources/raw.py) with the counts of their unknown fields. Raises
        TooManyRequestsError while too many wait, and UnavailableError if the log can't be written: nothing, or an
        unknown part, of the events is kept then."""
        self._check_room()
        now = datetime.now(UTC)
        cleaned = clean(raw, self.tokeniser, now)
        good = entries(cleaned.good, self.tokeniser)
        # The refused ones first: if they can't be kept, nothing is, and the sender may send all of it again.
        kept = pl.concat([cleaned.refused, cleaned.values])
        room = has_room(self.home, self.rejects_max_mb) if len(kept) else True
        if len(kept) and room:
            place = {"source": "http", "received_at": now.isoformat(), "request": request_id}
            append_refused(self.home, f"http-{now:%Y-%m-%d}", place, "index", kept)
        duplicates = self.log.append(good) if good else 0
        refused, values = (
            part.select("row", "field", "reason", "remedy").to_dicts() for part in (cleaned.refused, cleaned.values)
        )
        fields = FieldCounts()
        fields.add(cleaned.good, cleaned.values, ignored)
        return Accepted(len(good), duplicates, refused, values, fields, room)

    def _check_room(self) -> None:
        with self._lock:
            if time.monotonic() >= self._looked_at + LOOK_EVERY_S:
                self._full = self.log.waiting() > self.max_waiting
                self._looked_at = time.monotonic()
        if self._full:
            raise TooManyRequestsError(
                f"over {self.max_waiting} events wait for a worker; send these again later", RETRY_AFTER_S
            )
