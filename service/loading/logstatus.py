"""How far the graph is behind the event log: for `ringsight worker --status` and for /metrics."""

from __future__ import annotations

from dataclasses import dataclass

from service.graph.client import Graph
from service.sources.eventlog import EventLog

LOG_COUNTS = {
    "events": "Events that workers wrote.",
    "refused": "Events that workers refused.",
    "duplicates": "Events with an event_id that was there before.",
    "repeats": "Writes repeated after a deadlock.",
    "refused_values": "Values that workers refused of events that count without them.",
    "ignored_fields": "Fields with unknown names in events that workers read.",
}


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
    refused_values: int
    ignored_fields: int


def log_status(graph: Graph, log: EventLog) -> list[PartitionStatus]:
    """The state of each partition, also of those that no worker has read yet."""
    rows = {row["number"]: row for row in graph.read("ingest/log_status", log=log.name)}
    none = {"offset": -1, "owner": None} | dict.fromkeys(LOG_COUNTS, 0)
    found = []
    for number, end in sorted(log.ends().items()):
        row = none | rows.get(number, {}) | {"number": number}
        found.append(PartitionStatus(end=end, lag=max(0, end - row["offset"]), **row))
    return found
