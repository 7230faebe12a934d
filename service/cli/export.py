"""ringsight export: a ring as a file that other tools open."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click

from service import bootstrap
from service.export import ring as export
from service.graph.client import GraphAddress
from service.logs import configure
from service.serving import rings
from service.settings import load_settings


@click.command()
@click.argument("ring_id", metavar="RING")
@click.option("--format", "name", type=click.Choice(list(export.FORMATS)), default="graphml", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: RING.EXTENSION here.")
def command(ring_id: str, name: str, out: Path | None) -> None:
    """Write a ring, with its identifiers and links, as GraphML, CSV or JSON."""
    configure()
    with bootstrap.open_graph(load_settings()) as graph:
        ring = rings.ring(graph, ring_id)
        wanted = export.chosen(name)
        path = out or Path(f"{ring_id}.{wanted.extension}")
        size = _write(graph.address, ring_id, wanted, path)
    click.echo(f"{path}: ring {ring_id} with {ring['size']} accounts as {name}, {size / 1024:.0f} KB")


def _write(address: GraphAddress, ring_id: str, wanted: export.Format, path: Path) -> int:
    """Writes the file whole or not at all. Returns its size in bytes."""
    handle, draft = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in export.chunks(address, ring_id, wanted):
                file.write(chunk)
            size = file.tell()
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)
    return size
