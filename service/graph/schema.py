"""Applies the schema: every file under cypher/schema/, each one idempotent statement."""

from __future__ import annotations

from service.graph import queries
from service.graph.client import Graph


def apply(graph: Graph) -> int:
    """Creates constraints and indexes that do not exist yet and waits for them. Returns the number of statements."""
    names = queries.names("schema")
    for name in names:
        graph.write(name)  # tried again when another process applies it at the same moment
    graph.run_autocommit("ingest/await_indexes")
    return len(names)
