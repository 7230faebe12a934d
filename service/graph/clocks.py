"""Holds this machine's clock to the database's, before something is removed for its age."""

from __future__ import annotations

import time

from service.errors import ConflictError
from service.graph.client import Graph

APART_S = 3600


def check(graph: Graph) -> None:
    """Raises ConflictError if the two are more than an hour apart: one of them is wrong, and what is removed does not
    come back."""
    apart = time.time() - graph.read("ingest/clock")[0]["now"]
    if abs(apart) > APART_S:
        raise ConflictError(
            f"this machine's clock is {abs(apart) / 3600:.1f} hours {'ahead of' if apart > 0 else 'behind'} the "
            "database's: set them right first (NTP); nothing was removed"
        )
