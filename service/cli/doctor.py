"""`ringsight doctor FILE...`: what an ingest of files would do with what is in them."""

from __future__ import annotations

import json
import shlex
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click

from service.cli.ingest import MAP_HELP
from service.cli.terminal import plain
from service.errors import InputError
from service.ingest.examine import EXAMPLES, Examined, Hub, examine, remedy, told
from service.ingest.networks import Origin
from service.logs import configure
from service.model.kinds import kinds
from service.settings import load_settings
from service.sources.columns import Columns, read_columns
from service.sources.files import EventFile, open_events
from service.sources.lines import other_separator
from service.sources.raw import REQUIRED
from service.sources.suggest import header, suggested

SHOWN = 10
ASKED = {"account_id": "which column has the account?", "occurred_at": "which column has the time?"}


@click.command(name="doctor")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--map", "mapped", multiple=True, metavar="FIELD=COLUMN,...", help=MAP_HELP)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(files: tuple[Path, ...], mapped: tuple[str, ...], as_json: bool) -> None:
    """Tell what of the events in FILES would not count, before they are ingested. Nothing is written.

    Shows what would be refused, ignored, unreadable or taken for a placeholder, the values that very many accounts
    share, and the --map that columns of other names need. Exit code 0: all of it counts; 1: something would not.
    """
    configure()
    columns = read_columns(mapped)
    documents: list[dict[str, Any]] = []
    sound = True
    for path in files:
        source = open_events(path, columns)
        guess = suggested(source)
        if missing := _missing(source, guess):
            sound = False
            documents.append({"file": str(path), **_unread(source, guess, columns, missing), "sound": False})
            if not as_json:
                _ask(path, documents[-1])
            continue
        found = examine(open_events(path, guess), load_settings().clients_inside, datetime.now(UTC))
        sound = sound and found.sound and guess == columns
        if as_json:
            documents.append({"file": str(path), "map": _more(guess, columns), **told(found)})
        else:
            _show(path, guess, columns, found)
    if as_json:
        click.echo(json.dumps({"files": documents, "sound": sound}, indent=2))
    if not sound:
        sys.exit(1)


def _missing(source: EventFile, guess: Columns) -> list[str]:
    """The required fields that no column of a table is known for. Raises InputError if its columns have something else
    than commas between them."""
    names = header(source)
    missing = [field for field in REQUIRED if names and guess.source(field) not in names]
    if missing and source.form == "csv" and (remedy := other_separator(",".join(names))):
        raise InputError(f"{source.path}: {remedy}")
    return missing


def _unread(source: EventFile, guess: Columns, columns: Columns, missing: list[str]) -> dict[str, Any]:
    """What is known of a table that can't be read without more of a --map."""
    found = Columns(tuple(pair for pair in guess.pairs if pair[0] not in missing))
    return {"map": _more(found, columns), "columns": header(source), "missing": missing}


def _ask(path: Path, document: dict[str, Any]) -> None:
    names = ", ".join(document["columns"])
    click.echo(f"{plain(path)}: can't be read without a column for {' and '.join(document['missing'])}")
    click.echo(f"  its columns: {plain(names)}")
    if document["map"]:
        click.echo(f"  the others look like this (check it first):\n    --map {plain(shlex.quote(document['map']))}")
    for field in document["missing"]:
        click.echo(f"  {field}: {ASKED[field]} Add {field}=COLUMN to --map")


def _more(guess: Columns, columns: Columns) -> str | None:
    return str(guess) if guess != columns else None


def _show(path: Path, guess: Columns, columns: Columns, found: Examined) -> None:
    refused = found.refused.total()
    click.echo(
        f"{plain(path)}: {found.events:,} events of {found.accounts:,} accounts; {refused:,} would be refused, "
        f"{found.duplicates:,} are duplicates"
    )
    if guess != columns:
        click.echo("\nsome columns look like fields of other names; read with this (check it first):")
        click.echo(f"  --map {plain(shlex.quote(str(guess)))}")
    _show_rules("events that would be refused", found.refused, found)
    _show_rules("values that would be refused, the rest of their events counts", found.values, found)
    if found.fields.ignored:
        click.echo("\nfields that no event has, ignored:")
        for name, count in found.fields.ignored.most_common():
            click.echo(f"  {count:>10,}  {plain(name)}")
    _show_values("taken for placeholders (or addresses of nobody in particular), left out", found.placeholders)
    for name, values in found.unreadable.items():
        _show_values(f"not readable as {kinds().fields[name].word}, left out", {name: values})
    if found.lost:
        click.echo("\nwhat to do about fields that are left out:")
    for name in found.lost:
        share = f"{found.fields.left_out[name]:,} of {found.sent[name]:,} do not count"
        click.echo(f"  {name}, {share}: {remedy(name)}")
    for name, count in found.ports.items():
        if count:
            click.echo(f"\n{count:,} addresses in {name} have a port or brackets; these are taken off, the rest counts")
    _show_hubs(found)
    if found.throwaway:
        click.echo("\nmailboxes at domains of throw-away mail (they count, and are shown as such):")
        _list(f"{count:>10,}  {name}" for name, count in found.throwaway.most_common())
    if found.countries:
        click.echo("\nphone numbers by country (the most used):")
        _list(f"{count:>10,}  {name}" for name, count in found.countries.most_common())
    _show_origins(found)
    if not found.events:
        click.echo("\nit holds no events: nothing would count; check that it is the right file")
    elif found.sound and guess == columns:
        click.echo("\nall of it counts")
    else:
        click.echo("\nsomething would not count, see above")


def _list(lines: Iterable[str]) -> None:
    """The first lines, and how many more there are."""
    shown = iter(lines)
    for line in islice(shown, SHOWN):
        click.echo(f"  {line}")
    if left := sum(1 for _ in shown):
        click.echo(f"  and {left:,} more (--json has all)")


def _show_values(title: str, left_out: dict[str, Counter[str]]) -> None:
    if left_out:
        click.echo(f"\n{title}:")
    for name, values in left_out.items():
        some = ", ".join(f"{plain(value[:60])!r} {count:,}" for value, count in values.most_common(EXAMPLES))
        left = f", and {len(values) - EXAMPLES:,} other values" if len(values) > EXAMPLES else ""
        click.echo(f"  {values.total():>10,}  {name}: {some}{left}")


def _show_rules(title: str, counts: Counter[tuple[str, str, str]], found: Examined) -> None:
    if counts:
        click.echo(f"\n{title}:")
    _list(
        f"{count:>10,}  {key[0]} {plain(key[1])} (first in row {found.rows[key]:,}): {key[2]}"
        for key, count in counts.most_common()
    )


def _show_origins(found: Examined) -> None:
    if found.origins:
        click.echo("\nwhose networks addresses are in (the most used; they say nothing in scores):")
    _list(f"{count:>10,}  {_whose(origin)}" for origin, count in found.origins.most_common())


def _whose(origin: Origin) -> str:
    return " ".join(filter(None, (origin.asn, plain(origin.name), origin.sort and f"({origin.sort})")))


def _show_hubs(found: Examined) -> None:
    if found.hubs:
        click.echo("\nvalues that over a hundredth of all accounts share:")
    _list(f"{hub.accounts:>10,}  {hub.kind} {plain(hub.value[:80])}: {_advice(hub)}" for hub in found.hubs)


def _advice(hub: Hub) -> str:
    if not hub.all_ages:
        return "its accounts came together, as a ring's do; leave it to `ringsight detect`"
    allow = f"ringsight allow add {hub.kind} {shlex.quote(hub.value)} --who YOU --why 'known to be shared'"
    return f"if it is known to be shared:\n              {plain(allow)}"
