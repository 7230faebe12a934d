"""`ringsight backup FILE`: everything that a home holds, in one file."""

from __future__ import annotations

from pathlib import Path

import click

from service.engine import backup, local
from service.errors import ConflictError
from service.logs import configure
from service.settings import load_settings


@click.command(name="backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--stop", is_flag=True, help="Stop the local engine for it, and start it again afterwards.")
def command(file: Path, stop: bool) -> None:
    """Write the database and all files of the home (keys too: keep FILE safe) to FILE.

    The local engine has to be stopped for it; decisions go on from the index meanwhile.
    """
    configure()
    settings = load_settings()
    file = backup.target(settings, file)
    runs = settings.neo4j_uri is None and local.running(settings.home) is not None
    if runs and not stop:
        raise ConflictError(f"the engine of {settings.home} runs: stop it first, or give --stop")
    if runs:
        local.stop(settings.home)
    try:
        manifest = backup.backup(settings, file)
    finally:
        if runs:
            local.start(settings)
    graph = "the graph" if manifest.has_graph else "no graph (back up your own database with its own tools)"
    files = len(manifest.sums) - manifest.has_graph
    click.echo(f"backed up {settings.home} to {file}: {graph} and {files} files, {file.stat().st_size / 1e6:,.1f} MB")
