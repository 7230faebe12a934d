"""How far the graph is behind the event log: for `ringsight worker --status` and for /metrics."""

from __future__ import annotations

from dataclasses import dataclass

from service.graph.client import Graph
from service.sources.eventlog import EventLog


@dataclass(frozen=True, slots=True)
class PartitionStatus:
    """One partition. `lag`: offsets that the graph does not have yet (the embedded log's have gaps: at most so many
    events). `owner`: the worker that reads it now, or None. `repeats`: writes repeated after a deadlock."""

    number: int
    offset: int
    end: int
    lag: int
    owner: str | None
    events: int
    refused: int
    duplicates: int
    repeats: int


def log_status(graph: Graph, log: EventLog) -> list[PartitionStatus]:
    """The state of each partition, also of those that no worker has read yet."""
    rows = {row["number"]: row for row in graph.read("ingest/log_status", log=log.name)}
    none = {"offset": -1, "owner": None, "events": 0, "refused": 0, "duplicates": 0, "repeats": 0}
    found = []
    for number, end in sorted(log.ends().items()):
        row = none | rows.get(number, {}) | {"number": number}
        found.append(PartitionStatus(end=end, lag=max(0, end - row["offset"]), **row))
    return found
