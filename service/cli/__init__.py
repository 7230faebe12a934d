"""The `ringsight` command. Each subcommand lives in a file of its own and is imported only when it is used."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import click

from service.cli.terminal import plain
from service.errors import RingsightError
from service.logs import configure

COMMANDS = {
    "allow": "service.cli.allow",
    "backfill": "service.cli.backfill",
    "backup": "service.cli.backup",
    "demo": "service.cli.demo",
    "detect": "service.cli.detect",
    "doctor": "service.cli.doctor",
    "engine": "service.cli.engine",
    "erase": "service.cli.erase",
    "evaluate": "service.cli.evaluate",
    "expire": "service.cli.expire",
    "export": "service.cli.export",
    "index": "service.cli.index",
    "ingest": "service.cli.ingest",
    "journal": "service.cli.journal",
    "keys": "service.cli.keys",
    "kinds": "service.cli.kinds",
    "model": "service.cli.model",
    "restore": "service.cli.restore",
    "replay": "service.cli.replay",
    "rings": "service.cli.rings",
    "scores": "service.cli.scores",
    "serve": "service.cli.serve",
    "simulate": "service.cli.simulate",
    "tokens": "service.cli.tokens",
    "verify": "service.cli.verify",
    "worker": "service.cli.worker",
}

# Changes and exports that leave a line in the journal; `allow`, `keys` and `erase` write their own, without names.
JOURNALLED = {"backfill", "backup", "detect", "expire", "export", "index", "ingest", "replay", "restore", "scores"}


class LazyGroup(click.Group):
    """Imports a subcommand's module on use: `ringsight --help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(name)) for name in self.list_commands(ctx)])


def _summary(name: str) -> str:
    """A command's first sentence, read from its file: importing all of them takes seconds."""
    tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
    made = next(part for part in tree.body if isinstance(part, ast.FunctionDef) and part.name == "command")
    text = " ".join((ast.get_docstring(made) or "").split("\n\n")[0].split())
    return text.partition(". ")[0].rstrip(".")


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ringsight")
@click.pass_context
def cli(context: click.Context) -> None:
    """Find rings of fake accounts: ingest events, detect, score, serve and export."""
    from service import formats, home_lock, private, tracing
    from service.ingest import networks
    from service.model import kinds
    from service.settings import load_settings  # here: `ringsight --help` stays quick

    settings = load_settings()
    configure(settings.log_format)
    kinds.use(settings.identifiers, settings.phone_region)
    networks.use(settings.mmdb)
    tracing.start(settings.otlp_endpoint)
    private.keep_private(settings.home)
    if not settings.home.is_dir():
        context.call_on_close(lambda: formats.note_new(settings.home))
    elif context.invoked_subcommand != "restore":
        in_use = home_lock.share(settings.home)
        if in_use is not None:
            context.call_on_close(in_use.close)


@contextmanager
def _recorded(arguments: list[str]) -> Iterator[None]:
    """Writes the journal's line of a command that changes or exports, before it does; a restore's goes into the
    journal that it restored."""
    if not arguments or arguments[0] not in JOURNALLED or {"-h", "--help"} & set(arguments):
        yield
        return
    from service import formats, home_lock
    from service.security.journal import local_change, record_local
    from service.settings import load_settings

    home, what = load_settings().home, f"ringsight {arguments[0]}"
    details = {"arguments": " ".join(arguments[1:])[:500]}
    new = not home.is_dir()
    if arguments[0] == "restore" or new:
        yield
        record_local(home, what, **details)
        if new:
            formats.note_new(home)
    else:
        with ExitStack() as opened:
            if in_use := home_lock.share(home):  # before anything is written to it
                opened.enter_context(in_use)
            opened.enter_context(local_change(home, what, **details))
            yield


def main() -> None:
    """Runs the command line. Exit codes: 0 done, 1 failed with a clear message, 2 wrong usage."""
    try:
        with _recorded(sys.argv[1:]):
            cli(prog_name="ringsight", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OSError as error:  # a home that can't be read or written, a full disk
        click.echo(plain(f"error: {_of_file(error)}"), err=True)
        sys.exit(1)
    except RingsightError as error:
        click.echo("\n".join(plain(line) for line in f"error: {error.detail}".split("\n")), err=True)
        sys.exit(1)


def _of_file(error: OSError) -> str:
    """What went wrong with which file; of one in the home, and where none is named, which setting names the home."""
    from service.settings import load_settings

    name = error.filename if isinstance(error.filename, str) else ""
    inside = True
    with suppress(RingsightError):
        inside = not name or Path(name).absolute().is_relative_to(load_settings().home.absolute())
    said = f"{error.strerror or error}: {name}" if name else str(error.strerror or error)
    return f"{said}; RINGSIGHT_HOME says where the home is" if inside else said
