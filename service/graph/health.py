"""Does the graph database answer? Asked beside the requests, so that no decision waits to find out."""

from __future__ import annotations

import threading
import time

from neo4j.exceptions import DriverError, Neo4jError

from service.errors import RingsightError, SettingsError
from service.graph import graph_format
from service.graph.client import GivenUpError
from service.graph.graphs import Graphs
from service.logs import log

EVERY_S = 1.0
LOGIN_REFUSED = "Neo.ClientError.Security."
SILENT_S = 3.0  # without an answer for so long, it is taken to be down


class GraphHealth:
    """Asks every second. Optimistic until the first answer."""

    def __init__(self, graphs: Graphs) -> None:
        self._graphs = graphs
        self._up = True
        self.refused = ""  # why a database that answers can't be used
        self._heard_at = time.monotonic()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def up(self) -> bool:
        """Whether the database answered lately."""
        return self._up and time.monotonic() - self._heard_at < SILENT_S

    def start(self) -> None:
        """Begins to ask, and to tell in the log what changed, after any fork."""
        self._thread = threading.Thread(target=self._ask_on, name="graph-health", daemon=True)
        self._thread.start()
        threading.Thread(target=self._tell_on, name="graph-health-told", daemon=True).start()

    def close(self) -> None:
        """Stops asking; waits for a question under way, unless the database hangs."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(EVERY_S)

    def _ask_on(self) -> None:
        while not self._stop.is_set():
            self._up = self._ask()
            if self._up:
                self._heard_at = time.monotonic()
            self._stop.wait(EVERY_S)

    def _tell_on(self) -> None:
        """One line when the database goes and one when it is back. Not by the thread that asks, which may wait for an
        answer for as long as the database hangs."""
        told = True
        while not self._stop.wait(EVERY_S):
            if (up := self.up) != told:
                told = up
                why_not = f"can't be used: {self.refused}" if self.refused else "does not answer"
                log.warning("the graph database %s", "answers again" if up else why_not)

    def _ask(self) -> bool:
        try:
            graph_format.check(self._graphs.get())
        except (RingsightError, DriverError, Neo4jError) as error:
            cause = error.__cause__
            login = isinstance(cause, Neo4jError) and str(cause.code).startswith(LOGIN_REFUSED)
            told = isinstance(error, RingsightError) and (login or isinstance(error, SettingsError | GivenUpError))
            self.refused = error.detail if told else ""
            return False
        self.refused = ""
        return True
