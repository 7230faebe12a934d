"""Takes old links out of the graph, and the identifiers that nothing uses any more. Accounts stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.graph.client import Graph
from service.logs import log


@dataclass(frozen=True, slots=True)
class Expired:
    """How many links, identifiers and derived identifiers (networks) went, or would go."""

    links: int
    identifiers: int
    derived: int


def count_expired(graph: Graph, cutoff: datetime) -> Expired:
    """What `expire` would remove; changes nothing."""
    return Expired(**graph.read("ingest/expire_count", cutoff=cutoff)[0])


def expire(graph: Graph, cutoff: datetime) -> Expired:
    """Removes links with last_seen before `cutoff` in batches, each its own transaction, then unused identifiers.

    Stopped in the middle, it goes on when it is called again. Ingest may go on meanwhile: a link or identifier that it
    uses at that moment stays.
    """
    links = _run(graph, "expire_links", cutoff=cutoff)
    log.info("expire: %d links removed", links)
    identifiers = _run(graph, "expire_identifiers")
    return Expired(links, identifiers, _run(graph, "expire_derived"))


def _run(graph: Graph, name: str, **parameters: object) -> int:
    return int(graph.run_autocommit(f"ingest/{name}", **parameters)[0]["gone"])
