"""Backup and restore of the files of a home; a graph of your own is not in them."""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from service import home_lock, private
from service.engine import backup, replaced
from service.engine.store import sha256
from service.errors import ConflictError, EngineError, InputError, NotFoundError
from service.settings import Settings

WRITER = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("PRAGMA wal_autocheckpoint=0")
db.execute("CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, body TEXT)")
db.execute("CREATE INDEX IF NOT EXISTS bodies ON events (body)")
for number in range(2000):
    db.execute("INSERT INTO events (body) VALUES (?)", (sys.argv[2] * 20 + str(number),))
print("written", flush=True)
time.sleep(60)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "home" / "keys").mkdir(parents=True)
    (tmp_path / "home" / "keys" / "token.key").write_text("0" * 64)
    return Settings(home=tmp_path / "home", neo4j_uri="bolt://nowhere.invalid")


def write_and_die(database: Path, word: str) -> None:
    """Writes 2,000 events in a process that is killed: what it wrote last stays in the write-ahead log."""
    database.parent.mkdir(exist_ok=True)
    call = [sys.executable, "-c", WRITER, str(database), word]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "written\n"
        writer.send_signal(signal.SIGKILL)


def contents(home: Path) -> dict[str, bytes]:
    names = (path for path in home.rglob("*") if path.is_file() and path.name != private.LOCK)
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in names}


def test_a_killed_servers_write_ahead_log_does_not_survive_a_restore(settings: Settings, tmp_path: Path) -> None:
    database = settings.home / "eventlog" / "events.db"
    write_and_die(database, "first")
    backup.backup(settings, tmp_path / "b.tar")
    write_and_die(database, "second")
    assert database.with_name("events.db-wal").stat().st_size
    backup.restore(settings, tmp_path / "b.tar", overwrite=True)
    assert [path.name for path in database.parent.iterdir()] == ["events.db"]
    with closing(sqlite3.connect(database)) as restored:
        assert restored.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert restored.execute("SELECT count(*) FROM events").fetchone() == (2000,)
        assert restored.execute("SELECT count(*) FROM events WHERE body LIKE 'second%'").fetchone() == (0,)


def test_a_restore_can_be_undone_and_that_too(settings: Settings, tmp_path: Path) -> None:
    backup.backup(settings, tmp_path / "b.tar")
    (settings.home / "keys" / "token.key").write_text("new")
    write_and_die(settings.home / "eventlog" / "events.db", "later")
    (settings.home / "index").mkdir()
    (settings.home / "index" / "data.mdb").write_text("derived")
    before = contents(settings.home)
    backup.restore(settings, tmp_path / "b.tar", overwrite=True)
    after = contents(settings.home)
    assert after["keys/token.key"] == b"0" * 64
    assert not [name for name in after if name.startswith(("index", "eventlog"))]
    backup.undo(settings)
    found = contents(settings.home)
    assert {name: content for name, content in found.items() if not name.startswith("replaced")} == before
    backup.undo(settings)
    assert contents(settings.home) == after


@pytest.mark.parametrize("point", ["moving away", "putting in place", "moving back"])
def test_a_restore_that_was_killed_is_taken_back_by_the_next(settings: Settings, tmp_path: Path, point: str) -> None:
    (settings.home / "eventlog").mkdir()
    (settings.home / "eventlog" / "events.db").write_text("kept")
    before = contents(settings.home)
    aside = settings.home / ".replaced-killed"
    aside.mkdir()
    (settings.home / "keys").rename(aside / "keys")
    if point != "moving away":
        (settings.home / "eventlog").rename(aside / "eventlog")
        (settings.home / "keys").mkdir()
        (settings.home / "keys" / "token.key").write_text("half")
        (aside / replaced.ALL_MOVED).touch()
    if point == "moving back":
        (aside / replaced.ALL_MOVED).unlink()
        (settings.home / "keys" / "token.key").unlink()
        (settings.home / "keys").rmdir()
        (aside / "eventlog").rename(settings.home / "eventlog")
    replaced.recover(settings.home)
    assert contents(settings.home) == before


def test_there_is_nothing_to_undo_at_first(settings: Settings) -> None:
    with pytest.raises(NotFoundError, match="nothing to bring back"):
        backup.undo(settings)


def packed(file: Path, files: dict[str, bytes], manifest: object) -> None:
    with tarfile.open(file, "w") as archive:
        for name, content in {**files, backup.MANIFEST: json.dumps(manifest).encode()}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def test_a_restore_that_fails_leaves_the_home_as_it_was(settings: Settings, tmp_path: Path) -> None:
    write_and_die(settings.home / "eventlog" / "events.db", "word")
    backup.backup(settings, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as archive:
        archive.extractall(tmp_path / "c", filter="data")
    damaged = bytearray((tmp_path / "c" / "home" / "eventlog" / "events.db").read_bytes())
    damaged[4096:40960] = bytes(40960 - 4096)
    manifest = json.loads((tmp_path / "c" / backup.MANIFEST).read_text())
    (tmp_path / "events.db").write_bytes(damaged)
    sums = {"home/eventlog/events.db": sha256(tmp_path / "events.db")}
    packed(tmp_path / "d.tar", {"home/eventlog/events.db": bytes(damaged)}, {**manifest, "sums": sums})
    before = contents(settings.home)
    with pytest.raises(EngineError, match="damaged"):
        backup.restore(settings, tmp_path / "d.tar", overwrite=True)
    assert contents(settings.home) == before


@pytest.mark.parametrize(
    "manifest",
    [
        [],
        None,
        "x",
        {},
        {"made_at": "now", "engine_line": "5.26", "sums": []},
        {"made_at": "now", "engine_line": "5.26", "sums": None},
        {"made_at": "now", "engine_line": 5, "sums": {}},
        {"made_at": "now", "engine_line": "x", "sums": {}},
        {"made_at": "now", "engine_line": "5.26", "sums": {"home/x": 1}},
        {"made_at": "now", "engine_line": "5.26", "sums": {"x": "0"}},
        {"made_at": "now", "engine_line": "5.26", "sums": {}},
    ],
)
def test_what_its_manifest_does_not_name_is_not_restored(settings: Settings, tmp_path: Path, manifest: object) -> None:
    packed(tmp_path / "b.tar", {"home/keys/session.key": b"theirs"}, manifest)
    before = contents(settings.home)
    with pytest.raises(InputError, match=r"is (damaged|not a whole backup)"):
        backup.restore(settings, tmp_path / "b.tar", overwrite=True)
    assert contents(settings.home) == before


def test_rejects_of_any_file_are_in_a_backup(settings: Settings, tmp_path: Path) -> None:
    (settings.home / "rejects").mkdir()
    for name in ("backfill-2026.jsonl", ".x.jsonl"):
        (settings.home / "rejects" / name).write_text("{}\n")
    manifest = backup.backup(settings, tmp_path / "b.tar")
    assert {"home/rejects/backfill-2026.jsonl", "home/rejects/.x.jsonl"} <= set(manifest.sums)


@pytest.fixture
def server(settings: Settings) -> Iterator[None]:
    """A process of the server, as gunicorn loads it."""
    environment = os.environ | {"RINGSIGHT_HOME": str(settings.home), "RINGSIGHT_AUTH": "off"}
    call = [sys.executable, "-c", "import service.wsgi, time; print('up', flush=True); time.sleep(60)"]
    with subprocess.Popen(call, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "up\n"
        yield
        process.kill()


@pytest.mark.usefixtures("server")
def test_no_home_is_restored_while_its_server_lives(settings: Settings, tmp_path: Path) -> None:
    backup.backup(settings, tmp_path / "b.tar")
    before = contents(settings.home)
    with pytest.raises(ConflictError, match="is in use"):
        backup.restore(settings, tmp_path / "b.tar", overwrite=True)
    with pytest.raises(ConflictError, match="is in use"):
        backup.undo(settings)
    assert contents(settings.home) == before


def test_no_command_runs_while_a_home_is_restored(settings: Settings) -> None:
    environment = os.environ | {"RINGSIGHT_HOME": str(settings.home)}
    call = [sys.executable, "-m", "service.cli", "keys", "list"]
    with home_lock.alone(settings.home):
        refused = subprocess.run(call, env=environment, capture_output=True, text=True, check=False)
    assert (refused.returncode, "is being restored" in refused.stderr) == (1, True)
    assert subprocess.run(call, env=environment, capture_output=True, check=False).returncode == 0
