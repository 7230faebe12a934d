"""`ringsight expire --older-than 180d`: takes links that were not seen for long out of the graph."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

from service import bootstrap
from service.detection.detection_lock import between_runs
from service.graph import clocks
from service.loading.expire import count_expired, expire
from service.logs import configure
from service.settings import load_settings

UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Age(click.ParamType[timedelta]):
    """A span of time such as 180d."""

    name = "age"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        found = re.fullmatch(r"(\d{1,6})([hdw])", str(value))
        if found is None or not int(found[1]):
            self.fail(f"{value!r} is no span of time; write 36h, 180d or 26w", param, ctx)
        return timedelta(**{UNITS[found[2]]: int(found[1])})


@click.command(name="expire")
@click.option("--older-than", required=True, type=Age(), help="Such as 36h, 180d or 26w: since a link was last seen.")
@click.option("--dry-run", is_flag=True, help="Only count what would go.")
def command(older_than: timedelta, dry_run: bool) -> None:
    """Remove links that were not seen for so long, and identifiers that nothing uses then.

    Old links make honest groups look dense. Accounts stay. Stop it at any time: the next call goes on. Not while a
    detection run is going on.
    """
    configure()
    cutoff = datetime.now(UTC) - older_than
    settings = load_settings()
    with bootstrap.open_graph(settings) as graph:
        if dry_run:
            done = count_expired(graph, cutoff)
        else:
            clocks.check(graph)
            with between_runs(settings.home):
                done = expire(graph, cutoff)
    click.echo(
        f"{'would remove' if dry_run else 'removed'} {done.links:,} links not seen since {cutoff:%Y-%m-%d %H:%M} UTC, "
        f"{done.identifiers:,} identifiers and {done.derived:,} derived ones (networks) that nothing uses then"
    )
