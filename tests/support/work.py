"""Workers for tests: in this process, or as processes that can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from service import formats
from service.graph.client import Graph
from service.ingest.intake import Accepted, Intake
from service.ingest.tokens import load_tokeniser
from service.loading.logstatus import log_status
from service.settings import Settings
from service.sources.lines import json_objects, unknown_fields
from service.sources.open import open_log
from service.worker.batches import WorkCounts
from service.worker.start import make_worker


def own_home(settings: Settings, graph: Graph, home: Path, **changes: Any) -> Settings:
    """Settings with a home (event log, rejects, key) of the test's own and the session's engine."""
    home.mkdir(parents=True, exist_ok=True)
    if not any(home.iterdir()):
        formats.note_home(home)
    place = {"home": home, "neo4j_uri": graph.address.uri, "neo4j_password": SecretStr(graph.address.password)}
    return settings.model_copy(update={**place, "worker_lease_s": 2.0, **changes})


def append(settings: Settings, rows: list[dict[str, Any]]) -> Accepted:
    """Events into the log, as POST /v1/events does."""
    with closing(open_log(settings)) as log:
        intake = Intake(log, load_tokeniser(settings.home, settings.ip_plain), settings.home, 10**9, 100)
        return intake.take(json_objects(rows, 0), unknown_fields(rows), f"test-{datetime.now(UTC)}")


def drain(settings: Settings, graph: Graph) -> WorkCounts:
    """Works in this process until the log is empty."""
    worker = make_worker(settings, graph, threading.Event())
    try:
        worker.run(drain=True)
    finally:
        worker.log.close()
    return worker.writer.counts


def environment(settings: Settings) -> dict[str, str]:
    """What a process needs to have these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RINGSIGHT_")}
    for name, value in settings.model_dump(mode="json", exclude_defaults=True).items():
        kept[f"RINGSIGHT_{name.upper()}"] = str(value)
    if settings.neo4j_password:
        kept["RINGSIGHT_NEO4J_PASSWORD"] = settings.neo4j_password.get_secret_value()
    return kept


def start(settings: Settings, *options: str) -> subprocess.Popen[bytes]:
    """`ringsight worker` as a process."""
    arguments = [sys.executable, "-m", "service.cli", "worker", *options]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(arguments, env=environment(settings), stdout=quiet, stderr=quiet)


def command(settings: Settings, *arguments: str) -> subprocess.Popen[bytes]:
    """Any `ringsight` command as a process, with its standard error."""
    return subprocess.Popen(
        [sys.executable, "-m", "service.cli", *arguments], env=environment(settings), stderr=subprocess.PIPE
    )


def batches_done(graph: Graph) -> int:
    """Batches of the one file that is being ingested; a million more once it is done."""
    with graph.driver.session() as session:
        found = session.run("MATCH (s:IngestSource) RETURN s.batch AS batch, s.state AS state").data()
    return found[0]["batch"] + 1_000_000 * (found[0]["state"] == "done") if found else 0


def lag(settings: Settings, graph: Graph) -> int:
    """Offsets that the graph does not have yet."""
    with closing(open_log(settings)) as log:
        return sum(row.lag for row in log_status(graph, log))


def done(settings: Settings, graph: Graph) -> int:
    """Events that the graph has, by its own count."""
    with closing(open_log(settings)) as log:
        return sum(row.events for row in log_status(graph, log))


def until(true: Callable[[], bool], seconds: float = 60, every: float = 0.05) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(every)
