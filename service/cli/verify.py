"""`ringsight verify`: is a pack whole, and whose is it?"""

from __future__ import annotations

import re
from pathlib import Path

import click

from service.errors import InputError
from service.export import signing
from service.settings import load_settings


@click.command()
@click.argument("pack", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", metavar="FINGERPRINT", help="The key that must have signed it; default: this deployment's.")
def command(pack: Path, key: str | None) -> None:
    """Check every file of a pack against its signed manifest."""
    wanted = _own() if key is None else _read(key)
    found = signing.check(pack, wanted)
    if wanted is None:
        raise InputError(
            f"{pack} is whole and signed by {found.fingerprint}, but this deployment has no key to compare with; "
            "ask who made it for the fingerprint of their key and give it with --key"
        )
    made = f"ring {found.manifest['ring']}, run {found.manifest['run']}, profile {found.manifest['profile']}"
    click.echo(
        f"{pack}: {found.files} files are as signed by {found.fingerprint} on {found.manifest['made_at']}: {made}"
    )


def _read(key: str) -> str:
    """A fingerprint as people write it: in capitals, without dashes, with blanks or colons. Raises InputError."""
    digits = re.sub(r"[\s:-]", "", key).lower()
    if not re.fullmatch(r"[0-9a-f]{32}", digits):
        raise InputError(f"--key {key!r} is no fingerprint: it has 32 hex digits; ask who made the pack")
    return signing.grouped(digits)


def _own() -> str | None:
    home = load_settings().home
    if not (home / "keys" / "signing.key").exists():
        return None
    return signing.fingerprint(signing.public_bytes(signing.load_key(home)))
