"""Refused events, kept with their place, reason and remedy under RINGSIGHT_HOME/rejects as JSON lines.

A line ends with a line feed and with nothing else: refused events are where other separators are found. A line that a
crash or a full disk tore is never an error: nobody can say whose it was, so an erasure drops it.

Whoever writes a file holds its lock. A draft that nobody holds is what a killed process left behind.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import polars as pl

from service.errors import UnavailableError
from service.logs import log
from service.sources.raw import tokenised_fields

DAY_S = 86_400


def folder(home: Path) -> Path:
    """Where a home keeps refused events."""
    return home / "rejects"


def has_room(home: Path, most_mb: int) -> bool:
    """Whether refused events that senders cause may still be kept: otherwise a sender could fill the disk. Says so in
    the log if not."""
    try:
        size = sum(entry.stat().st_size for entry in os.scandir(folder(home)))
    except FileNotFoundError:  # there is no such folder yet, or a file went meanwhile: the next look sees
        return True
    if size < most_mb << 20:
        return True
    log.warning(
        "refused events are not kept any more: %s holds %d MB; `ringsight worker --replay-rejects` or `ringsight erase "
        "--retention` makes room, or raise RINGSIGHT_REJECTS_MAX_MB",
        folder(home),
        size >> 20,
    )
    return False


def _lines(refused: pl.DataFrame, place: Mapping[str, object], number: str) -> Iterator[str]:
    """Refused events or values (refused_columns of clean.py) as they are kept. `number`: what a row's number is called
    there."""
    for row in refused.iter_rows(named=True):
        yield json.dumps({**place, number: row["row"], **_told(row)}, ensure_ascii=False) + "\n"


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    event = {name: row[name] for name in tokenised_fields() if row.get(name) is not None}
    return {name: row[name] for name in ("field", "reason", "remedy")} | {"event": event}


def value_line(line: bytes, row: Mapping[str, Any]) -> bytes:
    """The line of a refused value (a row of Cleaned.values) of an event that a line was about, from the same place."""
    return json.dumps({**json.loads(line), **_told(row)}, ensure_ascii=False).encode()


def append_refused(home: Path, name: str, place: Mapping[str, object], number: str, refused: pl.DataFrame) -> None:
    """Adds refused events to a file that many processes add to, all or none. Raises UnavailableError if they can't be
    written."""
    path = folder(home) / f"{name}.jsonl"
    data = "".join(_lines(refused, place, number)).encode()
    with _translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path) as handle:
            size = os.fstat(handle).st_size
            torn = size and os.pread(handle, 1, size - 1) != b"\n"
            try:
                _write(handle, b"\n" + data if torn else data)
            except BaseException:
                os.ftruncate(handle, size)
                raise


def _write(handle: int, data: bytes) -> None:
    """Writes all of it: a single call writes what there is room for, and says so only by the count."""
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file of that name, locked, to append to. It may be moved aside while its lock is waited for: then it is the
    next one of that name."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _is_at(handle, path):
                yield handle
                return
        finally:
            os.close(handle)


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnavailableError(
            f"refused events can't be kept in {path} ({error.strerror}); make room or mend the rights, and try again"
        ) from error


class RejectsFile:
    """The refused events of one piece of a source. The file appears whole when `keep` is called: a piece that is read
    again after a crash has the same name and writes the same file again, so nothing is kept twice.

    `place` says where the events came from; `number`, what the number of each is called there (row or offset).
    """

    def __init__(self, home: Path, name: str, place: Mapping[str, object], number: str) -> None:
        self.path = folder(home) / f"{re.sub(r'[^A-Za-z0-9._-]', '_', name)[-120:]}.jsonl"
        self.count = 0
        self._place = place
        self._number = number
        self._draft = self.path.with_suffix(f".partial-{os.getpid()}")
        with _translated(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._file = os.fdopen(handle, "w", encoding="utf-8", newline="\n")
            fcntl.flock(handle, fcntl.LOCK_EX)

    def add(self, refused: pl.DataFrame) -> None:
        """Adds refused events or values. Raises UnavailableError if they can't be written."""
        with _translated(self.path):
            self._file.writelines(_lines(refused, self._place, self._number))
        self.count += len(refused)

    def keep(self) -> Path | None:
        """Makes the file appear and returns its path, or None if there is nothing in it. It is on the disk then."""
        with _translated(self.path):
            self._file.flush()
            os.fsync(self._file.fileno())
            return self._draft.replace(self.path) if self.count else None

    def __enter__(self) -> RejectsFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        with suppress(OSError):  # of what could not be written, which was an error before
            self._file.close()
        self._draft.unlink(missing_ok=True)


def taken(home: Path) -> Iterator[tuple[Path, list[bytes]]]:
    """Each rejects file, moved aside so that nobody adds to it, with its lines. Give what must stay to `put_back`.

    A file that an earlier caller left moved aside when it crashed comes again.
    """
    for path in sorted(folder(home).glob("*.jsonl")):
        aside = path.with_suffix(f".aside-{time.time_ns()}")
        path.rename(aside)
    for aside in sorted(folder(home).glob("*.aside-*")):
        yield aside, _lines_of(aside)


def _lines_of(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)  # until whoever still adds to it is done
        return _lines_in(path)


def event_of(line: bytes) -> dict[str, Any] | None:
    """The event of a line, empty if it was none; None for a line that is torn."""
    try:
        event = json.loads(line)["event"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def put_back(aside: Path, lines: list[bytes]) -> None:
    """Keeps the lines that stay, under the name that the file had, and removes the file moved aside."""
    path = aside.with_suffix(".jsonl")
    if lines:
        draft = aside.with_suffix(f".back-{os.getpid()}")
        with _translated(path), _locked(path), draft.open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            os.fchmod(file.fileno(), 0o600)
            _write(file.fileno(), b"".join(line + b"\n" for line in dict.fromkeys([*lines, *_lines_in(path)])))
            os.fsync(file.fileno())
            draft.replace(path)
    aside.unlink()


def _lines_in(path: Path) -> list[bytes]:
    """The lines of a file that is locked already."""
    return [line for line in path.read_bytes().split(b"\n") if line.strip()]


def _drop_leftovers(home: Path) -> None:
    """Removes the drafts of killed processes: what they held is written again when their piece is read again."""
    for draft in [*folder(home).glob("*.partial-*"), *folder(home).glob("*.back-*")]:
        with suppress(OSError), draft.open("rb") as file:  # somebody's who is at work, or gone by now
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.unlink()


def erase(home: Path, accounts: Collection[str]) -> int:
    """Removes the refused events of these accounts, and torn lines. Returns how many events of theirs there were."""
    unwanted = set(accounts)
    gone = 0
    _drop_leftovers(home)
    for aside, lines in taken(home):
        events = [(line, event) for line in lines if (event := event_of(line)) is not None]
        kept = [line for line, event in events if event.get("account_id") not in unwanted]
        if len(events) < len(lines):
            log.warning("%s: %d torn lines dropped", aside.with_suffix(".jsonl").name, len(lines) - len(events))
        put_back(aside, kept)
        gone += len(events) - len(kept)
    return gone


def expire(home: Path, keep_days: float) -> int:
    """Removes the files of refused events that nobody added to for so many days. Returns how many files."""
    _drop_leftovers(home)
    before = time.time() - keep_days * DAY_S
    old = [path for path in folder(home).glob("*.jsonl") if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
