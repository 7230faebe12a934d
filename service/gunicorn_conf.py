"""Gunicorn for production on one machine: a few threaded workers. `ringsight serve` sets the address and workers.

Read by gunicorn only: importing it makes the folder in which the workers share their metrics.
"""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
from pathlib import Path
from typing import Any

import psutil

worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # nosec B108
# What killed servers left.
for left in Path(worker_tmp_dir or tempfile.gettempdir()).glob("ringsight-metrics-[0-9]*-*"):
    if not psutil.pid_exists(int(left.name.split("-")[2])):
        shutil.rmtree(left, ignore_errors=True)
# Before prometheus_client is imported for the first time: it looks then.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(
    prefix=f"ringsight-metrics-{os.getpid()}-", dir=worker_tmp_dir
)

from prometheus_client import multiprocess  # noqa: E402

from service import tracing  # noqa: E402
from service.api.services import EXTENSION, Holder  # noqa: E402
from service.logs import log  # noqa: E402

OTHER_FILES = 224  # of a process: the index, the event log, the graph's connections, what a request opens
MOST_CONNECTIONS = 2000


def _connections() -> int:
    """Of a process: as many as it may open files, up to a bound. The usual limit of 1,024 is raised as far as that
    needs and the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, soft - OTHER_FILES)


bind = "127.0.0.1:8000"
# Two processes use two cores without waiting on one interpreter lock; threads serve slow graph questions beside
# quick decisions.
workers = min(2, os.cpu_count() or 1)
worker_class = "service.patient_worker.PatientWorker"
threads = 8
limit_request_line = 8190  # GET /v1/rings/{id}/graph?open= names the identifiers of a bundle
worker_connections = _connections()
timeout = 60
graceful_timeout = 10
keepalive = 75
# The code is loaded once, before the fork; stores are opened after it (post_worker_init).
preload_app = True
accesslog = None
loglevel = "warning"
control_socket_disable = True


def _holder(worker: Any) -> Holder:
    holder: Holder = worker.app.callable.extensions[EXTENSION]
    return holder


def when_ready(server: Any) -> None:
    """Says so where the system's limit keeps it from as many connections as it is made for."""
    if worker_connections < MOST_CONNECTIONS:
        log.warning(
            "a server process may open %d files, which is for %d connections instead of %d, and half of these for "
            "clients that send slowly: raise the hard limit to %d (`ulimit -Hn`; LimitNOFILE of systemd, --ulimit "
            "nofile of Docker)",
            worker_connections + OTHER_FILES,
            worker_connections,
            MOST_CONNECTIONS,
            MOST_CONNECTIONS + OTHER_FILES,
        )


def post_worker_init(worker: Any) -> None:
    """Opens the stores in the worker, before its first request."""
    tracing.start(worker.app.callable.config["SETTINGS"].otlp_endpoint)
    _holder(worker).get()


def worker_exit(server: Any, worker: Any) -> None:
    """Closes them when the worker leaves."""
    if worker.app.callable is not None:
        _holder(worker).close()
    tracing.stop()


def child_exit(server: Any, worker: Any) -> None:
    """Keeps a worker's counts, forgets its gauges."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """The last to leave."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
