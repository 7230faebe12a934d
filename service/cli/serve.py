"""`ringsight serve`: gunicorn with the API and the pages."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from service import formats
from service.bootstrap import graph_address
from service.decisions import policy
from service.errors import SettingsError
from service.graph.client import Graph
from service.keyfile import load_secret
from service.security.guard import is_loopback
from service.settings import load_settings
from service.sources.open import check_log

CONFIGURATION = Path(__file__).resolve().parents[1] / "gunicorn_conf.py"


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=min(2, os.cpu_count() or 1), show_default=True, type=click.IntRange(1, 64))
def command(host: str, port: int, workers: int) -> None:
    """Serve the API and the pages with gunicorn, until stopped."""
    settings = load_settings()
    if settings.auth == "off" and not is_loopback(host):
        raise SettingsError(
            f"RINGSIGHT_AUTH=off serves this machine only, not {host}: leave it out, make a key with "
            "`ringsight keys create`, or serve on 127.0.0.1"
        )
    # What is wrong is told here, in one line.
    policy.load(settings.policy)
    load_secret(settings.home, "session")
    formats.note_new(settings.home)  # this command does not come back to do it at its end
    check_log(settings)
    if settings.neo4j_uri:
        Graph(graph_address(settings)).close()
    address = f"[{host}]" if ":" in host else host
    click.echo(f"serving http://{address}:{port}/ (API: /docs) with {workers} workers; stop with Ctrl-C")
    sys.stdout.flush()
    # The same process becomes gunicorn: signals and the exit code are its own.
    os.execv(
        sys.executable,
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            str(CONFIGURATION),
            "--bind",
            f"{address}:{port}",
            "--workers",
            str(workers),
            "service.wsgi:app",
        ],
    )
