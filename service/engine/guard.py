"""A lock between processes, freed by the system when its holder dies, so that it can't go stale."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.errors import EngineError
from service.logs import log

POLL_S = 0.1


@contextmanager
def exclusive(path: Path, wait_s: float, holder: str) -> Iterator[None]:
    """Holds the lock file `path`; waits up to `wait_s` seconds for it. Raises EngineError that names the `holder`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        deadline = time.monotonic() + wait_s
        waiting = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EngineError(f"{holder} holds {path} for more than {wait_s:.0f} s; stop it first") from None
                if not waiting:
                    log.info("waiting for %s", holder)
                    waiting = True
                time.sleep(POLL_S)
        yield
