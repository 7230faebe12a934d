"""Detection runs: read from the graph, started as a process of their own."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service.detection.detection_lock import is_held
from service.detection.lost_runs import ENDED, lost_runs
from service.errors import ConflictError, NotFoundError, RingsightError
from service.graph.client import Graph

APPEARS_WITHIN_S = 30.0
GOES_ON = "a detection run is going on; wait until it is done (GET /v1/detection/runs tells)"
_started: list[subprocess.Popen[bytes]] = []  # kept so that they are reaped

Run = dict[str, Any]


def latest(graph: Graph, limit: int) -> list[Run]:
    """The latest runs. One whose process has gone without a word counts as failed, at a time that nobody knows."""
    return _parsed(graph, graph.read("serve/detection_runs", id=None, limit=limit))


def one(graph: Graph, run_id: str) -> Run:
    """A run, as `latest` gives it. Raises NotFoundError."""
    rows = graph.read("serve/detection_runs", id=run_id, limit=1)
    if not rows:
        raise NotFoundError(f"there is no detection run {run_id!r}")
    return _parsed(graph, rows)[0]


def start(graph: Graph, home: Path) -> Run:
    """Starts a run that goes on by itself, and returns it once it has an id. Raises ConflictError if one goes on in
    this home, RingsightError if it ends at its start (its output is in detect.log)."""
    with _one_at_a_time(home):
        _started[:] = [process for process in _started if process.poll() is None]
        if _started or is_held(home):
            raise ConflictError(GOES_ON)
        return _start(graph, home)


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    """Of those who start a run at the same moment, in any process of the server, one does: the processes of the others
    would end at once, and what they say take the place of its output."""
    with (home / "detect.starting").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(GOES_ON) from None
        yield


def _start(graph: Graph, home: Path) -> Run:
    before = {run["id"] for run in latest(graph, 10)}
    with (home / "detect.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "detect"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a worker that is restarted does not take it along
        )
    _started.append(process)
    deadline = time.monotonic() + APPEARS_WITHIN_S
    while time.monotonic() < deadline:
        new = [run for run in latest(graph, 10) if run["id"] not in before]
        if new:
            return new[0]
        if process.poll() is not None:
            break
        time.sleep(0.2)
    last = (home / "detect.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise RingsightError(f"the detection run did not start: {' '.join(last)}")


def _parsed(graph: Graph, rows: list[Run]) -> list[Run]:
    lost = lost_runs(graph) if any(row["state"] == "running" for row in rows) else ()
    parsed = []
    for row in rows:
        run = row | {name: json.loads(row[name]) for name in ("parameters", "counts", "timings")}
        # The run after a lost one notes that it failed; one of an earlier version took its own start for the end.
        if row["id"] in lost or (row["state"] == "failed" and not row["error"]):
            run |= {"state": "failed", "error": ENDED, "finished_at": None}
        parsed.append(run)
    return parsed
