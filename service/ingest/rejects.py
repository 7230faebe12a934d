"""Refused events, kept with their place, reason and remedy under RINGSIGHT_HOME/rejects as JSON lines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import TracebackType

import polars as pl

from service.sources.raw import TOKENISED_FIELDS


def folder(home: Path) -> Path:
    """Where a home keeps refused events."""
    return home / "rejects"


class RejectsFile:
    """The refused events of one piece of a source. The file appears whole when `keep` is called: a piece that is read
    again after a crash has the same name and writes the same file again, so nothing is kept twice.

    `place` says where the events came from; `number`, what the number of each is called there (row or offset).
    """

    def __init__(self, home: Path, name: str, place: dict[str, object], number: str) -> None:
        self.path = folder(home) / f"{re.sub(r'[^A-Za-z0-9._-]', '_', name)[-120:]}.jsonl"
        self.count = 0
        self._place = place
        self._number = number
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._draft = self.path.with_suffix(".partial")
        self._file = self._draft.open("w", encoding="utf-8")

    def add(self, refused: pl.DataFrame) -> None:
        """Adds refused events (Cleaned.refused)."""
        for row in refused.iter_rows(named=True):
            event = {name: row[name] for name in TOKENISED_FIELDS if row.get(name) is not None}
            why = {name: row[name] for name in ("field", "reason", "remedy")}
            kept = {**self._place, self._number: row["row"], **why, "event": event}
            self._file.write(json.dumps(kept, ensure_ascii=False) + "\n")
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
