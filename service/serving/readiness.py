"""What the service needs and lacks."""

from __future__ import annotations

import time
from dataclasses import dataclass

from service.errors import UnavailableError
from service.serving.services import Services

PROBE = bytes(16)  # no record has this key; looking for it reads the index all the same


@dataclass(frozen=True, slots=True)
class Readiness:
    """The run that decisions come from, the age of the index (seconds), and one sentence for each thing missing.
    Decisions can be made while `decides`."""

    run_id: str | None
    index_age_s: int | None
    decides: bool
    missing: tuple[str, ...]


def check(services: Services) -> Readiness:
    """Looks at the index and asks the graph database."""
    missing = []
    run_id, age = None, None
    try:
        meta = services.index.meta()
        services.index.live([PROBE])
        services.index.base([PROBE])
        run_id = meta.run.id if meta.run else None
        age = max(int(time.time()) - meta.built, 0)
    except UnavailableError as error:
        missing.append(error.detail)
    try:
        rows = services.graph.read("serve/published_run")
        if not rows:
            missing.append("no detection run is published yet: run `ringsight detect`")
    except UnavailableError as error:
        missing.append(error.detail)
    return Readiness(run_id, age, len(missing) < 2, tuple(missing))
