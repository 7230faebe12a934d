"""Who uses a home: every server, worker and command shares a lock on it, and a restore takes it alone.

The system frees a lock when its holder dies, so that it can't go stale.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from service.errors import ConflictError

NAME = "home.lock"


def share(home: Path) -> IO[str] | None:
    """Holds the home until the file is closed. None if the home can't be written: then nobody restores into it.
    Raises ConflictError while it is being restored."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / NAME).open("a")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise ConflictError(f"{home} is being restored; try again once that is done") from None
    return file


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Holds the home while nobody else does. Raises ConflictError."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / NAME).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(
                f"{home} is in use: stop its server, its workers and every other command on it first"
            ) from None
        yield
