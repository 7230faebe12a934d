"""`ringsight kinds`: kinds of identifier that a graph has and the table of kinds no longer does."""

from __future__ import annotations

from dataclasses import astuple

import click

from service import bootstrap
from service.detection.detection_lock import between_runs
from service.graph import kinds_in_use
from service.logs import configure
from service.security.journal import local_change
from service.settings import load_settings


@click.group("kinds")
def command() -> None:
    """Take kinds of identifier out of the graph."""


@command.command("remove")
@click.argument("names", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Only count what would go.")
def remove(names: tuple[str, ...], dry_run: bool) -> None:
    """Remove all identifiers of the kinds NAMES, their links and their entries of the allow-list.

    First take the kinds out of the file that RINGSIGHT_IDENTIFIERS names, and restart server and workers with it: those
    of the old one would bring them again. Name what is derived from a kind too. Accounts stay; the next run scores
    them without. Stop it at any time: the next call goes on. Not while a detection run is going on.
    """
    configure()
    settings = load_settings()
    with bootstrap.open_graph(settings, leaving=names) as graph:
        leaving = kinds_in_use.leaving(graph, names)  # of all, first: a wrong name changes nothing
        if dry_run:
            counts = {kind["name"]: kinds_in_use.count(graph, kind) for kind in leaving}
        else:
            what = "ringsight kinds remove"
            with (
                between_runs(settings.home, "a removal of kinds"),
                local_change(settings.home, what, arguments=" ".join(names)),
            ):
                counts = {kind["name"]: kinds_in_use.remove(graph, kind) for kind in leaving}
    for name, count in counts.items():
        identifiers, links, allowed = astuple(count)
        click.echo(
            f"{'would remove' if dry_run else 'removed'} {name}: {identifiers:,} identifiers, {links:,} links, "
            f"{allowed:,} entries of the allow-list"
        )
