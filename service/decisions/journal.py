"""Keeps every decision, so that it can be explained later.

Each process appends lines to a segment of its own (`decisions/DAY-PROCESS.jsonl`): a decision is in the file when it
is answered, another process reads it at once, and its id says where it is. Closed segments become Parquet.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from service.errors import NotFoundError

SEGMENT_BYTES = 64 << 20
LINE_BYTES = 1 << 16
DAY_S = 86_400
COMPACT_BYTES = 1 << 20  # a closed segment of today that is smaller waits for tomorrow
ID = re.compile(r"d-(\d{8}-[0-9a-f]{12})-([0-9a-f]{1,8})-[0-9a-f]{8}")

Entry = dict[str, Any]


class Journal:
    """Writes and finds decisions in a folder. Not safe across a fork: make it in the worker."""

    def __init__(self, folder: Path, keep_days: int, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self._keep_days = keep_days
        self._segment_bytes = segment_bytes
        self._lock = threading.Lock()
        self._file = -1
        self._segment = ""
        self._size = 0
        self._until = 0.0  # midnight, UTC: a segment holds decisions of one day
        self._compactor: subprocess.Popen[bytes] | None = None

    def write(self, entry: Entry) -> str:
        """Appends a decision (flat values only); returns its id. `at` is milliseconds since the epoch."""
        nonce = secrets.token_hex(4)
        with self._lock:
            if self._file < 0 or self._size >= self._segment_bytes or not self._is_its_day(time.time()):
                self._open()
            decision_id = f"d-{self._segment}-{self._size:x}-{nonce}"
            line = orjson.dumps({"id": decision_id, **entry}) + b"\n"
            if os.write(self._file, line) != len(line):
                self._until = 0.0  # the disk is full: what comes after half a line needs a new segment
                raise OSError(f"{self.folder}: half of a decision was written; is the disk full?")
            self._size += len(line)
        return decision_id

    def find(self, decision_id: str) -> Entry:
        """A decision by its id, of any process. Raises NotFoundError."""
        match = ID.fullmatch(decision_id)
        entry = None
        if match:
            path = self.folder / f"{match[1]}.jsonl"
            entry = _read_line(path, int(match[2], 16)) or _read_parquet(path.with_suffix(".parquet"), decision_id)
        if entry is None or entry["id"] != decision_id:
            raise NotFoundError(f"there is no decision {decision_id!r}; decisions are kept for {self._keep_days} days")
        return entry

    def close(self) -> None:
        """Closes the segment."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1

    def _is_its_day(self, now: float) -> bool:
        """Not either if the clock was set back: a segment with a day to come would be kept for too long."""
        return self._until - DAY_S <= now < self._until

    def _open(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        now = time.time()
        self._until = now - now % DAY_S + DAY_S
        self._segment = f"{_day(now)}-{secrets.token_hex(6)}"
        path = self.folder / f"{self._segment}.jsonl"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)  # tells the compactor that this one is being written
        self._size = 0
        self._compact()

    def _compact(self) -> None:
        """Lets another, slower process turn closed segments into Parquet and drop what is too old."""
        if self._compactor is not None and self._compactor.poll() is None:
            return
        due = _day(time.time() - self._keep_days * DAY_S)
        if any(waiting(path) for path in self.folder.glob("*.jsonl")) or any(
            path.name[:8] < due for path in self.folder.glob("*.parquet")
        ):
            command = [sys.executable, "-m", "service.decisions.compact", str(self.folder), due]
            self._compactor = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)


@contextmanager
def rewriting(folder: Path) -> Iterator[None]:
    """Waits for those who turn segments into Parquet or write Parquet files anew, and keeps others from doing so."""
    with (folder / "rewriting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in [*folder.glob("*.draft"), *folder.glob("*.erasing")]:  # by one that was killed
            left.unlink()
        yield


def waiting(path: Path) -> bool:
    """Whether a segment is closed and worth to be turned into Parquet."""
    try:
        return path.stat().st_size >= COMPACT_BYTES or path.name[:8] < _day(time.time())
    except FileNotFoundError:
        return False


def _day(when: float) -> str:
    return time.strftime("%Y%m%d", time.gmtime(when))


def _read_line(path: Path, offset: int) -> Entry | None:
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        data = os.pread(file, LINE_BYTES, offset)
    finally:
        os.close(file)
    try:
        entry: Entry = orjson.loads(data.partition(b"\n")[0])
    except orjson.JSONDecodeError:
        return None
    return entry if isinstance(entry, dict) and "id" in entry else None


def _read_parquet(path: Path, decision_id: str) -> Entry | None:
    if not path.exists():
        return None
    import polars as pl  # only here: a worker that answers decisions does not need it

    from service.decisions.parquet import scan_parquet

    found = scan_parquet(path).filter(pl.col("id") == decision_id).collect()
    return found.row(0, named=True) if len(found) else None
