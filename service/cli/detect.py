"""`ringsight detect`: one detection run, published when complete."""

from __future__ import annotations

import click

from service.bootstrap import freshness, open_graph, update_index
from service.decisions.index import found
from service.detection.incremental import IncrementalDetector
from service.detection.pipeline import detect
from service.logs import configure
from service.rings import changes, graphview
from service.settings import Settings, load_settings


@click.command("detect")
@click.option("--incremental", is_flag=True, help="Only look at accounts that no run has read: the newest 2,000.")
def command(incremental: bool) -> None:
    """Find rings in the graph, score rings and accounts, and publish the result."""
    configure()
    settings = load_settings()
    if incremental:
        _look(settings)
        return
    with open_graph(settings) as graph:
        result = detect(graph, settings.home, lambda: update_index(settings, graph))
        changes.note(graph)
        graphview.draw_large(graph)
    levels = ", ".join(f"{count} {level}" for level, count in result.rings.items() if count) or "none"
    click.echo(
        f"rings: {levels}; {result.members:,} of {result.accounts:,} accounts are in rings; "
        f"{result.seconds:.1f} s ({result.gds_seconds:.1f} s in GDS); published as {result.run}"
    )


def _look(settings: Settings) -> None:
    with open_graph(settings) as graph:
        result = IncrementalDetector(graph).detect_new()
        if result.written is not None:
            found.tell(graph, freshness(settings), result.written)
            changes.note(graph)
    new = f" ({', '.join(result.rings)})" if result.rings else ""
    click.echo(
        f"{result.joined:,} of {result.accounts:,} accounts looked at joined rings; {len(result.rings)} rings are new"
        f"{new}; {result.seconds:.1f} s; published under {result.run}"
    )
