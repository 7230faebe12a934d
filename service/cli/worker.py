"""`ringsight worker`: reads the event log into the graph."""

from __future__ import annotations

import signal
import threading
from contextlib import closing

import click

from service import bootstrap, home_lock
from service.cli.ingest import without
from service.graph import schema
from service.ingest.tokens import load_tokeniser
from service.loading.logstatus import PartitionStatus, log_status
from service.logs import configure
from service.settings import Settings, load_settings
from service.sources.open import open_log
from service.worker.replay import replay_rejects
from service.worker.start import make_worker


@click.command(name="worker")
@click.option("--drain", is_flag=True, help="Stop once the log is empty.")
@click.option("--status", is_flag=True, help="Show how far each partition is, and stop.")
@click.option("--replay-rejects", is_flag=True, help="Send refused events that pass now back to the log, and stop.")
def command(drain: bool, status: bool, replay_rejects: bool) -> None:
    """Read events from the log (embedded or Kafka) into the graph, until stopped.

    Run as many workers as you like: they share the log's partitions and take over those of one that dies.
    """
    if drain + status + replay_rejects > 1:
        raise click.UsageError("--drain, --status and --replay-rejects exclude each other")
    configure()
    settings = load_settings()
    if replay_rejects:
        _replay(settings)
    elif status:
        _status(settings)
    else:
        _work(settings, drain)


def _work(settings: Settings, drain: bool) -> None:
    in_use = home_lock.share(settings.home)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with bootstrap.open_graph(settings) as graph:
        schema.apply(graph)
        worker = make_worker(settings, graph, stop)
        worker.run(drain)
        worker.log.close()
    if in_use:
        in_use.close()
    counts = worker.writer.counts
    click.echo(
        f"worked through {counts.events:,} events ({counts.refused:,} refused, {counts.duplicates:,} duplicates) "
        f"-> {counts.links:,} links in {counts.batches:,} batches, {counts.repeats:,} writes repeated"
    )
    for line in without(counts.fields):
        click.echo(line)


def _status(settings: Settings) -> None:
    with closing(open_log(settings)) as log, bootstrap.open_graph(settings) as graph:
        rows = log_status(graph, log)
        click.echo(f"event log {log.name}")
    click.echo(_LINE.format("partition", "offset", "end", "lag", "events", "refused", "duplicates", "repeats", "owner"))
    for row in rows:
        click.echo(_line(row))
    lag, workers = sum(row.lag for row in rows), len({row.owner for row in rows if row.owner})
    click.echo(f"lag {lag:,} in {len(rows)} partitions, {workers} workers")


_LINE = "{:>9} {:>12} {:>12} {:>10} {:>12} {:>10} {:>10} {:>8}  {}"


def _line(row: PartitionStatus) -> str:
    numbers = (row.number, row.offset, row.end, row.lag, row.events, row.refused, row.duplicates, row.repeats)
    return _LINE.format(*numbers, row.owner or "nobody")


def _replay(settings: Settings) -> None:
    tokeniser = load_tokeniser(settings.home, settings.ip_plain, settings.clients_inside)
    with closing(open_log(settings)) as log:
        done = replay_rejects(settings.home, log, tokeniser)
    click.echo(
        f"replayed {done.accepted:,} refused events, {done.refused:,} are still refused, "
        f"{done.unreadable:,} can't be replayed (they were no events)"
    )
