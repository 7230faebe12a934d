"""What the views of one process work with: settings and stores, each replaceable by an argument."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

from service.decisions.desk import Desk
from service.decisions.index.freshness import Freshness, LabelCount
from service.decisions.index.store import IndexStore
from service.decisions.journal import Journal
from service.decisions.policy import Policy
from service.errors import UnavailableError
from service.graph.client import Graph
from service.graph.graphs import Graphs
from service.graph.health import GraphHealth
from service.in_time import Askers
from service.ingest.tokens import Tokeniser, TokenKeys
from service.logs import log
from service.settings import Settings

EXTENSION = "ringsight"
WATCH_THREADS = 4
TELL_S = 2.0  # longer nobody who changes something waits for the index
CLOSE_S = 1.0  # what closing waits for those who look at a store that hangs


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a view needs beside the request."""

    settings: Settings
    graphs: Graphs
    health: GraphHealth
    keys: TokenKeys
    policy: Policy
    index: IndexStore
    desk: Desk
    journal: Journal
    watchers: Askers  # look at stores for those who watch: probes and /metrics
    tellers: Askers  # tell the index what people change: one thread, so that the last word is told last

    @property
    def graph(self) -> Graph:
        """The graph client. Raises UnavailableError at once while the database does not answer."""
        graph = self.graphs.get()
        if not self.health.up:
            raise UnavailableError(
                self.health.refused or "the graph database does not answer; decisions go on, all else has to wait"
            )
        return graph

    @property
    def tokeniser(self) -> Tokeniser:
        """Names identifiers under the newest token key, as the graph does."""
        return self.keys.newest()

    @property
    def index_tokeniser(self) -> Tokeniser:
        """Names identifiers as the read index does, which may be a moment behind the graph."""
        try:
            key_id = self.index.meta().key_id
        except UnavailableError:
            return self.tokeniser
        return self.keys.at(key_id) if key_id else self.tokeniser

    def labelled(self, account_id: str) -> bool:
        """Feeds the index with an account's label, as the graph has it now. Call it after the graph was written;
        says whether the index took it (if not, the next build will)."""
        rows = self.graph.read("serve/account_labels", account=account_id)
        if not rows:
            return False
        counts = [LabelCount(*count) for count in rows[0]["counts"]]
        return self._told(lambda: Freshness(self.index).label(account_id, rows[0]["label"], counts))

    def ring_status(self, ring_id: str, status: str) -> bool:
        """Feeds the index with a ring's status; says whether it took it."""
        return self._told(lambda: Freshness(self.index).ring_status(ring_id, status))

    def _told(self, tell: Callable[[], bool]) -> bool:
        """Who changed something waits a short time for the index, which the next build tells of it too."""
        try:
            return self.tellers.ask(tell, TELL_S)
        except TimeoutError:
            log.warning("the read index was not updated: no answer within %.0f s", TELL_S)
            return False

    def close(self) -> None:
        """Closes what holds files and connections."""
        self.health.close()
        self.desk.close()
        self.watchers.close(CLOSE_S)
        self.tellers.close(CLOSE_S)
        self.journal.close()
        self.index.close()
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
