"""`ringsight export`: a ring as a file that other tools open."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import click

from service import bootstrap
from service.export import redact
from service.export import ring as export
from service.ingest.tokens import load_tokeniser
from service.logs import configure
from service.rings import rings
from service.settings import load_settings


@click.command()
@click.argument("ring_id", metavar="RING")
@click.option("--format", "name", type=click.Choice(list(export.FORMATS)), default="graphml", show_default=True)
@click.option("--profile", type=click.Choice(list(redact.PROFILES)), default="full", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: RING.EXTENSION here.")
def command(ring_id: str, name: str, profile: str, out: Path | None) -> None:
    """Write a ring with its identifiers and links: a graph, tables, a picture, or a signed pack of all."""
    configure()
    settings = load_settings()
    with bootstrap.open_graph(settings) as graph:
        ring = rings.ring(graph, rings.spelled(ring_id))
        ring_id = ring["id"]
        path = out or Path(f"{ring_id}.{export.chosen(name).extension}")
        hidden = redact.profile(profile, graph, load_tokeniser(settings.home, settings.ip_plain), ring_id)
        size = _write(export.chunks(graph, ring_id, name, hidden, settings.home), path)
    click.echo(f"{path}: ring {ring_id} with {ring['size']:,} accounts as {name}, {size / 1024:,.0f} KB")


def _write(chunks: Iterable[bytes], path: Path) -> int:
    """Writes the file whole or not at all, and its folder if need be. Returns its size in bytes."""
    folder = path.absolute().parent
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle, draft = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
    except OSError as error:
        error.filename = str(path)  # not a name that nobody gave
        raise
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            size = file.tell()
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)
    return size
