"""The event log: one small protocol, kept by service/sources/sqlitelog.py and service/sources/kafkalog.py.

Events of one account are in one partition, in order. Offsets only grow. What a reader has done with them is kept in
the graph (service/worker/leases.py), never here.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """An event to append. `key`: its account. `once`: entries with the same one are appended once (None: always)."""

    key: str
    once: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """An event as it is in the log. `mark`: no event but something of the log's own at its end, such as what ends a
    transaction; only its offset counts."""

    offset: int
    body: bytes
    mark: bool = False


class EventLog(Protocol):
    """Raises UnavailableError if the log can't be reached or written: what was refused then can be sent again.

    `name` names this very log for ever: a new one, whose offsets start again, has another name.
    """

    name: str

    def append(self, entries: Sequence[Entry]) -> int:
        """Appends events; they are durable when it returns. Returns how many were there already."""

    def partitions(self) -> list[int]:
        """The numbers of all partitions."""

    def read(self, partition: int, after: int, limit: int) -> list[Record]:
        """Up to `limit` events with offsets above `after` (-1: from the start), in order; none if there is none now."""

    def ends(self) -> dict[int, int]:
        """The last offset of each partition, -1 for an empty one."""

    def waiting(self) -> int:
        """About how many events the graph does not have yet, by what `done` was told; never fewer than there are."""

    def keep(self, partitions: Collection[int]) -> None:
        """Closes what is open to read other partitions: those that another worker has now."""

    def done(self, partition: int, offset: int) -> None:
        """Tells the log that the graph holds everything up to an offset: only a hint, for space and monitoring."""

    def close(self) -> None:
        """Closes files and connections."""


def partition_of(key: str, partitions: int) -> int:
    """The partition of an account: the same on every machine and version."""
    return zlib.crc32(key.encode()) % partitions
