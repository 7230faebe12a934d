"""`ringsight rings`: rings in the terminal."""

from __future__ import annotations

import time
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from service import bootstrap
from service.cli.terminal import console, plain
from service.errors import SettingsError, UnavailableError
from service.logs import configure
from service.rings import actions, changes, rings, webhooks
from service.settings import Settings, load_settings

STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "green"}
BARS = "▁▂▃▄▅▆▇█"


@click.group()
def command() -> None:
    """Rings of the published detection run."""


@command.command("list")
@click.option("--status", type=click.Choice(rings.STATUSES), multiple=True, help="Only these; give it again for each.")
@click.option("--level", type=click.Choice(list(STYLES)), multiple=True, help="Only these; give it again for each.")
@click.option("--min-size", type=click.IntRange(1), help="Only rings with so many accounts or more.")
@click.option("--sort", type=click.Choice(rings.SORTS), default="score", show_default=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
def list_command(status: tuple[str, ...], level: tuple[str, ...], min_size: int | None, sort: str, limit: int) -> None:
    """The rings with the highest score (or another order)."""
    wanted = rings.RingFilter(statuses=status or None, levels=level or None, min_size=min_size, sort=sort)
    with bootstrap.open_graph(load_settings()) as graph:
        page = rings.list_rings(graph, wanted, limit=limit)
        grown = rings.growth(graph, [ring["id"] for ring in page.rings])
    table = Table(box=None, pad_edge=False)
    for name, justify in (("ring", "left"), ("score", "right"), ("level", "left"), ("accounts", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for name in ("status", "growth", "active", "held together by"):
        table.add_column(name)
    for ring in page.rings:
        table.add_row(*_cells(ring, grown.get(ring["id"], [])))
    console().print(table)
    click.echo(f"{len(page.rings)} of {page.total} rings")


@command.command("show")
@click.argument("ring_id", metavar="RING")
@click.option("--members", type=click.IntRange(0, 1000), default=10, show_default=True, help="How many to show.")
def show_command(ring_id: str, members: int) -> None:
    """One ring: why it was found, what holds it together, its firmest members and its journal."""
    with bootstrap.open_graph(load_settings()) as graph:
        ring = rings.ring(graph, rings.spelled(ring_id))
        some = rings.members(graph, ring["id"], limit=members) if members else []
        done = actions.of_ring(graph, ring["id"])
    printed = console()
    printed.print(Text.assemble((ring["id"], "bold"), "  ", _level(ring["level"]), f"  score {ring['score']:.0f}"))
    printed.print(f"{ring['size']:,} accounts, {ring['status']}, active {_days(ring)}")
    for reason in ring["reasons"] or []:
        printed.print(_line(f"{reason['points']:+6.1f}  {reason['text']}"))
    for held in ring["held_by"]:
        printed.print(_line(f"{held['kind']} {held['id']}: {held['members']:,} members"))
    if some:
        printed.print(_member_table(some))
    for action in done:
        printed.print(_journal_line(action))
    click.echo(f"{len(some)} of {ring['size']} members, {len(done)} journal entries")


@command.command("watch")
@click.option(
    "--every", type=click.FloatRange(0.2, 3600), default=5.0, show_default=True, help="Seconds between looks."
)
@click.option("--once", is_flag=True, help="Show all changes so far, send those not sent yet, and stop.")
@click.option("--all", "everything", is_flag=True, help="Start with the first change, not with what comes next.")
def watch_command(every: float, once: bool, everything: bool) -> None:
    """Print what changes about rings, and send it to the webhook if RINGSIGHT_WEBHOOK_URL is set."""
    configure()
    settings = load_settings()
    hook = _webhook(settings)
    shown = sent = 0
    with bootstrap.open_graph(settings) as graph:
        changes.note(graph)
        seq = 0 if everything or once else changes.last(graph)
        while True:
            found = changes.since(graph, seq)
            for change in found:
                click.echo(_change_line(change))
            shown, seq = shown + len(found), found[-1]["seq"] if found else seq
            sent += webhooks.deliver(graph, hook) if hook else 0
            if once and not found:
                break
            if not found:
                time.sleep(every)
                changes.note(graph)
        undelivered = hook is not None and webhooks.waiting(graph)
    click.echo(f"{shown} changes shown, {sent} sent to the webhook")
    if undelivered:
        raise UnavailableError(
            "the webhook did not take all changes; the log says why, and the next call goes on there"
        )


def _line(text: str) -> Text:
    return Text(f"  {plain(text)}")  # as it is: in a plain str, rich takes [words] in brackets for its own marks


def _journal_line(action: dict[str, Any]) -> Text:
    change = f"{action['subject']} {action['before']} -> {action['after']}"
    return _line(f"{action['at'][:19]}  {action['who']}: {change}  {action['note'] or ''}")


def _webhook(settings: Settings) -> webhooks.Webhook | None:
    if settings.webhook_url is None:
        return None
    if settings.webhook_secret is None:
        raise SettingsError("RINGSIGHT_WEBHOOK_URL is set but RINGSIGHT_WEBHOOK_SECRET is not: it signs what is sent")
    return webhooks.Webhook(settings.webhook_url, settings.webhook_secret.get_secret_value())


def _change_line(change: dict[str, Any]) -> str:
    what = {
        "status": f"{change['status_before']} -> {change['status']} by {change['who']}",
        "merged": f"took in {change['other']}",
        "split": f"split off from {change['other']}",
        "opened": f"{change['size']:,} accounts, {change['level']}",
    }.get(change["kind"], f"{change['size_before'] or 0:,} -> {change['size'] or 0:,} accounts")
    return plain(f"{change['at'][:19]}  {change['ring']}  {change['kind']}: {what}")


def _clipped(identifier: str) -> str:
    """A long token as its beginning and end; networks are whole."""
    return identifier if len(identifier) <= 22 else f"{identifier[:11]}…{identifier[-4:]}"


def _cells(ring: dict[str, Any], growth: list[int]) -> list[str | Text]:
    held = ", ".join(f"{h['kind']} {_clipped(h['id'])} ({h['members']:,})" for h in ring["held_by"][:2])
    return [
        Text(ring["id"], style="bold"),
        f"{ring['score']:.0f}",
        _level(ring["level"]),
        f"{ring['size']:,}",
        ring["status"],
        sparkline(growth[::2]),
        _days(ring),
        Text(plain(held)),
    ]


def _member_table(some: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("account", "created", "strength", "risk", "label"):
        table.add_column(name, justify="right" if name in ("strength", "risk") else "left")
    for member in some:
        strength, risk = (f"{member[key]:.2f}" if member[key] is not None else "" for key in ("strength", "risk"))
        table.add_row(
            Text(plain(member["id"])), (member["created_at"] or "")[:19], strength, risk, member["label"] or ""
        )
    return table


def sparkline(values: list[int]) -> str:
    """A line of bars, as high as the values."""
    top = max(values, default=0) or 1
    return "".join(BARS[min(value * len(BARS) // (top + 1), len(BARS) - 1)] for value in values)


def _level(level: str) -> Text:
    return Text(level, style=STYLES.get(level, ""))


def _days(ring: dict[str, Any]) -> str:
    return f"{(ring['first_seen'] or '?')[:10]} to {(ring['last_seen'] or '?')[:10]}"
