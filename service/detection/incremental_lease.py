"""The lease of incremental passes: one at a time, on all machines, and none while a run goes on."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import neo4j

from service.detection.lost_runs import ENDED, lost_runs
from service.errors import ConflictError, UnavailableError
from service.graph.client import Graph, run_in

LEASE_S = 60  # a pass that has not ended by then counts as dead
RUN_S = 900  # so does a run, for passes, of which nobody can tell whether its process lives
POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class IncrementalLease:
    """The published run, and how many incremental passes have written and how often nodes were removed, together."""

    run: str
    changes: int

    def count(self, tx: neo4j.ManagedTransaction) -> None:
        """Call it in the transaction that writes. Raises ConflictError if what was read is no longer published."""
        if run_in(tx, "detect/count_incremental_pass", run=self.run, looks=self.changes).single() is None:
            raise ConflictError(
                "a run or another incremental pass was published meanwhile, or an erasure or expiry removed nodes; "
                "try again"
            )


@contextmanager
def incremental_lease(graph: Graph) -> Iterator[IncrementalLease]:
    """Holds the lease for one pass. Raises ConflictError if nothing is published, a run goes on, or another pass
    does."""
    who = uuid.uuid4().hex
    rows = _claim(graph, who)
    if rows and rows[0]["running"] and (lost := lost_runs(graph)):
        for run in lost:
            graph.write("detect/fail_run", run=run, error=ENDED)
        rows = _claim(graph, who)
    if not rows or rows[0]["run"] is None:
        raise ConflictError("no run is published that new accounts can be compared with; run `ringsight detect`")
    if rows[0]["running"]:
        raise ConflictError("a detection run is going on; it sees the new accounts")
    if not rows[0]["taken"]:
        raise ConflictError("another incremental pass is under way; wait until it is done")
    try:
        yield IncrementalLease(rows[0]["run"], rows[0]["looks"])
    finally:
        with suppress(UnavailableError):
            graph.write("detect/release_incremental_lease", who=who)


def _claim(graph: Graph, who: str) -> list[dict[str, Any]]:
    return graph.write("detect/claim_incremental_lease", who=who, lease_ms=1000 * LEASE_S, run_s=RUN_S)


def wait_for_incremental_pass(graph: Graph) -> None:
    """Waits, for a run that is about to read, until a pass under way has written. None begins once a run goes on."""
    deadline = time.monotonic() + LEASE_S
    while graph.read("detect/incremental_pass_goes_on")[0]["goes_on"] and time.monotonic() < deadline:
        time.sleep(POLL_S)
