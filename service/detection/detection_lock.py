"""The lock that keeps two runs on one machine apart, and away from them what must not happen during one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from service.errors import ConflictError


@contextmanager
def detection_lock(home: Path, what: str = "a detection run") -> Iterator[None]:
    """Holds the home's lock for detection, or for `what` keeps it away; the system releases it if the process dies.

    Raises ConflictError, which says who holds it.
    """
    with _held(home, fcntl.LOCK_EX, what, "wait until it is done, or stop that process"):
        yield


@contextmanager
def between_runs(home: Path, what: str = "an erasure or expiry") -> Iterator[None]:
    """Keeps detection runs away: a run remembers nodes by numbers that the database may give to others once they are
    free. Raises ConflictError, which says what goes on, if one does."""
    with _held(home, fcntl.LOCK_SH, what, "try again when it is done"):
        yield


@contextmanager
def _held(home: Path, mode: int, what: str, remedy: str) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / "detect.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, mode | fcntl.LOCK_NB)
        except OSError:
            raise ConflictError(f"{_holder(lock) or f'a detection run is going on for {home}'}; {remedy}") from None
        lock.truncate(0)
        since = datetime.now(UTC)
        lock.write(f"{what} is going on for {home} (process {os.getpid()}, since {since:%Y-%m-%d %H:%M} UTC)")
        lock.flush()
        yield


def is_dead(home: Path, run: str) -> bool:
    """Whether the last run of this home is this one (its id), and its process has gone."""
    try:
        with (home / "detect.lock").open(encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return run in _holder(lock)
    except OSError:  # there is none, or it is held
        return False


def _holder(lock: TextIO) -> str:
    """What goes on under the lock, in the words that its holder left."""
    lock.seek(0)
    return lock.read()
