"""The lock that keeps two runs on one machine apart, and away from them what must not happen during one."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from service.errors import ConflictError

ASKING_S = 1.0
POLL_S = 0.02


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
        if not _taken(lock, mode):
            raise ConflictError(f"{_holder(lock) or f'a detection run is going on for {home}'}; {remedy}")
        lock.truncate(0)
        since = datetime.now(UTC)
        lock.write(f"{what} is going on for {home} (process {os.getpid()}, since {since:%Y-%m-%d %H:%M} UTC)")
        lock.flush()
        yield


def _taken(lock: TextIO, mode: int) -> bool:
    """Takes the lock if it is free, or held only for the moment in which another process asks whether it is."""
    deadline = time.monotonic() + ASKING_S
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, mode | fcntl.LOCK_NB)
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)


def is_held(home: Path) -> bool:
    """Whether a run holds the lock of this home."""
    try:
        with (home / "detect.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _holder(lock: TextIO) -> str:
    """What goes on under the lock, in the words that its holder left."""
    lock.seek(0)
    return lock.read()
