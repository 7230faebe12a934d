"""`ringsight replay`: what a changed policy would do, before it goes live."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from service.bootstrap import open_graph
from service.cli.terminal import plain
from service.decisions import policy
from service.settings import load_settings

NAMED = 20


@click.command("replay")
@click.option("--policy", "path", required=True, type=click.Path(path_type=Path), help="The changed policy file.")
@click.option(
    "--since",
    required=True,
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]),
    help="Look at accounts created, and decisions made, since then (UTC).",
)
def command(path: Path, since: datetime) -> None:
    """Show rings and accounts that a changed policy would newly block or release.

    The policy in force (RINGSIGHT_POLICY, else the built-in one) is compared with the enforced part of the file.
    Nothing is changed.
    """
    from service.decisions import replay  # Polars: only here

    settings = load_settings()
    old, new = policy.load(settings.policy), policy.load(path)
    from_s = int(since.replace(tzinfo=UTC).timestamp())
    with open_graph(settings) as graph:
        result = replay.replay(graph, settings.home / "decisions", old, new, from_s)
    for line in replay.lines(result, NAMED):
        click.echo(plain(line))
    blocked = sum(count for (_, _, after), count in result.changes.items() if after == "block")
    released = sum(count for (_, before, _), count in result.changes.items() if before == "block")
    click.echo(
        f"policy {new.version} against {old.version}: {result.accounts:,} accounts and {result.decisions:,} decisions "
        f"since {since:%Y-%m-%d}: {blocked:,} newly blocked, {released:,} released"
    )
