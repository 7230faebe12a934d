"""`ringsight ingest FILE...`: events into the graph, online and resumable."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from service import bootstrap
from service.graph import schema
from service.graph.load import FileIngest, IngestCounts
from service.ingest.tokens import load_tokeniser
from service.logs import configure
from service.settings import load_settings


@click.command(name="ingest")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(files: tuple[Path, ...]) -> None:
    """Read events from FILES (JSON lines, a JSON array, CSV or Parquet; .gz too) into the graph.

    Can be stopped and started again at any time: it goes on where it was. A file that was ingested before is left out.
    Events that break a rule are kept, with the reason, in the rejects folder.
    """
    configure()
    settings = load_settings()
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    with bootstrap.open_graph(settings) as graph:
        schema.apply(graph)
        counts = FileIngest(graph, tokeniser, settings.home, settings.batch_size).run(list(files))
    report(counts)


def report(counts: IngestCounts) -> None:
    """Says what an ingest did."""
    for path in counts.already:
        click.echo(f"{path}: already ingested, left out")
    for path in counts.rejects:
        click.echo(f"refused events, with reasons: {path}")
    if counts.events and counts.refused == counts.events:
        click.echo("warning: every event was refused", err=True)
    if counts.left_out:
        click.echo(without(counts.left_out))
    retries = f", {counts.retries} writes repeated" if counts.retries else ""
    click.echo(
        f"ingested {counts.files - len(counts.already)} of {counts.files} files: {counts.events:,} events "
        f"({counts.refused:,} refused, {counts.duplicates:,} duplicates) -> {counts.nodes:,} new nodes, "
        f"{counts.links:,} new links in {counts.seconds:.1f} s{retries}"
    )


def without(left_out: Counter[str]) -> str:
    """A line on what was left out of events that count all the same."""
    counts = ", ".join(f"{count:,} {name}" for name, count in sorted(left_out.items()))
    return f"left out as they identify nobody (placeholders, private and other unusable addresses): {counts}"
