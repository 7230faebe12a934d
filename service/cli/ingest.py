"""`ringsight ingest FILE...`: events into the graph, online and resumable."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from service import bootstrap
from service.cli.terminal import plain
from service.graph import schema
from service.ingest.field_counts import FieldCounts
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest, IngestCounts
from service.logs import configure
from service.settings import load_settings
from service.sources.columns import read_columns

MAP_HELP = "Read a field from a column of another name; or a file with one FIELD=COLUMN a line."
STRICT_HELP = "Refuse FILES that have fields which no event has, before anything is read in."


@click.command(name="ingest")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--map", "mapped", multiple=True, metavar="FIELD=COLUMN,...", help=MAP_HELP)
@click.option("--strict", is_flag=True, help=STRICT_HELP)
def command(files: tuple[Path, ...], mapped: tuple[str, ...], strict: bool) -> None:
    """Read events from FILES (JSON lines, a JSON array, CSV or Parquet; .gz too) into the graph.

    Can be stopped and started again at any time: it goes on where it was. A file that was ingested before is left out.
    Events, and values of events, that break a rule are kept, with the reason, in the rejects folder.
    """
    configure()
    settings = load_settings()
    tokeniser = load_tokeniser(settings.home, settings.ip_plain, settings.clients_inside)
    columns = read_columns(mapped)
    with bootstrap.open_graph(settings) as graph:
        schema.apply(graph)
        counts = FileIngest(graph, tokeniser, settings.home, settings.batch_size).run(list(files), columns, strict)
    report(counts)


def report(counts: IngestCounts) -> None:
    """Says what an ingest did."""
    for path in counts.already:
        click.echo(f"{path}: already ingested, left out")
    for path in counts.rejects:
        click.echo(f"refused events, with reasons: {path}")
    if counts.events and counts.refused == counts.events:
        click.echo("warning: every event was refused", err=True)
    for line in without(counts.fields):
        click.echo(line)
    retries = f", {counts.retries} writes repeated" if counts.retries else ""
    click.echo(
        f"ingested {counts.files - len(counts.already)} of {counts.files} files: {counts.events:,} events "
        f"({counts.refused:,} refused, {counts.duplicates:,} duplicates) -> {counts.nodes:,} new nodes, "
        f"{counts.links:,} new links in {counts.seconds:.1f} s{retries}"
    )


def without(fields: FieldCounts) -> list[str]:
    """Lines on what did not count of events that count all the same."""
    told = (
        (
            "left out as they identify nobody (placeholders, unreadable ones, private and other unusable addresses)",
            fields.left_out,
        ),
        ("refused values, kept with their reasons; the rest of their events counts", fields.refused),
        ("ignored fields, which no event has (`ringsight doctor FILE` suggests a --map)", fields.ignored),
    )
    return [f"{text}: {_numbered(found)}" for text, found in told if found]


def _numbered(found: Counter[str]) -> str:
    return ", ".join(f"{count:,} {plain(name)}" for name, count in sorted(found.items()))
