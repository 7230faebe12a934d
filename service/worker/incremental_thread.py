"""Incremental passes over accounts that events touched, beside the worker's loop: rings show within seconds, and ingest
never waits.

A thread with a connection of its own. Of several workers one has the lease at a time
(service/detection/incremental_lease.py); the others keep the accounts that wait for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from neo4j.exceptions import DriverError, Neo4jError

from service.detection.incremental import IncrementalDetector
from service.detection.publishing.ring_growth import Growth
from service.detection.reading.neighbourhood import MOST_NEW
from service.errors import ConflictError, UnavailableError
from service.graph.client import Graph, GraphAddress
from service.logs import log

REST = 2.0  # times the last pass's own seconds: a third of a core at most
TRIES = 6  # in a row, after which what was waiting is left to the next run
LONGEST_WAIT_S = 60.0


@dataclass(slots=True)
class IncrementalThread:
    """A pass every `every_s` seconds at most. `tell` is called with what a pass wrote (read index, change feed)."""

    address: Callable[[], GraphAddress]
    tell: Callable[[Graph, Growth], None]
    every_s: float
    _waiting: dict[str, None] = field(default_factory=dict)
    _wake: threading.Condition = field(default_factory=threading.Condition)
    _ends: bool = False
    _thread: threading.Thread | None = None

    def touch(self, accounts: Iterable[str]) -> None:
        """Accounts (ids) that signed up or came to a new identifier. Of too many the last ones are kept."""
        with self._wake:
            for account in accounts:
                self._waiting.pop(account, None)
                self._waiting[account] = None
            for account in list(self._waiting)[: max(len(self._waiting) - MOST_NEW, 0)]:
                del self._waiting[account]
            if self._waiting:
                self._wake.notify()

    def start(self) -> None:
        """Begins with the passes."""
        self._thread = threading.Thread(target=self._run, name="incremental", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Makes a last pass over what is left, and ends."""
        with self._wake:
            self._ends = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(LONGEST_WAIT_S)

    def _run(self) -> None:
        detector: IncrementalDetector | None = None
        failures = 0
        for accounts in self._work():
            started = time.monotonic()
            try:
                detector = detector or IncrementalDetector(Graph(self.address()))
                detector.graph.follow(self.address())
                result = detector.detect_new() if accounts is None else detector.detect_accounts(accounts)
                if result.written is not None:
                    self.tell(detector.graph, result.written)
                failures = 0
            except ConflictError as error:  # a run or another worker's pass goes on, or nothing is published yet
                log.debug("no incremental pass: %s", error.detail)
                self._keep(accounts or [])
            except (UnavailableError, Neo4jError, DriverError) as error:
                failures += 1
                log.warning("no incremental pass: %s", error)
                if failures < TRIES:
                    self._keep(accounts or [])
            except Exception:  # the next run sees them; ingest must not end for it
                log.exception("an incremental pass failed")
            self._pause(max(self.every_s * 2**failures, REST * (time.monotonic() - started)))
        if detector is not None:
            detector.graph.close()

    def _work(self) -> Iterator[list[str] | None]:
        """The accounts of each pass, until the end: first (None) all that came while no worker made passes."""
        yield None
        while accounts := self._next():
            yield accounts

    def _next(self) -> list[str]:
        """Waits for accounts. Empty at the end."""
        with self._wake:
            self._wake.wait_for(lambda: bool(self._waiting) or self._ends)
            accounts, self._waiting = list(self._waiting), {}
            return accounts

    def _keep(self, accounts: list[str]) -> None:
        """Keeps them for the next pass, unless it ends."""
        with self._wake:
            if not self._ends:
                room = MOST_NEW - len(self._waiting)
                self._waiting = dict.fromkeys(accounts[max(len(accounts) - room, 0) :]) | self._waiting

    def _pause(self, seconds: float) -> None:
        with self._wake:
            self._wake.wait_for(lambda: self._ends, min(seconds, LONGEST_WAIT_S))
