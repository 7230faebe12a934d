"""The graph client of a process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from service.errors import UnavailableError
from service.graph.client import Graph, GraphAddress

LOOK_EVERY_S = 1.0


class Graphs:
    """The graph client of this process, made on first use (a driver does not survive a fork) and made again when
    the database's address changes (the local engine may come back on other ports)."""

    def __init__(self, address: Callable[[], GraphAddress]) -> None:
        self._address = address
        self._graph: Graph | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._look_at = 0.0

    def get(self) -> Graph:
        """The graph client. Raises UnavailableError if no database is known, or after `close`; does not wait for a
        connection."""
        graph = self._graph
        if graph is not None and time.monotonic() < self._look_at:
            return graph
        with self._lock:
            if self._closed:
                raise UnavailableError("this process is stopping and has left the graph database; ask again soon")
            self._look_at = time.monotonic() + LOOK_EVERY_S
            try:
                address = self._address()
            except UnavailableError:
                if self._graph is None:
                    raise
                return self._graph
            if self._graph is None or self._graph.address != address:
                self._drop()
                self._graph = Graph(address)
            return self._graph

    def close(self) -> None:
        """Closes all connections, for good."""
        with self._lock:
            self._closed = True
            self._drop()

    def _drop(self) -> None:
        if self._graph is not None:
            self._graph.close()
            self._graph = None
