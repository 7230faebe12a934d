"""`ringsight demo`: the whole product on this machine, by the very commands that a user would type."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import requests

from service.cli import democheck
from service.engine import state
from service.errors import RingsightError
from service.net import free_port
from service.settings import load_settings

READY_WITHIN_S = 60.0


@click.command()
@click.option("--check", is_flag=True, help="Ask the API three known questions, stop everything, exit 0 only if right.")
@click.option("--accounts", type=click.IntRange(min=2000), default=224_000, show_default=True, help="Size.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="A free one if taken.")
def command(check: bool, accounts: int, port: int) -> None:
    """Make events, ingest, detect, serve: the whole product on this machine.

    It keeps its data in a home of its own (the folder `demo` in RINGSIGHT_HOME); a second start uses it again.
    Ctrl-C stops all that it started. With --check the home is temporary.
    """
    if not check:
        _demo(load_settings().home / "demo", accounts, port, check=False)
        return
    with tempfile.TemporaryDirectory(prefix="ringsight-check-") as home:
        _demo(Path(home), accounts, port, check=True)


def _demo(home: Path, accounts: int, port: int, check: bool) -> None:
    home.mkdir(parents=True, exist_ok=True)
    port = free_port(port)
    env = {
        **os.environ,
        "RINGSIGHT_HOME": str(home),
        "RINGSIGHT_AUTH": "off",  # it serves on the loopback address
        "RINGSIGHT_ENGINE_GUIDE_URL": f"http://127.0.0.1:{port}/browser-guide",
    }
    env.pop("RINGSIGHT_NEO4J_URI", None)  # the demo never writes into a configured database
    events = home / f"simulated-{accounts}"
    started = time.monotonic()
    with _stopping_on_signals(), _engine(env):
        if not (events / "truth.parquet").exists():
            _step(env, "simulate", "--out", str(events), "--accounts", str(accounts))
        _step(env, "ingest", str(events / "events.parquet"))
        _step(env, "detect")
        with _server(env, port) as url:
            click.echo(f"\nReady after {time.monotonic() - started:.0f} s.")
            if check:
                wrong = democheck.ask(url, events)
                if wrong:
                    raise RingsightError(f"demo --check: {wrong} of 3 decisions are not right; see above")
                click.echo("All three decisions are right.")
                return
            _announce(url, home)
            signal.pause()


def _announce(url: str, home: Path) -> None:
    running = state.read(home)
    assert running is not None  # _engine started it
    click.echo(
        f"\n  Rings (pages)   {url}/"
        f"\n  API docs        {url}/docs"
        f"\n  Neo4j Browser   {running.browser_url}"
        f"\n                  {running.bolt_uri}, user neo4j, password {state.password(home)}"
        f"\n\n  In another terminal: export RINGSIGHT_HOME={home}; ringsight rings list"
        "\n\nCtrl-C stops everything."
    )


def _step(env: dict[str, str], *arguments: str) -> None:
    """Runs one ringsight command, shows it and its closing line; raises if it fails."""
    click.secho(f"\n$ ringsight {' '.join(arguments)}", bold=True)
    if subprocess.run([sys.executable, "-m", "service.cli", *arguments], env=env, check=False).returncode != 0:
        raise RingsightError(f"`ringsight {arguments[0]}` failed; its message stands above")


@contextmanager
def _engine(env: dict[str, str]) -> Iterator[None]:
    """Starts the engine, and stops it at the end."""
    try:
        _step(env, "engine", "start")
        yield
    finally:
        _step(env, "engine", "stop")


@contextmanager
def _server(env: dict[str, str], port: int) -> Iterator[str]:
    """Serves on the loopback address until the end; yields the URL once it is ready."""
    click.secho(f"\n$ ringsight serve --port {port}", bold=True)
    server = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "serve", "--host", "127.0.0.1", "--port", str(port)],
        env=env,
        start_new_session=True,  # Ctrl-C reaches the demo, which stops it in order
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, server)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RingsightError(f"the server ended at its start (exit code {server.returncode}); its log stands above")
        try:
            if requests.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.2)
    raise RingsightError(f"the server was not ready after {READY_WITHIN_S:.0f} s; {url}/readyz tells what is missing")


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Turns Ctrl-C and SIGTERM into an orderly end."""

    def stop(*_: object) -> None:
        raise click.Abort

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
