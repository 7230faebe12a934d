"""Backup and restore: the same graph, to the digest, and the same files; a damaged backup changes nothing."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from service.bootstrap import open_graph
from service.engine import backup, local
from service.engine.store import sha256
from service.errors import ConflictError, InputError, NotFoundError
from service.settings import Settings
from tests.support import digest, guardian

EVENTS = [
    {"account_id": "a", "occurred_at": "2026-01-01T00:00:00Z", "type": "signup", "ip": "203.0.113.7"},
    {"account_id": "a", "occurred_at": "2026-01-02T00:00:00Z", "type": "payment", "payment_fingerprint": "card"},
    {"account_id": "b", "occurred_at": "2026-01-03T00:00:00Z", "ip": "203.0.113.7", "device_id": "d", "uses": 7},
    {"account_id": "c", "occurred_at": "never", "ip": "203.0.113.7"},
]


@pytest.fixture
def homes(tmp_path: Path, home: Path) -> tuple[Settings, Settings]:
    """The settings of two homes of their own."""
    first, second = (tmp_path / name for name in ("first", "second"))
    return (
        Settings(home=first, engine_heap_mb=600, engine_pagecache_mb=64, engine_line="5.26"),
        Settings(home=second, engine_heap_mb=600, engine_pagecache_mb=64, engine_line="5.26"),
    )


@pytest.fixture
def guarded(homes: tuple[Settings, Settings]) -> Iterator[None]:
    """Stops the engines of both homes at the end."""
    watchers = [guardian.watch(settings.home) for settings in homes]
    yield
    for watcher in watchers:
        watcher.communicate()


def run(settings: Settings, *words: str, folder: Path | None = None) -> str:
    own = {"HOME": settings.home, "ENGINE_HEAP_MB": settings.engine_heap_mb, "ENGINE_LINE": settings.engine_line}
    environment = os.environ | {f"RINGSIGHT_{name}": str(value) for name, value in own.items()}
    call = [sys.executable, "-m", "service.cli", *words]
    done = subprocess.run(call, env=environment, capture_output=True, text=True, timeout=300, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def graph_digest(settings: Settings) -> digest.Digest:
    with open_graph(settings) as graph:
        return digest.digest(graph)


@pytest.mark.usefixtures("guarded")
def test_a_home_comes_back_with_the_same_graph_and_files(homes: tuple[Settings, Settings], tmp_path: Path) -> None:
    first, second = homes
    events = tmp_path / "events.jsonl"
    events.write_text("".join(json.dumps(event) + "\n" for event in EVENTS))
    run(first, "engine", "start")
    run(first, "ingest", str(events))
    before = graph_digest(first)
    assert before.counts["accounts"] == 2

    told = run(first, "backup", "x.tar", "--stop", folder=tmp_path)
    assert "the graph and" in told
    assert local.running(first.home) is not None
    assert (tmp_path / "x.tar").stat().st_mode & 0o777 == 0o600
    local.stop(first.home)

    assert "restored" in run(second, "restore", str(tmp_path / "x.tar"))
    local.start(second)
    assert graph_digest(second) == before
    for name in ("keys/token.key", next((first.home / "rejects").iterdir()).relative_to(first.home)):
        assert (second.home / name).read_bytes() == (first.home / name).read_bytes()
    assert (second.home / "keys" / "token.key").stat().st_mode & 0o077 == 0
    run(second, "journal", "verify")
    with pytest.raises(ConflictError, match="give --overwrite"):
        backup.restore(second, tmp_path / "x.tar", overwrite=False)
    with pytest.raises(ConflictError, match="ringsight engine stop"):
        backup.restore(second, tmp_path / "x.tar", overwrite=True)

    events.write_text(json.dumps({"account_id": "later", "occurred_at": "2026-01-04T00:00:00Z", "type": "signup"}))
    run(second, "ingest", str(events))
    local.stop(second.home)
    run(second, "restore", str(tmp_path / "x.tar"), "--overwrite")
    local.start(second)
    assert graph_digest(second) == before
    local.stop(second.home)
    run(second, "restore", "--undo")
    local.start(second)
    assert graph_digest(second).counts["accounts"] == 3


def fill(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "keys").mkdir()
    (settings.home / "keys" / "token.key").write_text("secret")
    (settings.home / "index").mkdir()
    (settings.home / "index" / "data.mdb").write_text("derived")
    (settings.home / "detect.lock").touch()


def test_a_database_file_is_copied_while_it_is_written(homes: tuple[Settings, Settings], tmp_path: Path) -> None:
    first, second = homes
    fill(first)
    with closing(sqlite3.connect(first.home / "events.db")) as live:
        live.execute("PRAGMA journal_mode=WAL")
        live.execute("CREATE TABLE t (n)")
        live.execute("INSERT INTO t VALUES (1)")
        live.commit()
        manifest = backup.backup(first, tmp_path / "x.tar")
    assert sorted(manifest.sums) == ["home/events.db", "home/keys/token.key"]
    (second.home / "index").mkdir(parents=True)
    backup.restore(second, tmp_path / "x.tar", overwrite=False)
    assert not (second.home / "index").exists()
    with closing(sqlite3.connect(second.home / "events.db")) as copy:
        assert copy.execute("SELECT n FROM t").fetchall() == [(1,)]


def test_overwriting_leaves_nothing_of_before(homes: tuple[Settings, Settings], tmp_path: Path) -> None:
    first, second = homes
    fill(first)
    backup.backup(first, tmp_path / "x.tar")
    fill(second)
    (second.home / "rejects").mkdir()
    (second.home / "rejects" / "old.jsonl").touch()
    backup.restore(second, tmp_path / "x.tar", overwrite=True)
    assert [path.relative_to(second.home).as_posix() for path in backup.kept_files(second.home)] == ["keys/token.key"]


@pytest.mark.parametrize("harm", ["cut", "changed", "no manifest", "not a tar", "climbs out"])
def test_a_damaged_backup_changes_nothing(homes: tuple[Settings, Settings], tmp_path: Path, harm: str) -> None:
    first, second = homes
    fill(first)
    file = tmp_path / "x.tar"
    backup.backup(first, file)
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:1000])
    elif harm == "changed":
        file.write_bytes(file.read_bytes().replace(b"secret", b"Secret"))
    elif harm == "not a tar":
        file.write_text("hello")
    else:
        with tarfile.open(file, "w") as archive:
            archive.add(__file__, "../out.txt" if harm == "climbs out" else "home/x")
    fill(second)
    with pytest.raises(InputError, match=r"x\.tar is (damaged|not a whole backup)"):
        backup.restore(second, file, overwrite=True)
    assert (second.home / "keys" / "token.key").read_text() == "secret"
    assert {path.name for path in second.home.iterdir()} == {"keys", "index", "detect.lock", "home.lock"}
    assert not (tmp_path / "out.txt").exists()


def test_what_is_not_there_is_named(homes: tuple[Settings, Settings], tmp_path: Path) -> None:
    first, _ = homes
    with pytest.raises(NotFoundError, match="nothing to back up"):
        backup.backup(first, tmp_path / "x.tar")
    fill(first)
    with pytest.raises(InputError, match="there is no folder"):
        backup.backup(first, tmp_path / "no" / "x.tar")
    with pytest.raises(NotFoundError, match="there is no file"):
        backup.restore(first, tmp_path / "no.tar", overwrite=True)


def test_a_newer_line_does_not_go_back(homes: tuple[Settings, Settings], tmp_path: Path) -> None:
    _, second = homes
    content = tmp_path / "content"
    content.mkdir()
    (content / backup.DUMP).write_text("x")
    sums = {backup.DUMP: sha256(content / backup.DUMP)}
    manifest = {"made_at": "2026-11-24T00:00:00+00:00", "engine_line": "2026.08", "sums": sums}
    (content / backup.MANIFEST).write_text(json.dumps(manifest))
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.add(content, ".")
    with pytest.raises(ConflictError, match=r"RINGSIGHT_ENGINE_LINE=2026\.08"):
        backup.restore(second, tmp_path / "x.tar", overwrite=False)
