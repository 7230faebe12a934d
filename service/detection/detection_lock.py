"""The lock that keeps two runs on one machine apart."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.errors import ConflictError


@contextmanager
def detection_lock(home: Path) -> Iterator[None]:
    """Holds the home's lock for detection; the system releases it if the process dies. Raises ConflictError if held."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "detect.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConflictError(f"a detection run is going on for {home}; wait until it is done") from None
        yield
