"""`ringsight allow`: identifiers that are known to be shared, and why."""

from __future__ import annotations

import click

from service.bootstrap import open_graph
from service.cli.terminal import plain
from service.errors import InputError
from service.graph import schema
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.naming import graph_tokeniser
from service.model.kinds import kinds
from service.rings import allow_list
from service.security.journal import local_change
from service.settings import Settings, load_settings


class _KindName(click.ParamType[str]):
    """The name of a kind of identifier: the table of kinds is read after this file."""

    name = "kind"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in kinds().by_name:
            self.fail(f"{value!r} is not one of {', '.join(kinds().by_name)}", param, ctx)
        return value


KIND = click.argument("kind", type=_KindName())


@click.group("allow")
def command() -> None:
    """Identifiers that are known to be shared: an office's address, a venue's tablet.

    The next detection run leaves them out: they are no evidence against their accounts, nor for them.
    """


@command.command("add")
@KIND
@click.argument("value")
@click.option("--who", required=True, help="Who says so.")
@click.option("--why", required=True, help="Why it is shared, such as 'our office in Lyon'.")
def add(kind: str, value: str, who: str, why: str) -> None:
    """Put an identifier on the list. VALUE is what events say, or the id that `rings show` shows.

    KIND is payment_method, device, ip, network or another of the table of kinds (docs/identifiers.md). A network is
    given by an address in it or by its range (IPv4 /24, IPv6 /48; a subnet is an IPv6 /56, an address_block a /32),
    an asn by its number (AS64500); all its addresses are left out.
    """
    _check(who, why)
    settings = load_settings()
    who, why = who.strip(), why.strip()
    with open_graph(settings) as graph:
        identifier = _kept_as(graph, settings, kind, value)
        with local_change(settings.home, "ringsight allow add", kind=kind, identifier=identifier, by=who, why=why):
            schema.apply(graph)
            allow_list.add(graph, kind, identifier, who, why)
    click.echo(f"allowed {kind} {identifier}; the next `ringsight detect` leaves it out")


@command.command("list")
def list_command() -> None:
    """Show the list, with who and why."""
    with open_graph(load_settings()) as graph:
        rows = allow_list.entries(graph)
    for row in rows:
        accounts = "not in the graph" if row["accounts"] is None else f"{row['accounts']:,} accounts"
        line = f"{row['at'][:10]}  {row['kind']} {row['identifier']}  {accounts}  {row['who']}: {row['why']}"
        click.echo(plain(line))
    click.echo(f"{len(rows)} identifiers are allowed")


@command.command("remove")
@KIND
@click.argument("value")
@click.option("--who", required=True, help="Who takes it off.")
@click.option("--why", required=True, help="Why it counts again.")
def remove(kind: str, value: str, who: str, why: str) -> None:
    """Take an identifier off the list: from the next run on it counts again."""
    _check(who, why)
    settings = load_settings()
    with open_graph(settings) as graph:
        identifier = _kept_as(graph, settings, kind, value)
        with local_change(settings.home, "ringsight allow remove", kind=kind, identifier=identifier, by=who, why=why):
            allow_list.remove(graph, kind, identifier)
    click.echo(f"{kind} {identifier} is no longer allowed; the next `ringsight detect` counts it again")


def _check(who: str, why: str) -> None:
    if not who.strip() or not why.strip():
        raise InputError("--who or --why is empty; say who decides and why, for those who read the list later")


def _kept_as(graph: Graph, settings: Settings, kind: str, value: str) -> str:
    tokeniser = graph_tokeniser(graph, load_tokeniser(settings.home, settings.ip_plain, settings.clients_inside))
    return allow_list.kept_as(tokeniser, kind, value)
