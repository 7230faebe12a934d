"""The local engine of a home: start, stop, status. A start ends when the database answers."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import neo4j
import psutil
from neo4j.exceptions import DriverError, Neo4jError

from service.engine import config, java, lock, state, store
from service.engine.guard import exclusive
from service.errors import EngineError
from service.logs import log
from service.settings import Settings

MAIN_CLASS = {"5.26": "org.neo4j.server.CommunityEntryPoint", "2026.08": "org.neo4j.server.Neo4jCommunity"}
ADMIN_CLASS = "org.neo4j.cli.AdminTool"
ADMIN_HEAP_MB = 512
ADMIN_START_MB = 64
START_HEAP_MB = 512
START_WAIT_S = 180.0
STOP_WAIT_S = 120.0
POLL_S = 0.2
LEAST_FREE_MB = 500
LOG_LINES = 15


class PortTakenError(EngineError):
    """Another program took the port between our choice of it and the engine's start."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a start did: the engine's state, and whether it ran already."""

    state: state.EngineState
    was_running: bool


@dataclass(frozen=True, slots=True)
class Runtime:
    """What it takes to run a program of the engine: the JVM, the file with its class path, the jars of GDS."""

    java: Path
    classpath: Path
    plugins: Sequence[Path]


def runtime(settings: Settings) -> Runtime:
    """Java and the jars of the engine line, fetched if needed. Raises EngineError."""
    executable = java.find(settings.engine_java)
    wanted = lock.read(lock.LOCKS / f"{settings.engine_line}.lock")
    jars = store.ensure(wanted, settings.cache / "jars")
    classpath = java.write_classpath(jars, state.folder(settings.home) / "classpath")
    return Runtime(executable, classpath, [path for jar, path in zip(wanted, jars, strict=True) if jar.plugin])


def running(home: Path) -> state.EngineState | None:
    """The state of the engine of `home` if its process lives, else None. A reused process id doesn't count."""
    found = state.read(home)
    return found if found is not None and _process(found) is not None else None


def start(settings: Settings) -> Start:
    """Starts the engine of the home if it doesn't run, and waits until it answers. Raises EngineError."""
    home = settings.home
    _make_folders(home)
    with exclusive(state.folder(home) / "lock", START_WAIT_S, "another start or stop of this engine"):
        found = running(home)
        if found is not None:
            _await_answer(home, found)
            return Start(found, was_running=True)
        if state.read(home) is not None:
            log.info("the engine of %s was not stopped cleanly; starting it again", home)
            state.clear(home)
        programs = runtime(settings)
        _check_disk(home)
        _link_plugins(home, programs.plugins)
        try:
            fresh = _launch(settings, programs)
        except PortTakenError:
            log.info("another program took a port while the engine started; trying with other ports")
            fresh = _launch(settings, programs)
        return Start(fresh, was_running=False)


def _launch(settings: Settings, programs: Runtime) -> state.EngineState:
    """Configures the engine, starts its process and waits until it answers; if that fails, nothing is left running."""
    home = settings.home
    chosen = config.ports(settings)
    sizes = config.memory(settings)
    config.write(home, chosen, sizes)
    _set_password(home, programs)
    fresh = _spawn(settings, programs, chosen, sizes)
    try:
        _await_answer(home, fresh)
    except BaseException:
        _end(home, fresh)
        raise
    return fresh


def stop(home: Path) -> state.EngineState | None:
    """Stops the engine of `home` and waits for its end. Returns its state, or None if it did not run."""
    if not state.folder(home).is_dir():
        return None
    with exclusive(state.folder(home) / "lock", START_WAIT_S, "another start or stop of this engine"):
        found = running(home)
        if found is None:
            state.clear(home)
            return None
        _end(home, found)
        return found


def _make_folders(home: Path) -> None:
    try:
        for name in ("logs", "plugins", "import"):
            (state.folder(home) / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(f"can't write to {home} ({error.strerror}); set RINGSIGHT_HOME to another folder") from error


def _check_disk(home: Path) -> None:
    free_mb = shutil.disk_usage(home).free >> 20
    if free_mb < LEAST_FREE_MB:
        raise EngineError(
            f"no disk space for the engine: {home} has {free_mb} MB free and {LEAST_FREE_MB} MB are needed; "
            "free some, or set RINGSIGHT_HOME to a folder on another disk"
        )


def _link_plugins(home: Path, jars: Iterable[Path]) -> None:
    """Neo4j looks for procedures only in the jars of its plugins folder: links those of GDS there."""
    folder = state.folder(home) / "plugins"
    wanted = {jar.name: jar for jar in jars}
    for entry in folder.iterdir():
        if entry.is_symlink() and (entry.name not in wanted or entry.readlink() != wanted[entry.name]):
            entry.unlink()
    for name, jar in wanted.items():
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(jar)


def _set_password(home: Path, programs: Runtime) -> None:
    """Gives the user neo4j a generated password before the first start; later starts keep it."""
    path = state.folder(home) / "password"
    if (state.folder(home) / "data" / "databases" / "system").is_dir():
        state.password(home)
        return
    path.unlink(missing_ok=True)
    secret = secrets.token_hex(24)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret + "\n")
    # neo4j-admin reads the file itself: as an argument, everyone on the machine could see the password.
    run_admin(home, programs, "dbms", "set-initial-password", f"@{path}")


def run_admin(home: Path, programs: Runtime, *arguments: str, heap_mb: int = ADMIN_HEAP_MB) -> str:
    """Runs one command of neo4j-admin on the engine of `home` and returns what it printed. Raises EngineError."""
    call = java.command(programs.java, programs.classpath, ADMIN_START_MB, heap_mb, ADMIN_CLASS, *arguments)
    answer = subprocess.run(call, capture_output=True, text=True, env=_environment(home), check=False)
    if answer.returncode != 0:
        told = _last_lines((answer.stdout + answer.stderr).splitlines())
        raise EngineError(f"neo4j-admin {' '.join(arguments[:2])} failed (exit {answer.returncode}):\n{told}")
    return answer.stdout


def _environment(home: Path) -> dict[str, str]:
    base = state.folder(home)
    return {**os.environ, "NEO4J_HOME": str(base), "NEO4J_CONF": str(base / "conf")}


def _spawn(settings: Settings, programs: Runtime, chosen: config.Ports, sizes: config.Memory) -> state.EngineState:
    """Starts the process in a session of its own: a Ctrl-C in the terminal must not reach it."""
    base = state.folder(settings.home)
    call = java.command(
        programs.java,
        programs.classpath,
        min(START_HEAP_MB, sizes.heap_mb),
        sizes.heap_mb,
        MAIN_CLASS[settings.engine_line],
        f"--home-dir={base}",
        f"--config-dir={base / 'conf'}",
    )
    with _console(settings.home).open("w") as console:
        child = subprocess.Popen(
            call,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            cwd=base,
            env=_environment(settings.home),
            start_new_session=True,
        )
    born = psutil.Process(child.pid).create_time()
    fresh = state.EngineState(child.pid, born, chosen.bolt, chosen.http, settings.engine_line)
    state.write(settings.home, fresh)
    return fresh


def _process(found: state.EngineState) -> psutil.Process | None:
    try:
        process = psutil.Process(found.pid)
        lives = abs(process.create_time() - found.started) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return process if lives else None


def _await_answer(home: Path, found: state.EngineState) -> None:
    """Returns once a query is answered over Bolt. Raises EngineError if the process ends or takes too long."""
    auth = ("neo4j", state.password(home))
    deadline = time.monotonic() + START_WAIT_S
    while time.monotonic() < deadline:
        process = _process(found)
        if process is None:
            kind = PortTakenError if "Address already in use" in _tail(home) else EngineError
            raise kind(f"the engine ended while it started; the end of its log {_console(home)}:\n{_tail(home)}")
        try:
            if _listens(process, found.bolt_port):
                with neo4j.GraphDatabase.driver(found.bolt_uri, auth=auth, max_transaction_retry_time=0.0) as driver:
                    driver.execute_query("RETURN 1", database_="neo4j")
                return
        except neo4j.exceptions.AuthError as error:
            raise EngineError(
                f"the engine refuses the password in {state.folder(home) / 'password'}; it was changed by hand: "
                "put the right one there"
            ) from error
        except (DriverError, Neo4jError, OSError):
            pass  # it listens, but its database is not up yet
        time.sleep(POLL_S)
    raise EngineError(
        f"the engine does not answer at {found.bolt_uri} after {START_WAIT_S:.0f} s; the end of its log:\n{_tail(home)}"
    )


def _listens(process: psutil.Process, port: int) -> bool:
    """Whether this very process listens on `port`: what answers there may be another engine."""
    with contextlib.suppress(psutil.Error):
        return any(
            link.status == psutil.CONN_LISTEN and link.laddr and link.laddr.port == port
            for link in process.net_connections("tcp")
        )
    return False


def _end(home: Path, found: state.EngineState) -> None:
    process = _process(found)
    if process is not None:
        process.terminate()
        try:
            process.wait(STOP_WAIT_S)
        except psutil.TimeoutExpired:
            log.warning("the engine did not stop in %.0f s; it is killed", STOP_WAIT_S)
            process.kill()
            process.wait(STOP_WAIT_S)
    state.clear(home)


def _console(home: Path) -> Path:
    return state.folder(home) / "logs" / "console.log"


def _tail(home: Path) -> str:
    return _last_lines(_console(home).read_text(encoding="utf-8", errors="replace").splitlines())


def _last_lines(lines: Sequence[str]) -> str:
    told = [line for line in lines if line.strip() and not line.startswith("\tat ")]
    return "\n".join(f"  {line}" for line in told[-LOG_LINES:]) or "  (empty)"
