"""What the views of one process work with: settings and stores, each replaceable by an argument."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

from service.errors import UnavailableError
from service.graph.client import Graph, GraphAddress
from service.ingest.tokens import Tokeniser
from service.serving.lookup import GraphLookup, Lookup
from service.serving.policy import Policy
from service.settings import Settings

EXTENSION = "ringsight"
LOOK_EVERY_S = 1.0


class Graphs:
    """The graph client of this process, made on first use (a driver does not survive a fork) and made again when
    the database's address changes (the local engine may come back on other ports)."""

    def __init__(self, address: Callable[[], GraphAddress]) -> None:
        self._address = address
        self._graph: Graph | None = None
        self._lock = threading.Lock()
        self._look_at = 0.0

    def get(self) -> Graph:
        """The graph client. Raises UnavailableError if no database is known; does not wait for a connection."""
        graph = self._graph
        if graph is not None and time.monotonic() < self._look_at:
            return graph
        with self._lock:
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
        """Closes all connections; the next use opens new ones."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._graph is not None:
            self._graph.close()
            self._graph = None


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a view needs beside the request."""

    settings: Settings
    graphs: Graphs
    tokeniser: Tokeniser
    policy: Policy

    @property
    def graph(self) -> Graph:
        """The graph client (see Graphs.get)."""
        return self.graphs.get()

    @property
    def lookup(self) -> Lookup:
        """Where decisions read from. Raises UnavailableError if there is no store."""
        return GraphLookup(self.graph)

    def close(self) -> None:
        """Closes what holds connections."""
        self.graphs.close()


class Holder:
    """Makes the Services of a process once, on first use, so that nothing is opened before a fork."""

    def __init__(self, make: Callable[[], Services]) -> None:
        self._make = make
        self._made: Services | None = None
        self._lock = threading.Lock()

    def get(self) -> Services:
        """The process's Services."""
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = self._make()
        return self._made

    def close(self) -> None:
        """Closes the Services if they were made."""
        if self._made is not None:
            self._made.close()
            self._made = None


def services() -> Services:
    """The Services of the application that handles the current request."""
    holder: Holder = current_app.extensions[EXTENSION]
    return holder.get()
