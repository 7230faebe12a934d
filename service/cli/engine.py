"""`ringsight engine start|stop|status`: the local Neo4j with GDS and Neo4j Browser."""

from __future__ import annotations

import sys

import click

from service.bootstrap import open_graph
from service.engine import local, state
from service.graph import schema
from service.logs import configure
from service.settings import load_settings


@click.group()
def command() -> None:
    """Run the local Neo4j with Graph Data Science and Neo4j Browser."""
    configure()


@command.command()
def start() -> None:
    """Start the engine (the first time, fetch it) and apply the graph's schema."""
    settings = load_settings()
    done = local.start(settings)
    own = settings.model_copy(update={"neo4j_uri": None})
    with open_graph(own) as graph:
        statements = schema.apply(graph)
    word = "runs already" if done.was_running else "runs"
    click.echo(f"the engine {word}: {_where(done.state)}; {statements} schema statements hold")


@command.command()
def stop() -> None:
    """Stop the engine; its data stays."""
    found = local.stop(load_settings().home)
    click.echo("the engine was not running" if found is None else f"the engine is stopped (process {found.pid})")


@command.command()
def status() -> None:
    """Tell whether the engine runs and where; exit code 1 if it does not."""
    home = load_settings().home
    found = local.running(home)
    if found is None:
        click.echo(f"the engine of {home} does not run; start it with `ringsight engine start`")
        sys.exit(1)
    click.echo(f"the engine runs: {_where(found)}, user neo4j, password in {state.folder(home) / 'password'}")


def _where(found: state.EngineState) -> str:
    return f"Neo4j {found.version} at {found.bolt_uri}, Neo4j Browser at {found.browser_url} (process {found.pid})"
