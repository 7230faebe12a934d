"""Refused events, kept with their place, reason and remedy under RINGSIGHT_HOME/rejects as JSON lines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import TracebackType
from typing import Any

import polars as pl

from service.sources.raw import FIELDS


def folder(home: Path) -> Path:
    """Where a home keeps refused events."""
    return home / "rejects"


def record(source: str, row: dict[str, Any]) -> dict[str, Any]:
    """One refused event as it is kept. `row`: a row of Cleaned.refused."""
    event = {name: row[name] for name in FIELDS if row[name] is not None}
    place = {"source": source, "row": row["row"]}
    return {**place, "field": row["field"], "reason": row["reason"], "remedy": row["remedy"], "event": event}


class RejectsFile:
    """The refused events of one segment of a source. The file appears whole when `keep` is called: a segment that is
    read again after a crash writes the same file again, so nothing is kept twice."""

    def __init__(self, home: Path, source: str, fingerprint: str, first_row: int) -> None:
        stem = re.sub(r"[^A-Za-z0-9._-]", "_", source)[:80]
        self.path = folder(home) / f"{stem}-{fingerprint[:12]}-{first_row}.jsonl"
        self.source = source
        self.count = 0
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._draft = self.path.with_suffix(".partial")
        self._file = self._draft.open("w", encoding="utf-8")

    def add(self, refused: pl.DataFrame) -> None:
        """Adds refused events (Cleaned.refused)."""
        for row in refused.iter_rows(named=True):
            self._file.write(json.dumps(record(self.source, row), ensure_ascii=False) + "\n")
        self.count += len(refused)

    def keep(self) -> Path | None:
        """Makes the file appear and returns its path, or None if there is nothing in it."""
        self._file.close()
        return self._draft.replace(self.path) if self.count else None

    def __enter__(self) -> RejectsFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._file.close()
        self._draft.unlink(missing_ok=True)
