"""The local engine of a home: start, stop, running. A start ends when the database answers."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.engine import config, process, state
from service.engine.guard import exclusive
from service.engine.runtime import Runtime, prepare, run_admin
from service.errors import ConflictError, EngineError
from service.logs import log
from service.settings import Settings

LEAST_FREE_MB = 500
HOLD_WAIT_S = 300.0
PORT_ATTEMPTS = 4  # of engines that start at the same moment, each may take what another one chose


@dataclass(frozen=True, slots=True)
class Start:
    """What a start did: the engine's state, and whether it ran already."""

    state: state.EngineState
    was_running: bool


def running(home: Path) -> state.EngineState | None:
    """The state of the engine of `home` if its process lives, else None."""
    known = state.read(home)
    return known if known is not None and process.find(known) is not None else None


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Keeps every other start, stop and admin command of this home out, until the block ends."""
    with exclusive(state.folder(home) / "lock", HOLD_WAIT_S, "another start, stop or import of this engine"):
        yield


def start(settings: Settings) -> Start:
    """Starts the engine of the home if it doesn't run, or its database has given up, and waits until it answers. Raises
    EngineError."""
    home = settings.home
    make_folders(home)
    with held(home):
        known = running(home)
        if known is not None and not process.has_given_up(home, known):
            process.await_answer(home, known)
            return Start(known, was_running=True)
        if known is not None:
            process.end(home, known)
        elif state.read(home) is not None:
            log.info("the engine of %s was not stopped cleanly; starting it again", home)
            state.clear(home)
        return Start(_start_fresh(settings), was_running=False)


def stop(home: Path) -> state.EngineState | None:
    """Stops the engine of `home` and waits for its end. Returns its state, or None if it did not run."""
    if not state.folder(home).is_dir():
        return None
    with held(home):
        known = running(home)
        if known is None:
            state.clear(home)
        else:
            process.end(home, known)
        return known


def refuse_if_running(home: Path) -> None:
    """Raises ConflictError while the engine of `home` runs: it holds its files."""
    known = running(home)
    if known is not None:
        raise ConflictError(
            f"the engine of {home} runs (process {known.pid}) and holds its files; "
            "stop it with `ringsight engine stop` first"
        )


def make_folders(home: Path) -> None:
    """Makes the engine's folders. Raises EngineError if the home can't be written."""
    try:
        for name in ("logs", "plugins", "import"):
            (state.folder(home) / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(f"can't write to {home} ({error.strerror}); set RINGSIGHT_HOME to another folder") from error


def _start_fresh(settings: Settings) -> state.EngineState:
    runtime = prepare(settings)
    _check_disk(settings.home)
    _link_plugins(runtime.folder / "plugins", runtime.plugins)
    for attempt in range(PORT_ATTEMPTS):
        try:
            return _launch(settings, runtime, config.ports(settings, defaults=attempt == 0))
        except process.PortTakenError:
            if attempt == PORT_ATTEMPTS - 1:
                raise
            log.info("another program took a port while the engine started; trying other ports")
    raise AssertionError("unreachable")


def _launch(settings: Settings, runtime: Runtime, chosen: config.Ports) -> state.EngineState:
    """Configures the engine, starts its process and waits until it answers; if that fails, nothing is left running."""
    home = settings.home
    sizes = config.memory(settings)
    config.write(settings, chosen, sizes)
    _set_password(runtime, home)
    fresh = process.spawn(settings, runtime, chosen, sizes)
    try:
        process.await_answer(home, fresh)
    except BaseException:
        process.end(home, fresh, process.ABORT_WAIT_S)
        raise
    return fresh


def _check_disk(home: Path) -> None:
    for place in filter(Path.is_dir, (home, state.folder(home) / "data")):  # which may be a disk of its own
        free_mb = shutil.disk_usage(place).free >> 20
        if free_mb < LEAST_FREE_MB:
            raise EngineError(
                f"no disk space for the engine: {place} has {free_mb} MB free and {LEAST_FREE_MB} MB are needed; "
                "free some, or set RINGSIGHT_HOME to a folder on another disk"
            )


def _link_plugins(folder: Path, jars: Iterable[Path]) -> None:
    """Neo4j looks for procedures only in the jars of its plugins folder: links those of GDS there."""
    wanted = {jar.name: jar for jar in jars}
    for entry in folder.iterdir():
        if entry.is_symlink() and (entry.name not in wanted or entry.readlink() != wanted[entry.name]):
            entry.unlink()
    for name, jar in wanted.items():
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(jar)


def _set_password(runtime: Runtime, home: Path) -> None:
    """Gives the user neo4j a generated password before the first start; later starts keep it."""
    path = runtime.folder / "password"
    if (runtime.folder / "data" / "databases" / "system").is_dir():
        state.password(home)
        return
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_hex(24) + "\n")
    # neo4j-admin reads the file itself: as an argument, everyone on the machine could see the password.
    run_admin(runtime, "dbms", "set-initial-password", f"@{path}")
