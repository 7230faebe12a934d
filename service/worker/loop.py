"""The worker's loop: keeps its leases, reads its partitions in turn, and waits when something it needs is down."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from neo4j.exceptions import Neo4jError

from service.errors import UnavailableError
from service.graph.client import GraphAddress
from service.loading.logstatus import log_status
from service.logs import log
from service.sources.eventlog import EventLog
from service.worker.batches import BatchWriter
from service.worker.follow import Follower
from service.worker.incremental_thread import IncrementalThread
from service.worker.leases import LeaseLostError, Leases

IDLE_S = 0.2
FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 15.0


@dataclass(slots=True)
class Worker:
    """Works until `stop` is set, or, with run(drain=True), until the log is empty."""

    log: EventLog
    leases: Leases
    writer: BatchWriter
    batch_events: int
    lease_s: float
    address: Callable[[], GraphAddress]
    follower: Follower
    incremental: IncrementalThread | None
    stop: threading.Event = field(default_factory=threading.Event)
    _settle_at: float = 0.0

    def run(self, drain: bool = False) -> None:
        """Raises nothing that waiting may mend: then it waits, longer each time up to a bound, and tries again."""
        wait = FIRST_WAIT_S
        if self.incremental:
            self.incremental.start()
        while not self.stop.is_set():
            try:
                worked = self._round()
                wait = FIRST_WAIT_S
            except LeaseLostError as error:
                log.info("%s", error.detail)
                self._settle_at = 0.0
                self.stop.wait(IDLE_S)
                continue
            except (UnavailableError, Neo4jError) as error:
                log.warning("%s; trying again in %.1f s", error, wait)
                self.stop.wait(random.uniform(wait / 2, wait))
                wait = min(2 * wait, LONGEST_WAIT_S)
                self._settle_at = 0.0
                self._find_graph()
                continue
            if not worked:
                if drain and self._drained():
                    break
                self.stop.wait(IDLE_S)
        self._leave()
        if self.incremental:
            self.incremental.close()

    def _round(self) -> bool:
        """One batch of each partition that this worker has. Says whether there was any."""
        worked = False
        self._settle()
        for lease in list(self.leases.held.values()):
            if self.stop.is_set():
                break
            self.follower.catch_up(lease)
            records = self.log.read(lease.number, lease.offset, self.batch_events)
            if records:
                self.writer.write(lease, records)
                self.log.done(lease.number, lease.offset)
                worked = True
                self._settle()
        return worked

    def _settle(self) -> None:
        """Renews the leases well before they run out."""
        if time.monotonic() >= self._settle_at:
            partitions = self.log.partitions()
            if not self._settle_at:
                self.leases.open(partitions)
            self.leases.settle(len(partitions))
            self.log.keep(self.leases.held)
            self._settle_at = time.monotonic() + self.lease_s / 4

    def _drained(self) -> bool:
        """Whether every partition was read to its end, by this worker or by others."""
        return all(row.lag == 0 for row in log_status(self.writer.graph, self.log))

    def _find_graph(self) -> None:
        """The local engine may have come back on another port."""
        with contextlib.suppress(UnavailableError):
            self.writer.graph.follow(self.address())

    def _leave(self) -> None:
        try:
            self.leases.leave()
        except UnavailableError as error:
            log.warning(
                "the partitions could not be given back (%s); others take them when the lease ends", error.detail
            )
