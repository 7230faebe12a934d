"""The engine's process: spawn it, find it again, wait until it answers, end it."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import neo4j
import psutil
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from service.engine import config, java, state
from service.engine.runtime import Runtime, environment, last_lines
from service.errors import EngineError
from service.logs import log
from service.settings import Settings

MAIN_CLASS = {"5.26": "org.neo4j.server.CommunityEntryPoint", "2026.08": "org.neo4j.server.Neo4jCommunity"}
START_HEAP_MB = 512
START_WAIT_S = 180.0
STOP_WAIT_S = 120.0
# An engine that is asked to stop while it starts may never do so, and has nothing to lose yet.
ABORT_WAIT_S = 10.0
POLL_S = 0.2
ASK_S = 5.0
CANT_GO_ON = "Neo.DatabaseError.Transaction."
OUT_OF_MEMORY = "java.lang.OutOfMemoryError"
NO_MEMORY = (
    ": it has too little memory; raise RINGSIGHT_ENGINE_HEAP_MB. If that doesn't help and its disk was full, the end "
    "of its log of transactions is damaged: `ringsight restore` a backup, or delete the engine's folder `data` and "
    "load the events again"
)
STATUS = "SHOW DATABASE neo4j YIELD statusMessage AS message"


class PortTakenError(EngineError):
    """Another program took the port between our choice of it and the engine's start."""


def spawn(settings: Settings, runtime: Runtime, chosen: config.Ports, sizes: config.Memory) -> state.EngineState:
    """Starts the process in a session of its own: a Ctrl-C in the terminal must not reach it."""
    _set_log_aside(settings.home)
    call = java.command(
        runtime.java,
        runtime.classpath,
        min(START_HEAP_MB, sizes.heap_mb),
        sizes.heap_mb,
        MAIN_CLASS[settings.engine_line],
        f"--home-dir={runtime.folder}",
        f"--config-dir={runtime.folder / 'conf'}",
    )
    console = str(_console(settings.home))
    actions = (
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, console, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    )
    # Not subprocess: the engine outlives this process, which a Popen object takes for a mistake.
    pid = os.posix_spawn(call[0], call, environment(runtime.folder), file_actions=actions, setsid=True)
    born = psutil.Process(pid).create_time()
    fresh = state.EngineState(pid, born, chosen.bolt, chosen.http, settings.engine_line)
    state.write(settings.home, fresh)
    return fresh


def find(known: state.EngineState) -> psutil.Process | None:
    """The living process of `known`, or None: a process id that another process has now doesn't count."""
    try:
        process = psutil.Process(known.pid)
        lives = abs(process.create_time() - known.started) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return process if lives else None


def await_answer(home: Path, known: state.EngineState) -> None:
    """Returns once a query is answered over Bolt. Raises EngineError if the process ends or takes too long."""
    password = state.password(home)
    deadline = time.monotonic() + START_WAIT_S
    while time.monotonic() < deadline:
        process = find(known)
        if process is None:
            told = _told(home)
            kind = PortTakenError if "already in use" in told else EngineError
            why = NO_MEMORY if OUT_OF_MEMORY in told else ""
            raise kind(
                f"the engine ended while it started{why}; the end of its log in {_logs(home)}:\n{last_lines(told)}"
            )
        if _is_up(home) and _listens(process, known.bolt_port) and _answers(known.bolt_uri, password, home):
            return
        time.sleep(POLL_S)
    raise EngineError(
        f"the engine does not answer at {known.bolt_uri} after {START_WAIT_S:.0f} s; the end of its log:\n"
        f"{last_lines(_told(home))}"
    )


def end(home: Path, known: state.EngineState, wait_s: float = STOP_WAIT_S) -> None:
    """Ends the process: asks, waits, and kills it only if it doesn't stop or its database has given up. Forgets the
    state."""
    process = find(known)
    if process is not None:
        given_up = has_given_up(home, known)
        if not given_up:
            process.terminate()
        if given_up or not _is_gone(known, wait_s):
            why = "'s database can't go on, as after a full disk" if given_up else f" did not stop in {wait_s:.0f} s"
            log.warning("the engine%s; it is killed, and what was confirmed stays", why)
            process.kill()
            _is_gone(known, STOP_WAIT_S)
    state.clear(home)


def has_given_up(home: Path, known: state.EngineState) -> bool:
    """Whether the database takes no transaction any more, as when it could not write to its log of them. A stop would
    have it write there what it still holds, once there is room again, after the part of it that had room before: its
    next start would stumble over that (by "Java heap space"), while it passes over a part alone."""
    try:
        with neo4j.GraphDatabase.driver(
            known.bolt_uri,
            auth=("neo4j", state.password(home)),
            connection_timeout=ASK_S,
            connection_acquisition_timeout=ASK_S,
            max_transaction_retry_time=0.0,
        ) as driver:
            driver.execute_query("RETURN 1", database_="neo4j")
    except Neo4jError as error:
        return str(error.code).startswith(CANT_GO_ON)
    except (DriverError, EngineError, OSError):
        return False
    return False


def _is_gone(known: state.EngineState, wait_s: float) -> bool:
    """Waits for the process's end. Not psutil's wait: to it, a process that its parent has yet to reap still runs."""
    deadline = time.monotonic() + wait_s
    while find(known) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(known.pid, os.WNOHANG)
    return True


def _is_up(home: Path) -> bool:
    """Whether the engine's log says that its start is over. Bolt answers earlier, but a stop in between would hang."""
    log_file = _logs(home) / "neo4j.log"
    return log_file.exists() and " Started.\n" in log_file.read_text(encoding="utf-8", errors="replace")


def _listens(process: psutil.Process, port: int) -> bool:
    """Whether this very process listens on `port`: what answers there may be another engine."""
    with contextlib.suppress(psutil.Error):
        return any(
            link.status == psutil.CONN_LISTEN and link.laddr and link.laddr.port == port
            for link in process.net_connections("tcp")
        )
    return False


def _answers(uri: str, password: str, home: Path) -> bool:
    """Whether the database answers a query. Raises EngineError if it never will."""
    try:
        with neo4j.GraphDatabase.driver(uri, auth=("neo4j", password), max_transaction_retry_time=0.0) as driver:
            told = driver.execute_query(STATUS, database_="system").records
            if told and told[0]["message"]:
                raise EngineError(
                    f"the engine can't open its database: {told[0]['message'].rstrip('.')}. A bulk import that was "
                    "broken off or a disk that was full leaves it so: repeat the import, restore a backup, or delete "
                    f"{state.folder(home) / 'data'} to begin anew"
                )
            driver.execute_query("RETURN 1", database_="neo4j")
    except AuthError as error:
        raise EngineError(
            f"the engine refuses the password in {state.folder(home) / 'password'}; it was changed by hand: "
            "put the right one there"
        ) from error
    except (DriverError, Neo4jError, OSError):
        return False  # it listens, but its database is not up yet
    return True


def _logs(home: Path) -> Path:
    return state.folder(home) / "logs"


def _console(home: Path) -> Path:
    return _logs(home) / "console.log"


def _set_log_aside(home: Path) -> None:
    """A log starts anew with each start, so that its end is about this one; the previous is kept."""
    current = _logs(home) / "neo4j.log"
    if current.exists():
        current.replace(_logs(home) / "neo4j.previous.log")


def _told(home: Path) -> str:
    """The engine's own log of this start, and what the JVM printed beside it."""
    paths = (_logs(home) / "neo4j.log", _console(home))
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in paths if path.exists())
