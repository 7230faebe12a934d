"""Times the stages of a run."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from service import tracing
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
