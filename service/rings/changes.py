"""The change feed: what runs and people changed about rings, numbered in the order in which it became visible."""

from __future__ import annotations

from typing import Any

from service.graph.client import Graph

KINDS = ("opened", "grown", "shrunk", "merged", "split", "gone", "status")

Row = dict[str, Any]


def note(graph: Graph) -> int:
    """Writes what the published run changed into the feed, once a run. Returns the number of changes written.

    Called after a run is published, and before the feed is read, in case that failed.
    """
    rows = graph.write("serve/note_changes")
    return int(rows[0]["written"]) if rows else 0


def since(graph: Graph, seq: int, limit: int = 200) -> list[Row]:
    """The changes after number `seq`, in order."""
    return list(graph.read("serve/changes_since", since=seq, limit=limit)[0]["changes"])


def of_ring(graph: Graph, ring_id: str) -> list[Row]:
    """What runs changed about a ring, newest first."""
    rows = graph.read("serve/ring_changes", id=ring_id)
    return list(rows[0]["changes"]) if rows else []


def last(graph: Graph) -> int:
    """The number of the last change, 0 if there is none."""
    return int(graph.read("serve/last_change")[0]["seq"])
