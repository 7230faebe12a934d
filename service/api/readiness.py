"""Which of the parts that the service needs are there: for /readyz, looked at once a second at most."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass

from service.api.services import Services
from service.decisions.index.store import look
from service.errors import UnavailableError

LOOK_EVERY_S = 1.0
GRAPH_S = 2.0  # longer no probe waits for the graph database


@dataclass(frozen=True, slots=True)
class Readiness:
    """The run that decisions come from, the age of the index (seconds), the parts that are missing, and a sentence for
    each, which may name paths and addresses. Decisions can be made while `decides`."""

    run_id: str | None
    index_age_s: int | None
    decides: bool
    missing: tuple[str, ...]
    details: tuple[str, ...]


class Watched:
    """What is missing, looked at once in LOOK_EVERY_S at most however many ask. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._look_at = 0.0
        self._found: Readiness | None = None

    def now(self, services: Services) -> Readiness:
        """As it was a moment ago."""
        with self._lock:
            if self._found is None or time.monotonic() >= self._look_at:
                self._found = check(services)
                self._look_at = time.monotonic() + LOOK_EVERY_S
            return self._found


def check(services: Services) -> Readiness:
    """Looks at the index and asks the graph database, each for a short time whatever they do."""
    missing: list[tuple[str, str]] = []
    run_id, age = None, None
    try:
        meta = look(services.index)
        run_id = meta.run.id if meta.run else None
        age = max(int(time.time()) - meta.built, 0)
    except UnavailableError as error:
        missing.append(("the read index", error.detail))
    try:
        if not services.watchers.ask(lambda: services.graph.read("serve/published_run"), GRAPH_S):
            missing.append(("a detection run", "no detection run is published yet: run `ringsight detect`"))
    except UnavailableError as error:
        missing.append(("the graph database", error.detail))
    except TimeoutError:
        missing.append(("the graph database", f"the graph database gave no answer within {GRAPH_S:.0f} s"))
    decides = len(missing) < 2
    home = services.settings.home
    if not os.access(home, os.W_OK):
        missing.append(("a home that can be written", f"{home} can't be written: no event and no change is taken"))
    parts, details = zip(*missing, strict=True) if missing else ((), ())
    return Readiness(run_id, age, decides, parts, details)
