"""Wires a worker from settings."""

from __future__ import annotations

import os
import secrets
import socket
import threading

from service import bootstrap
from service.decisions.index import found
from service.detection.publishing.ring_growth import Growth
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.naming import Naming
from service.rings import changes
from service.settings import Settings
from service.sources.open import open_log
from service.worker.batches import BatchWriter
from service.worker.follow import Follower
from service.worker.incremental_thread import IncrementalThread
from service.worker.leases import Leases
from service.worker.loop import Worker


def make_worker(settings: Settings, graph: Graph, stop: threading.Event) -> Worker:
    """A worker with a name of its own, on the log and the graph that the settings name."""
    log = open_log(settings)
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
    leases = Leases(graph, log.name, name, settings.worker_lease_s)
    naming = Naming(load_tokeniser(settings.home, settings.ip_plain, settings.clients_inside), settings.home)
    incremental = make_incremental_thread(settings) if settings.worker_look_s else None
    touched = incremental.touch if incremental else lambda _accounts: None
    index = bootstrap.freshness(settings)
    follower = Follower(graph, log, index, naming, touched, settings.worker_batch_events)
    limits = (settings.dedup_window, settings.rejects_max_mb)
    writer = BatchWriter(graph, leases, naming, settings.home, log.name, *limits, follower.tell)
    return Worker(
        log=log,
        leases=leases,
        writer=writer,
        batch_events=settings.worker_batch_events,
        lease_s=settings.worker_lease_s,
        address=lambda: bootstrap.graph_address(settings),
        follower=follower,
        incremental=incremental,
        stop=stop,
    )


def make_incremental_thread(settings: Settings) -> IncrementalThread:
    """Incremental passes, which tell the read index and the change feed what they found."""
    index = bootstrap.freshness(settings)

    def tell(graph: Graph, growth: Growth) -> None:
        found.tell(graph, index, growth)
        changes.note(graph)

    return IncrementalThread(lambda: bootstrap.graph_address(settings), tell, settings.worker_look_s)
