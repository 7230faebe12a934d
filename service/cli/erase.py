"""`ringsight erase`: removes persons' accounts from every store, and what is older than the settings allow."""

from __future__ import annotations

from contextlib import ExitStack

import click

from service.bootstrap import index_store, open_graph
from service.ingest.tokens import ACCOUNT_PREFIX, load_tokeniser
from service.logs import configure
from service.privacy.erase import Erased, erase
from service.privacy.retention import expire
from service.security.journal import local_change
from service.settings import load_settings


@click.command("erase")
@click.argument("accounts", nargs=-1)
@click.option("--retention", is_flag=True, help="Remove what is older than the retention settings; run it once a day.")
def command(accounts: tuple[str, ...], retention: bool) -> None:
    """Erase ACCOUNTS from the graph, the event log, the read index, decisions and rejects.

    Their rings stay, without them. The journal keeps a line with a token in place of the id.
    """
    if bool(accounts) == retention:
        raise click.UsageError("name accounts, or give --retention")
    configure()
    settings = load_settings()
    index = index_store(settings)
    with open_graph(settings) as graph:
        if retention:
            with local_change(settings.home, "ringsight erase --retention"):
                gone = expire(settings, graph, index)
            events = "Kafka's retention decides on events" if gone.events is None else f"{gone.events} events"
            click.echo(f"Removed {gone.accounts} accounts, {events}, {gone.rejects} files of refused events")
            return
        with ExitStack() as lines:
            tokeniser = load_tokeniser(settings.home, settings.ip_plain)
            for account in accounts:
                target = {"id": tokeniser.token(ACCOUNT_PREFIX, account)}
                lines.enter_context(local_change(settings.home, "ringsight erase", target=target))
            found = erase(settings, graph, index, accounts)
    _say(found, len(accounts))


def _say(found: Erased, asked: int) -> None:
    events = "events: Kafka's retention decides" if found.events is None else f"{found.events} events"
    index = "" if found.index else "; the read index forgets them when it is next built"
    rings = ", ".join(f"{ring} now {size}" for ring, size in sorted(found.rings.items())) or "none"
    click.echo(
        f"Erased {found.accounts} of {asked} accounts: {found.links} links, {found.actions} notes, "
        f"{found.identifiers} identifiers, {events}, {found.rejects} refused events, {found.decisions} decisions; "
        f"rings: {rings}{index}"
    )
