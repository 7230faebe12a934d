"""`ringsight restore FILE`: makes the home what it was when the backup was made."""

from __future__ import annotations

from pathlib import Path

import click

from service.engine import backup
from service.logs import configure
from service.settings import load_settings


@click.command(name="restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace all that the home holds now.")
def command(file: Path, overwrite: bool) -> None:
    """Restore the home from FILE. Stop the engine, the server and the workers first."""
    configure()
    settings = load_settings()
    manifest = backup.restore(settings, file, overwrite=overwrite)
    graph = "the graph and " if manifest.has_graph else ""
    click.echo(
        f"restored {settings.home} as of {manifest.made_at}: {graph}{len(manifest.sums) - manifest.has_graph} files; "
        "next: `ringsight engine start`, then `ringsight index rebuild`"
    )
