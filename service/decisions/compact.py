"""Turns closed segments of the journal into Parquet, and drops those that are too old. Run as a process of its own."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

import polars as pl

from service.decisions.journal import rewriting, waiting
from service.decisions.parquet import SCHEMA, write_parquet
from service.logs import log


def compact(folder: Path, oldest_day: str) -> int:
    """Compacts every closed segment, drops those of days before `oldest_day` (YYYYMMDD); says how many it compacted."""
    done = 0
    with rewriting(folder):
        for path in folder.glob("*.parquet"):
            if path.name[:8] < oldest_day:
                path.unlink(missing_ok=True)
    for path in sorted(folder.glob("*.jsonl")):
        with rewriting(folder):  # one at a time: an erasure comes in between
            if waiting(path):
                done += _compact(path)
    return done


def _compact(path: Path) -> int:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0  # a process is writing it
        if not path.exists():
            return 0  # another compactor was here
        data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            log.warning("%s: %d bytes of half a decision dropped, which a crash left", path, len(data) - len(whole))
        if whole:
            write_parquet(pl.read_ndjson(whole, schema=SCHEMA), path.with_suffix(".draft"))
        path.unlink()
    return 1


if __name__ == "__main__":
    os.nice(15)
    compact(Path(sys.argv[1]), sys.argv[2])
