"""What of events did not count while the rest of them did: one shape for files, the log and HTTP."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from service.ingest.clean import left_out_of
from service.sources.raw import add_counts


@dataclass(slots=True)
class FieldCounts:
    """Field -> events, each: `left_out` had a value that identifies nobody, `refused` one that breaks a rule,
    `ignored` (unknown names, bounded: service/sources/raw.py) one in a field that no event has."""

    left_out: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)

    def add(self, good: pl.DataFrame, values: pl.DataFrame, ignored: Counter[str]) -> None:
        """Adds what a frame of events came to: good events and refused values (Cleaned), names of unknown fields."""
        self.left_out.update(left_out_of(good))
        self.refused.update(values.get_column("field").to_list())
        add_counts(self.ignored, ignored)

    def absorb(self, other: FieldCounts) -> None:
        """Adds what another one holds."""
        self.left_out.update(other.left_out)
        self.refused.update(other.refused)
        add_counts(self.ignored, other.ignored)
