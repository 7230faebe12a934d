"""What the service needs and lacks."""

from __future__ import annotations

from dataclasses import dataclass

from service.errors import UnavailableError
from service.serving.services import Services


@dataclass(frozen=True, slots=True)
class Readiness:
    """The published run, if any, and one sentence for each thing that is missing."""

    run_id: str | None
    missing: tuple[str, ...]


def check(services: Services) -> Readiness:
    """Asks the graph database for the published run."""
    try:
        rows = services.graph.read("serve/published_run")
    except UnavailableError as error:
        return Readiness(None, (error.detail,))
    run_id = rows[0]["run_id"] if rows else None
    missing = () if run_id else ("no detection run is published yet: run `ringsight detect`",)
    return Readiness(run_id, missing)
