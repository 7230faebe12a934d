"""Times the stages of a run, and holds the lock that keeps runs apart."""

from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from service import tracing
from service.errors import ConflictError
from service.logs import log


@dataclass(slots=True)
class Stages:
    """Seconds by stage, and GDS's own compute time within them; the log tells of them at this level."""

    level: int = logging.INFO
    seconds: dict[str, float] = field(default_factory=dict)
    gds_ms: int = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times one stage and says so in the log."""
        start = time.monotonic()
        with tracing.span(f"stage {name}"):
            yield
        self.seconds[name] = round(time.monotonic() - start, 3)
        log.log(self.level, "%s: %.1f s", name, self.seconds[name])


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Holds the home's lock for detection; the system releases it if the process dies. Raises ConflictError if held."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "detect.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConflictError(f"a detection run is going on for {home}; wait until it is done") from None
        yield
