"""`ringsight journal`: who changed or exported what."""

from __future__ import annotations

import json

import click

from service.cli.terminal import plain
from service.ingest.tokens import ACCOUNT_PREFIX, load_tokeniser
from service.security.journal import Journal
from service.settings import load_settings


@click.group("journal")
def command() -> None:
    """Read and verify the journal of changes and exports."""


@command.command("verify")
@click.option("--expect", help="A seal noted earlier: it must still be in the journal.")
def verify(expect: str | None) -> None:
    """Find a changed, removed, added or moved line. Note the seal elsewhere and give it to --expect later."""
    head = Journal(load_settings().home).verify(expect)
    click.echo(f"The journal holds: {head.number} lines, the last with the seal {head.seal}")


@command.command("show")
@click.option("--account", help="Only lines about this account (the journal keeps its token, not its id).")
@click.option("--last", default=50, show_default=True, type=click.IntRange(min=1), help="How many lines at most.")
def show(account: str | None, last: int) -> None:
    """Show the newest lines, as JSON lines."""
    settings = load_settings()
    lines = list(Journal(settings.home).lines())
    if account is not None:
        tokens = load_tokeniser(settings.home, settings.ip_plain).all_tokens(ACCOUNT_PREFIX, account)
        lines = [line for line in lines if any(token in json.dumps(line) for token in tokens)]
    for line in lines[-last:]:
        click.echo(plain(json.dumps(line, ensure_ascii=False)))
    click.echo(f"{min(last, len(lines))} of {len(lines)} lines", err=True)
