"""Wires a worker from settings."""

from __future__ import annotations

import os
import secrets
import socket
import threading

from service import bootstrap
from service.graph.client import Graph
from service.graph.leases import Leases
from service.ingest.aggregate import Batch
from service.ingest.tokens import load_tokeniser
from service.model.kinds import KINDS
from service.serving.freshness import Freshness, LiveLink
from service.settings import Settings
from service.sources.open import open_log
from service.worker.batches import AfterBatch, BatchWriter
from service.worker.loop import Worker

FIRST_LINKS_PLACE = 5  # in a row of Batch


def make_worker(settings: Settings, graph: Graph, stop: threading.Event) -> Worker:
    """A worker with a name of its own, on the log and the graph that the settings name."""
    log = open_log(settings)
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
    leases = Leases(graph, log.name, name, settings.worker_lease_s)
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    after = _tell_index(bootstrap.freshness(settings))
    writer = BatchWriter(graph, leases, tokeniser, settings.home, log.name, settings.dedup_window, after)
    return Worker(
        log,
        leases,
        writer,
        settings.worker_batch_events,
        settings.worker_lease_s,
        lambda: bootstrap.graph_address(settings),
        stop,
    )


def _tell_index(freshness: Freshness) -> AfterBatch:
    """Tells the read index of the links of new accounts: a signup is known to decisions at once."""

    def tell(batch: Batch) -> None:
        links = []
        for row in batch.rows:
            if row[1] is None:
                continue
            for kind, of_kind in zip(KINDS, row[FIRST_LINKS_PLACE:], strict=True):
                links += [LiveLink(row[0], kind.name, link[0], link[1] // 1_000_000, True, True) for link in of_kind]
        freshness.apply(links)

    return tell
