"""`ringsight restore FILE`: makes the home what it was when the backup was made."""

from __future__ import annotations

from pathlib import Path

import click

from service.engine import backup, replaced
from service.logs import configure
from service.settings import load_settings


@click.command(name="restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--overwrite", is_flag=True, help="Replace all that the home holds; it is kept in `replaced`.")
@click.option("--undo", is_flag=True, help="Bring back what the last restore replaced.")
def command(file: Path | None, overwrite: bool, undo: bool) -> None:
    """Restore the home from FILE. Stop the engine, the server and the workers first."""
    if (file is None) != undo or (undo and overwrite):
        raise click.UsageError("give FILE, or --undo alone")
    configure()
    settings = load_settings()
    kept = settings.home / replaced.KEPT_IN
    following = "next: `ringsight engine start`, then `ringsight index rebuild`"
    if file is None:
        backup.undo(settings)
        click.echo(f"brought back what the last restore replaced; what it restored is in {kept} now; {following}")
        return
    manifest = backup.restore(settings, file, overwrite=overwrite)
    graph = "the graph and " if manifest.has_graph else ""
    click.echo(
        f"restored {settings.home} as of {manifest.made_at}: {graph}{len(manifest.sums) - manifest.has_graph} files; "
        f"{following}"
    )
    if kept.is_dir():
        click.echo(f"what it held before is in {kept} (`ringsight restore --undo`); delete that once all is well")
