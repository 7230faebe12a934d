"""`ringsight index rebuild`: the read index that decisions come from."""

from __future__ import annotations

import time

import click

from service import bootstrap
from service.logs import configure
from service.settings import load_settings


@click.group("index")
def command() -> None:
    """The read index that decisions come from."""


@command.command("rebuild")
def rebuild() -> None:
    """Build the index from the graph, and switch to it when it is complete. Decisions go on meanwhile.

    Detection runs bring the index up to date by themselves, by what changed; this mends one that is damaged.
    """
    configure()
    settings = load_settings()
    started = time.monotonic()
    with bootstrap.open_graph(settings) as graph:
        built = bootstrap.rebuild_index(settings, graph)
    took = time.monotonic() - started
    per_account = f" ({built.bytes / built.accounts:.0f} bytes an account)" if built.accounts else ""
    click.echo(
        f"built the read index: {built.accounts:,} accounts, {built.records:,} records, "
        f"{built.bytes / 1e6:,.1f} MB{per_account} in {took:.1f} s"
    )
