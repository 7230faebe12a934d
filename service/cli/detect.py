"""`ringsight detect`: one detection run, published when complete."""

from __future__ import annotations

import click

from service.bootstrap import open_graph, rebuild_index
from service.logs import configure
from service.scoring.run import detect
from service.serving import changes
from service.settings import load_settings


@click.command("detect")
def command() -> None:
    """Find rings in the graph, score rings and accounts, and publish the result."""
    configure()
    settings = load_settings()
    with open_graph(settings) as graph:
        result = detect(graph, settings.home)
        rebuild_index(settings, graph)
        changes.note(graph)
    levels = ", ".join(f"{count} {level}" for level, count in result.rings.items() if count) or "none"
    click.echo(
        f"rings: {levels}; {result.members:,} of {result.accounts:,} accounts are in rings; "
        f"{result.seconds:.1f} s ({result.gds_seconds:.1f} s in GDS); published as {result.run}"
    )
