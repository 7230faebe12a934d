"""What an earlier version left is brought up, and what a newer one wrote is left alone, with a sentence."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from service import formats, home_lock, private
from service.engine import backup
from service.errors import ConflictError, SettingsError
from service.settings import Settings
from service.sources.eventlog import Entry
from service.sources.sqlitelog import SqliteLog

NEWER = "which a newer version of Ringsight wrote"


@pytest.fixture
def old_home(tmp_path: Path) -> Path:
    """A home of the first format, which noted none."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "index" / "live").mkdir(parents=True)
    return tmp_path


def command(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "service.cli", *arguments]
    environment = os.environ | {"RINGSIGHT_HOME": str(home)}
    return subprocess.run(call, env=environment, capture_output=True, text=True, check=False)


def test_an_old_home_is_brought_up_by_the_first_command(old_home: Path) -> None:
    assert command(old_home, "keys", "list").returncode == 0
    assert (old_home / formats.FILE).read_text() == "2\n"
    assert not (old_home / "index").exists(), "it is made anew"


def test_a_new_home_is_of_the_newest_format_from_its_first_command_on(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert command(home, "keys", "create", "first", "--role", "admin").returncode == 0
    assert (home / formats.FILE).read_text() == "2\n"
    second = command(home, "keys", "list")
    assert (second.returncode, "format" in second.stderr) == (0, False)


def test_a_home_that_cannot_be_written_is_checked_all_the_same(old_home: Path) -> None:
    (old_home / private.LOCK).mkdir()  # also root can't open it
    refused = command(old_home, "keys", "list")
    assert refused.returncode == 1 and "can't be written" in refused.stderr and "as a user who may" in refused.stderr
    (old_home / formats.FILE).write_text("99\n")
    refused = command(old_home, "keys", "list")
    assert refused.returncode == 1 and NEWER in refused.stderr
    (old_home / formats.FILE).write_text("2\n")
    assert command(old_home, "keys", "list").returncode == 0


def test_a_server_that_can_make_no_session_key_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file where the folder should be")
    refused = command(tmp_path, "serve", "--port", "1")
    assert refused.returncode == 1 and "Traceback" not in refused.stderr
    assert "session.key is not there and can't be made" in refused.stderr and "RINGSIGHT_HOME" in refused.stderr


def test_an_old_home_that_others_use_is_left_alone(old_home: Path) -> None:
    with (old_home / private.LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        with pytest.raises(ConflictError, match=r"brought up to this version of Ringsight, but it is in use: stop"):
            home_lock.share(old_home)
    assert (old_home / "index").exists()


@pytest.mark.parametrize("arguments", [["keys", "list"], ["detect"], ["journal", "verify"]])
def test_a_home_of_a_newer_version_is_refused_and_not_changed(old_home: Path, arguments: list[str]) -> None:
    (old_home / formats.FILE).write_text("99\n")
    before = sorted(old_home.rglob("*"))
    refused = command(old_home, *arguments)
    assert (refused.returncode, NEWER in refused.stderr, "Traceback" in refused.stderr) == (1, True, False)
    assert [path for path in sorted(old_home.rglob("*")) if path.name != private.LOCK] == before


def test_a_server_on_a_home_of_a_newer_version_does_not_start(old_home: Path) -> None:
    (old_home / formats.FILE).write_text("99\n")
    refused = command(old_home, "serve", "--port", "1")
    assert refused.returncode == 1 and NEWER in refused.stderr


@pytest.mark.parametrize("text", ["two", "", "-1", "0", "1_0", "2.0"])
def test_a_format_that_is_no_number_is_told_with_a_remedy(old_home: Path, text: str) -> None:
    (old_home / formats.FILE).write_text(f"{text}\n")
    with pytest.raises(SettingsError, match="holds no number; put back"):
        home_lock.share(old_home)


def test_of_many_that_begin_at_once_on_an_old_home_none_is_refused(old_home: Path) -> None:
    call = [sys.executable, "-m", "service.cli", "keys", "list"]
    environment = os.environ | {"RINGSIGHT_HOME": str(old_home)}
    begun = [subprocess.Popen(call, env=environment, stdout=subprocess.DEVNULL) for _ in range(6)]
    assert [process.wait() for process in begun] == [0] * 6


def test_a_new_home_is_of_this_format(tmp_path: Path) -> None:
    file = home_lock.share(tmp_path / "new")
    assert file is not None
    file.close()
    assert not formats.home_is_old(tmp_path / "new")
    assert (tmp_path / "new" / formats.FILE).exists()


def test_a_step_that_was_stopped_is_done_again(tmp_path: Path) -> None:
    done: list[object] = []

    def fails_once() -> None:
        done.append("second")
        if done.count("second") == 1:
            raise OSError("the power went")

    noted = [1]
    steps = [lambda: done.append("first"), fails_once]
    with pytest.raises(OSError, match="power"):
        formats.bring_up("it", noted[-1], steps, noted.append)
    formats.bring_up("it", noted[-1], steps, noted.append)
    assert (done, noted) == (["first", "second", "second"], [1, 2, 3])


def test_backups_carry_the_format_and_those_of_newer_versions_are_refused(old_home: Path, tmp_path: Path) -> None:
    home = old_home / "home"
    (home / "keys").mkdir(parents=True)
    (home / "keys" / "token.key").write_text("0" * 64)
    own = Settings(home=home, neo4j_uri="bolt://nowhere.invalid")
    backup.backup(own, tmp_path / "old.tar")
    (home / formats.FILE).write_text("99\n")
    backup.backup(own, tmp_path / "newer.tar")
    backup.restore(own, tmp_path / "old.tar", overwrite=True)
    assert formats.home_is_old(home), "the next command brings it up"
    with pytest.raises(SettingsError, match=NEWER):
        backup.restore(own, tmp_path / "newer.tar", overwrite=True)
    assert formats.home_is_old(home)


def test_event_ids_of_an_old_log_are_known_again_and_not_kept_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    SqliteLog(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT INTO once VALUES ('order of ann@example.com', 4000000000)")
        db.execute("PRAGMA user_version = 0")
    log = SqliteLog(path)
    assert log.append([Entry("a", "order of ann@example.com", b"{}"), Entry("a", "new", b"{}")]) == 1
    log.close()
    assert b"ann@example.com" not in path.read_bytes()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(SettingsError, match=NEWER):
        SqliteLog(path)
