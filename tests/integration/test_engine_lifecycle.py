"""The engine's life on real processes: start, start again, die, start anew, stop; and what goes wrong on the way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import neo4j
import psutil
import pytest
from neo4j.exceptions import AuthError

from service.bootstrap import open_graph
from service.engine import admin, config, local, lock, process, runtime, state, store
from service.engine.state import EngineState
from service.errors import ConflictError, EngineError, NotFoundError
from service.net import free_port
from service.settings import Settings
from tests.support import guardian


@pytest.fixture
def other(tmp_path: Path, home: Path) -> Iterator[Settings]:
    """The settings of a home of its own, whose engine is stopped at the end."""
    settings = Settings(home=tmp_path / "other", engine_heap_mb=600, engine_pagecache_mb=64)
    watcher = guardian.watch(settings.home)
    yield settings
    watcher.communicate()


def command(*words: str, **variables: str) -> subprocess.Popen[str]:
    call = [sys.executable, "-m", "service.cli", *words]
    environment = {**os.environ, **variables}
    return subprocess.Popen(call, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def answer(child: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = child.communicate(timeout=200)
    return child.returncode, out + err


def test_a_start_while_it_runs_says_so(engine: EngineState) -> None:
    code, told = answer(command("engine", "start"))
    assert code == 0
    assert "the engine runs already" in told and engine.bolt_uri in told and f"process {engine.pid}" in told


def test_status_tells_where_it_runs(engine: EngineState, home: Path) -> None:
    code, told = answer(command("engine", "status"))
    assert code == 0
    assert engine.bolt_uri in told and engine.browser_url in told and str(state.folder(home) / "password") in told


def test_only_the_owner_reads_the_password_and_no_command_line_shows_it(engine: EngineState, home: Path) -> None:
    assert (state.folder(home) / "password").stat().st_mode & 0o777 == 0o600
    assert state.password(home) not in " ".join(psutil.Process(engine.pid).cmdline())


def test_another_password_is_refused(engine: EngineState) -> None:
    with (
        neo4j.GraphDatabase.driver(engine.bolt_uri, auth=("neo4j", "neo4j")) as driver,
        pytest.raises(AuthError),
    ):
        driver.verify_connectivity()


def test_it_listens_on_the_loopback_address_only(engine: EngineState) -> None:
    links = psutil.Process(engine.pid).net_connections("tcp")
    listening = {(link.laddr.ip, link.laddr.port) for link in links if link.status == psutil.CONN_LISTEN}
    assert {port for _, port in listening} == {engine.bolt_port, engine.http_port}
    assert {ip.removeprefix("::ffff:") for ip, _ in listening} == {"127.0.0.1"}


def test_its_files_are_not_touched_while_it_runs(engine: EngineState, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ConflictError, match="ringsight engine stop"):
        admin.dump(settings, tmp_path / "x.dump")
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_dies_at_its_start_shows_its_log(other: Settings) -> None:
    with pytest.raises(EngineError, match="the engine ended while it started") as raised:
        local.start(other.model_copy(update={"engine_heap_mb": 3}))
    assert "OutOfMemory" in raised.value.detail and "raise RINGSIGHT_ENGINE_HEAP_MB" in raised.value.detail
    assert local.running(other.home) is None


@pytest.mark.faults
def test_a_port_that_another_engine_took_meanwhile_is_told_from_other_failures(
    other: Settings, engine: EngineState
) -> None:
    # So it is when two engines start at the same moment: both looked before either listened.
    local.make_folders(other.home)
    ready = runtime.prepare(other)
    for chosen in (config.Ports(engine.bolt_port, free_port(0)), config.Ports(free_port(0), engine.http_port)):
        with pytest.raises(process.PortTakenError):
            local._launch(other, ready, chosen)
        assert state.read(other.home) is None


def test_import_two_starts_at_once_a_kill_and_a_stop(other: Settings, tmp_path: Path) -> None:
    done = admin.import_full(other, {"Account": _accounts(tmp_path, 3)}, {})
    assert (done.nodes, done.relationships) == (3, 0)

    variables = {"RINGSIGHT_HOME": str(other.home), "RINGSIGHT_ENGINE_HEAP_MB": "600"}
    first, second = command("engine", "start", **variables), command("engine", "start", **variables)
    answers = [answer(first), answer(second)]
    assert [code for code, _ in answers] == [0, 0], answers
    assert sorted("runs already" in told for _, told in answers) == [False, True]
    assert _count(other) == 3

    known = local.running(other.home)
    assert known is not None
    psutil.Process(known.pid).kill()
    _await_end(known)
    started = local.start(other)
    assert not started.was_running and started.state.pid != known.pid
    assert _count(other) == 3

    assert local.stop(other.home) == started.state
    assert process.find(started.state) is None and state.read(other.home) is None
    code, told = answer(command("engine", "status", **variables))
    assert code == 1 and "does not run" in told


def test_a_guardian_stops_it_and_a_dump_brings_it_back(other: Settings, tmp_path: Path) -> None:
    admin.import_full(other, {"Account": _accounts(tmp_path, 5)}, {})
    dump = tmp_path / "x.dump"
    admin.dump(other, dump)
    admin.import_full(other, {"Account": _accounts(tmp_path, 2)}, {})
    admin.load(other, dump)
    admin.check(other)
    known = local.start(other).state
    assert _count(other) == 5
    guardian.watch(other.home).communicate()
    assert process.find(known) is None


@pytest.mark.faults
def test_a_file_that_the_importer_refuses_is_told_in_its_words(other: Settings, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("id:NOSUCHTYPE\n1\n")
    with pytest.raises(EngineError, match=r"neo4j-admin database import failed .exit \d+.(.|\n)*NOSUCHTYPE"):
        admin.import_full(other, {"Account": [bad]}, {})
    with pytest.raises(EngineError, match="can't open its database"):
        local.start(other)
    with pytest.raises(NotFoundError, match="there is no dump"):
        admin.load(other, tmp_path / "none.dump")


def test_a_damaged_jar_is_fetched_again_and_a_wrong_sum_is_refused(home: Path, tmp_path: Path) -> None:
    jars = lock.read(lock.LOCKS / "5.26.lock")
    small = min(jars, key=lambda jar: jar.size)
    [path] = store.ensure([small], tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    assert store.missing([small], tmp_path) == [small]
    store.ensure([small], tmp_path)
    assert store.missing([small], tmp_path) == []
    with pytest.raises(EngineError, match="its sha256 is"):
        store.ensure([replace(small, sha256="0" * 64)], tmp_path)


def _await_end(known: EngineState) -> None:
    deadline = time.monotonic() + 30
    while process.find(known) is not None and time.monotonic() < deadline:
        time.sleep(0.05)


def _accounts(folder: Path, number: int) -> list[Path]:
    header, rows = folder / "header.csv", folder / "rows.csv"
    header.write_text("id:ID(Account)\n")
    rows.write_text("".join(f"a{n}\n" for n in range(number)))
    return [header, rows]


def _count(settings: Settings) -> int:
    with open_graph(settings) as graph:
        records = graph.driver.execute_query("MATCH (n:Account) RETURN count(n) AS n", database_="neo4j").records
    return int(records[0]["n"])
