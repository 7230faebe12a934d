"""What operators watch. Under gunicorn every worker writes to shared files (PROMETHEUS_MULTIPROC_DIR, set by
gunicorn_conf.py), and a scrape of any of them answers for all."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from functools import cache

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from service.api.services import Services
from service.decisions.index.store import look
from service.errors import RingsightError, UnavailableError
from service.ingest.field_counts import FieldCounts
from service.loading.logstatus import LOG_COUNTS, PartitionStatus, log_status
from service.logs import log
from service.sources.open import open_log
from service.sources.raw import MOST_NAMES, OTHERS

BUCKETS = (0.0005, 0.001, 0.0015, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
LOG_S = 4.0  # longer no scrape waits for the event log and the graph database

REQUESTS = Counter("ringsight_requests", "HTTP requests.", ("method", "route", "status"))
SECONDS = Histogram(
    "ringsight_request_seconds", "Time of HTTP requests in the application.", ("route",), buckets=BUCKETS
)
DECISIONS = Counter(
    "ringsight_decisions", "Decisions; source: index or graph.", ("event", "level", "action", "source", "degraded")
)
SHADOW = Counter(
    "ringsight_shadow_differences",
    "Decisions to which the shadow policy has another action.",
    ("event", "action", "shadow_action"),
)


FIELDS = Counter(
    "ringsight_event_fields",
    "Fields of events by HTTP that did not count, their events did; outcome: left_out (identifies nobody), refused "
    f"(breaks a rule) or ignored (an unknown name; from {MOST_NAMES} different ones on {OTHERS}).",
    ("outcome", "field"),
)
NOT_KEPT = Counter("ringsight_decisions_not_kept", "Decisions that were answered and could not be kept.")

# Finding a child by its labels takes longer than counting: keep them.
count_request = cache(lambda method, route, status: REQUESTS.labels(method, route, status).inc)
time_request = cache(lambda route: SECONDS.labels(route).observe)
count_decision = cache(
    lambda event, level, action, source, degraded: DECISIONS.labels(event, level, action, source, degraded).inc
)


_ignored: set[str] = set()
_log_fails = threading.Event()


def count_fields(counts: FieldCounts) -> None:
    """Counts what one request's events came with in vain."""
    for outcome, found in (("left_out", counts.left_out), ("refused", counts.refused)):
        for name, count in found.items():
            FIELDS.labels(outcome, name).inc(count)
    for name, count in counts.ignored.items():
        if len(_ignored) < MOST_NAMES:
            _ignored.add(name)
        FIELDS.labels("ignored", name if name in _ignored else OTHERS).inc(count)


class _State(Collector):
    """Read when asked."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        yield _gauge("ringsight_graph_up", "1 while the graph database answers.", float(self._services.health.up))
        yield from self._index()
        yield from self._log()

    def _index(self) -> Iterator[Metric]:
        try:
            meta = look(self._services.index)
        except UnavailableError:
            yield _gauge("ringsight_index_up", "1 while the read index can be used.", 0.0)
            return
        now = time.time()
        yield _gauge("ringsight_index_up", "1 while the read index can be used.", 1.0)
        yield _gauge("ringsight_index_age_seconds", "Since the read index was built.", now - meta.built)
        yield _gauge("ringsight_index_accounts", "Accounts in the read index.", meta.accounts)
        yield _gauge("ringsight_index_records", "Records in the read index.", meta.records)
        if meta.run:
            yield _gauge(
                "ringsight_run_age_seconds", "Since the run finished that decisions use.", now - meta.run.finished
            )

    def _log(self) -> Iterator[Metric]:
        """The event log, partition by partition; nothing while the graph, which knows how far it was read, is down."""
        if not self._services.health.up:
            return
        lag = GaugeMetricFamily("ringsight_log_lag", "Events that wait for a worker.", labels=["partition"])
        counted = {
            name: CounterMetricFamily(f"ringsight_log_{name}", text, labels=["partition"])
            for name, text in LOG_COUNTS.items()
        }
        try:
            found = self._services.watchers.ask(self._partitions, LOG_S)
        except (RingsightError, TimeoutError) as error:
            if not _log_fails.is_set():  # said once, and not at each look
                why = error.detail if isinstance(error, RingsightError) else f"no answer within {LOG_S:.0f} s"
                log.warning("no metrics of the event log: %s", why)
            _log_fails.set()
            return
        _log_fails.clear()
        for partition in found:
            labels = [str(partition.number)]
            lag.add_metric(labels, partition.lag)
            for name, family in counted.items():
                family.add_metric(labels, getattr(partition, name))
        yield lag
        yield from counted.values()

    def _partitions(self) -> list[PartitionStatus]:
        with closing(open_log(self._services.settings)) as events:
            return log_status(self._services.graph, events)


def text(services: Services) -> bytes:
    """All of it in the Prometheus text format."""
    state = CollectorRegistry()
    state.register(_State(services))
    return _counted() + generate_latest(state)


def _counted() -> bytes:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value)
