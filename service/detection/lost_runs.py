"""Runs that say that they go on, and whose process has gone: the database ends a transaction with its connection."""

from __future__ import annotations

from service.graph.client import Graph

ENDED = "it ended without a result: its process was stopped, or lost the database; start another run"


def lost_runs(graph: Graph) -> set[str]:
    """The ids of runs, of all homes and machines that log in as the same user, that ended without a word."""
    told = _running(graph)
    gone = told - {row["run"] for row in graph.read("detect/open_runs")} if told else told
    # A run notes its end before its transaction's: what still says that it goes on has lost it.
    return gone & _running(graph) if gone else gone


def _running(graph: Graph) -> set[str]:
    return {row["run"] for row in graph.read("detect/running", user=graph.address.user)}
