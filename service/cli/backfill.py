"""`ringsight backfill FILE...`: the first load of an empty database, through Neo4j's bulk importer."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
import polars as pl

from service import bootstrap
from service.cli.ingest import MAP_HELP, STRICT_HELP, report
from service.engine import admin, local
from service.graph import schema
from service.ingest.aggregate import Aggregate
from service.ingest.segments import SegmentReader
from service.ingest.tokens import Tokeniser, load_tokeniser
from service.loading.bulk import write_files
from service.loading.files import FileIngest, IngestCounts
from service.logs import configure, log
from service.rings import allow_list
from service.settings import Settings, load_settings
from service.sources.columns import read_columns
from service.sources.files import EventFile, open_all

NO_LIMIT = 1 << 62
# There while an import writes: what a crash then leaves is not worth keeping. It holds the allow-list of before.
UNFINISHED = "backfill.unfinished"


@click.command(name="backfill")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--map", "mapped", multiple=True, metavar="FIELD=COLUMN,...", help=MAP_HELP)
@click.option("--strict", is_flag=True, help=STRICT_HELP)
def command(files: tuple[Path, ...], mapped: tuple[str, ...], strict: bool) -> None:
    """Load the events in FILES into an empty database, much faster than `ringsight ingest`.

    The local engine is stopped for the import and started again. If the database holds something already, or is not
    the local engine's, the events are ingested online instead.
    """
    configure()
    settings = load_settings()
    tokeniser = load_tokeniser(settings.home, settings.ip_plain, settings.clients_inside)
    columns = read_columns(mapped)
    sources = open_all(list(files), columns, strict)
    allowed = _allowed_if_empty(settings) if settings.neo4j_uri is None else None
    if allowed is not None:
        counts = _bulk(settings, tokeniser, sources, allowed)
    else:
        log.info("the database is not an empty one of the local engine: ingesting online")
        with bootstrap.open_graph(settings) as graph:
            schema.apply(graph)
            counts = FileIngest(graph, tokeniser, settings.home, settings.batch_size).run(list(files), columns)
    report(counts)


def _allowed_if_empty(settings: Settings) -> list[allow_list.Row] | None:
    """The allow-list, if the local engine's database holds nothing else; None if it does. Starts the engine if there is
    a database to look at."""
    unfinished = settings.home / UNFINISHED
    if unfinished.exists():
        kept: list[allow_list.Row] = json.loads(unfinished.read_text(encoding="utf-8") or "[]")
        return kept
    if not admin.has_data(settings):
        return []
    local.start(settings)
    with bootstrap.open_graph(settings) as graph:
        schema.apply(graph)
        return None if graph.read("ingest/any_node") else allow_list.entries(graph)


def _bulk(
    settings: Settings, tokeniser: Tokeniser, sources: list[EventFile], allowed: list[allow_list.Row]
) -> IngestCounts:
    started = time.monotonic()
    with _scratch(settings.home) as folder:
        counts, aggregate, known = read_all(settings, tokeniser, sources)
        accounts, links = aggregate.tables()
        files = write_files(accounts, links, known, folder)
        counts.links = len(links)
        del accounts, links, aggregate  # the importer wants the memory
        local.stop(settings.home)
        unfinished = settings.home / UNFINISHED
        unfinished.write_text(json.dumps(allowed), encoding="utf-8")
        counts.nodes = admin.import_full(settings, files.nodes, files.relationships).nodes - len(known)
    local.start(settings)
    with bootstrap.open_graph(settings) as graph:
        schema.apply(graph)
        graph.write("detect/allow_again", rows=allowed)
    unfinished.unlink()
    counts.seconds = time.monotonic() - started
    return counts


def read_all(
    settings: Settings, tokeniser: Tokeniser, sources: list[EventFile]
) -> tuple[IngestCounts, Aggregate, pl.DataFrame]:
    """Reads every file once (the same content counts once). Also gives the rows of IngestSource."""
    now = datetime.now(UTC)
    counts, total, known = IngestCounts(files=len(sources)), Aggregate(), {}
    for source in sources:
        if source.fingerprint in known:
            counts.already.append(source.path)
            continue
        for segment in SegmentReader(source, tokeniser, settings.home, now, NO_LIMIT).read(0, 0):
            total.absorb(segment.aggregate)
            counts.events += segment.events
            counts.refused += segment.refused
            counts.duplicates += segment.duplicates
            counts.fields.absorb(segment.fields)
            counts.rejects += [segment.rejects] if segment.rejects else []
            known[source.fingerprint] = {
                "id": source.fingerprint,
                "name": source.path.name,
                "bytes": source.size,
                "state": "done",
                "events": segment.events,
                "refused": segment.refused,
                "duplicates": segment.duplicates,
                "finished_at": now,
            }
        source.check_unchanged()
    return counts, total, pl.DataFrame(list(known.values()))


@contextmanager
def _scratch(home: Path) -> Iterator[Path]:
    home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="backfill-", dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
