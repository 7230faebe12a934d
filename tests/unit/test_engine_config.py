"""Java, ports, memory and the locks between processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from service.engine import config, java, local, process, state
from service.engine.guard import exclusive
from service.errors import EngineError
from service.settings import Settings


def test_the_installed_java_is_new_enough() -> None:
    assert java.find(None).is_file()


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'openjdk version \"17.0.15\" 2025-04-15' >&2", r'not Java 21 or newer \(openjdk version "17\.0\.15"'),
        ("exit 3", "does not run"),
        ("true", "it named no version"),
    ],
)
def test_a_wrong_java_is_refused(tmp_path: Path, script: str, message: str) -> None:
    fake = tmp_path / "java"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    with pytest.raises(EngineError, match=message) as raised:
        java.find(fake)
    assert "RINGSIGHT_ENGINE_JAVA" in raised.value.detail


def test_a_java_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not run"):
        java.find(tmp_path / "java")


def test_a_class_path_with_spaces_and_quotes_reaches_java(tmp_path: Path) -> None:
    folder = tmp_path / 'with "quotes" and spaces'
    folder.mkdir()
    (folder / "Hello.java").write_text("")
    classpath = java.write_classpath([folder], tmp_path / "classpath")
    call = [str(java.find(None)), f"@{classpath}", "-XshowSettings:properties", "-version"]
    told = subprocess.run(call, capture_output=True, text=True, check=True).stderr
    assert f"java.class.path = {folder}\n" in told


def test_a_taken_default_port_gives_way_and_a_taken_set_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        by_default = Settings.model_construct(_fields_set=set(), engine_bolt_port=port, engine_http_port=port)
        chosen = config.ports(by_default)
        assert len({port, chosen.bolt, chosen.http}) == 3
        again = config.ports(by_default, defaults=False)
        assert len({port, again.bolt, again.http, chosen.bolt}) == 4
        with pytest.raises(EngineError, match=rf"port {port} on 127\.0\.0\.1 is taken; RINGSIGHT_ENGINE_BOLT_PORT"):
            config.ports(Settings(engine_bolt_port=port))


def test_memory_is_set_or_a_share_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert config.memory(Settings(engine_heap_mb=700, engine_pagecache_mb=300)) == config.Memory(700, 300)
    monkeypatch.setattr(config, "CGROUP_LIMIT", tmp_path / "memory.max")
    monkeypatch.delenv("RINGSIGHT_ENGINE_HEAP_MB", raising=False)
    monkeypatch.delenv("RINGSIGHT_ENGINE_PAGECACHE_MB", raising=False)
    (tmp_path / "memory.max").write_text("max\n")
    machine_mb = psutil.virtual_memory().total >> 20
    assert config.memory(Settings()).heap_mb <= max(machine_mb * 0.4, 1000)
    (tmp_path / "memory.max").write_text(str(4000 << 20))
    assert config.memory(Settings()) == config.Memory(1600, 800)


def test_the_configuration_listens_on_the_loopback_address_with_a_login(tmp_path: Path) -> None:
    conf = config.write(Settings(home=tmp_path), config.Ports(1234, 5678), config.Memory(100, 200))
    lines = (conf / "neo4j.conf").read_text().splitlines()
    assert {line for line in lines if "listen_address" in line} == {
        "server.default_listen_address=127.0.0.1",
        "server.bolt.listen_address=127.0.0.1:1234",
        "server.http.listen_address=127.0.0.1:5678",
    }
    assert {"dbms.security.auth_enabled=true", "dbms.usage_report.enabled=false"} <= set(lines)


def test_a_reused_process_id_is_not_the_engine(tmp_path: Path) -> None:
    me = psutil.Process(os.getpid())
    state.folder(tmp_path).mkdir()
    known = state.EngineState(me.pid, me.create_time(), 1, 2, "5.26")
    state.write(tmp_path, known)
    assert local.running(tmp_path) == known
    stale = state.EngineState(me.pid, me.create_time() - 60, 1, 2, "5.26")
    state.write(tmp_path, stale)
    assert local.running(tmp_path) is None
    assert local.stop(tmp_path) is None
    assert state.read(tmp_path) is None


def test_a_dead_child_that_nobody_reaped_is_not_running() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    born = psutil.Process(child.pid).create_time()
    known = state.EngineState(child.pid, born, 1, 2, "5.26")
    deadline = time.monotonic() + 20
    while process.find(known) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.find(known) is None
    child.wait()


def test_a_lock_waits_for_its_holder_and_goes_with_it(tmp_path: Path) -> None:
    hold = "import sys; from pathlib import Path; from service.engine.guard import exclusive\n"
    hold += "with exclusive(Path(sys.argv[1]), 1, 'x'):\n print('held', flush=True); sys.stdin.read()"
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", hold, path], stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(EngineError, match="another start holds"), exclusive(path, 0.3, "another start"):
            pass
        holder.kill()
    with exclusive(path, 5, "another start"):
        pass


def test_a_broken_state_file_is_named(tmp_path: Path) -> None:
    state.folder(tmp_path).mkdir()
    (state.folder(tmp_path) / "state.json").write_text("{")
    with pytest.raises(EngineError, match=r"state\.json can't be read"):
        local.running(tmp_path)


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="set RINGSIGHT_HOME to another folder"):
        local.start(Settings(home=tmp_path / "file"))


def test_stopping_where_nothing_ran_does_nothing(tmp_path: Path) -> None:
    assert local.stop(tmp_path / "never") is None
    assert not (tmp_path / "never").exists()


def test_a_relative_home_means_the_same_in_every_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings(home=Path("here")).home == tmp_path / "here"
    assert Settings(cache=Path("~/there")).cache == Path.home() / "there"
