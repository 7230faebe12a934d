"""`ringsight keys`: API keys and their roles."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import click

from service.security.journal import local_change
from service.security.keys import KeyStore
from service.security.roles import MEANING, Role
from service.settings import load_settings

DAY_S = 86_400
ROLES = "\n\n".join(f"{role}: {meaning}" for role, meaning in MEANING.items())
NAMES = [role.value for role in Role]


@click.group("keys")
def command() -> None:
    """Make, list and revoke API keys."""


@command.command("create", epilog=f"Roles:\n\n{ROLES}")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="May be given again.",
)
@click.option("--expires", default="365d", show_default=True, help="Lifetime in days (30d) or hours (12h), or never.")
def create(name: str, roles: tuple[Role, ...], expires: str) -> None:
    """Make a key named NAME and show it, once."""
    settings = load_settings()
    lifetime = _lifetime(expires)
    with local_change(settings.home, "ringsight keys create", name=name, roles=" ".join(sorted(roles))):
        key, text = KeyStore(settings.home).create(name, [Role(role) for role in roles], lifetime)
    click.echo(text)
    click.echo(
        f"Made the key {key.prefix} ({name}; {', '.join(sorted(key.roles))}; expires {_date(key.expires_at)}). "
        "It is shown this once: keep it now.",
        err=True,
    )


@command.command("list")
def list_keys() -> None:
    """Show all keys, without their secrets."""
    keys = KeyStore(load_settings().home).all()
    now = time.time()
    click.echo(f"{'prefix':18}{'state':9}{'created':12}{'expires':12}{'last used':12}{'roles':24}name")
    for key in keys:
        dates = "".join(f"{_date(at):12}" for at in (key.created_at, key.expires_at, key.last_used_at))
        click.echo(f"{key.prefix:18}{key.state(now):9}{dates}{' '.join(sorted(key.roles)):24}{key.name}")
    click.echo(f"{len(keys)} keys, {sum(key.state(now) == 'active' for key in keys)} of them active")


@command.command("revoke")
@click.argument("key")
def revoke(key: str) -> None:
    """End a key for good. KEY is its prefix or its name."""
    settings = load_settings()
    store = KeyStore(settings.home)
    ended = store.find(key)
    with local_change(settings.home, "ringsight keys revoke", key=ended.prefix, name=ended.name):
        store.revoke(ended.id)
    click.echo(f"Revoked {ended.prefix} ({ended.name}); servers that run refuse it within a second.")


def _lifetime(text: str) -> int | None:
    if text == "never":
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,4})([dh])", text)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a lifetime; write 30d, 12h or never", param_hint="--expires")
    return int(match.group(1)) * (DAY_S if match.group(2) == "d" else 3600)


def _date(at: int | None) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d") if at is not None else "never"
