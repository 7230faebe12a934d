"""`ringsight tokens`: the key that device ids and payment fingerprints are tokens under."""

from __future__ import annotations

import click

from service import bootstrap
from service.graph import schema
from service.ingest.tokens import load_tokeniser
from service.logs import configure
from service.security.journal import local_change
from service.settings import load_settings


@click.group("tokens")
def command() -> None:
    """The key that device ids and payment fingerprints are kept as tokens under."""


@command.command("status")
def status() -> None:
    """Show the keys of this home, and how many identifiers of the graph are under each."""
    settings = load_settings()
    keys = load_tokeniser(settings.home, settings.ip_plain).key_ids
    with bootstrap.open_graph(settings) as graph:
        found = {row["key"]: row["identifiers"] for row in graph.read("security/tokens_by_key")}
        state = graph.read("security/token_key")
    for key in (*keys, *sorted(found.keys() - set(keys))):
        note = "" if key in keys else "  (this home does not have it)"
        click.echo(f"{key}  {found.get(key, 0):,} identifiers{note}")
    if state and state[0]["changing"]:
        click.echo("an exchange was not finished, and workers wait for it: `ringsight tokens rotate` finishes it")
    click.echo(f"{len(keys)} keys; new tokens are under {keys[-1]}")


@command.command("rotate")
def rotate() -> None:
    """Bring all tokens to a new key. Rings, labels and decisions stay as they are.

    Server and workers may go on: events wait in the log meanwhile. Back up keys/token.key afterwards: it then holds
    the new key too, and all of its keys are needed.
    """
    configure()
    settings = load_settings()
    with bootstrap.open_graph(settings) as graph, local_change(settings.home, "ringsight tokens rotate"):
        schema.apply(graph)
        done = bootstrap.rotate_token_key(settings, graph)
    click.echo(
        f"brought {done.identifiers:,} identifiers and {done.texts:,} texts to the key {done.key_id} "
        f"in {done.seconds:.1f} s; back up keys/token.key"
    )
