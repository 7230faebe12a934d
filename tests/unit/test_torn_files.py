"""Every file of a home that is appended to, cut at any byte: the next start goes on, and says what it dropped.

`pytest -m faults` cuts at every byte, of large files at 1,500 places; some of them are always tried.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from service.decisions import history
from service.decisions.compact import compact
from service.decisions.journal import Journal as Decisions
from service.ingest import rejects
from service.ingest.intake import Intake
from service.ingest.tokens import Tokeniser
from service.privacy.forget import erase_decisions
from service.security.journal import Journal as Changes
from service.security.keys import KeyStore
from service.security.roles import Role
from service.sources import wal
from service.sources.eventlog import Entry
from service.sources.lines import json_objects
from service.sources.sqlitelog import SqliteLog
from service.worker.replay import replay_rejects
from tests.unit.test_decision_journal import entry

TOKENISER = Tokeniser(b"k" * 32)
DAY = "20200101"  # of the decisions: long over


def refuse(home: Path, log: SqliteLog, account: str) -> None:
    """An event without a time, by HTTP."""
    Intake(log, TOKENISER, home, 10**6, 100).take(json_objects([{"account_id": account}], 0), Counter(), None)


def fill(home: Path) -> None:
    """What a few requests leave, copied while everything is open, as a crash would leave it."""
    with closing(SqliteLog(home / "events.db")) as log:
        log.append([Entry("a", None, b'{"account_id": "a"}')])
        log.append([Entry("b", None, b'{"account_id": "b"}')])
        for account in ("a", "b", "c"):
            refuse(home, log, account)
            Changes(home).append(who="ann", what="POST status", where="here", target=account)
        written = Decisions(home / "decisions", 90)
        owners: tuple[str | None, ...] = ("a", "b", None)
        for number, owner in enumerate(owners):
            written.write(entry(number, account=owner))
        KeyStore(home).create("ann", [Role.ADMIN], 3600)
        shutil.copytree(home, home.with_name("crashed"))
        written.close()
    for path in (home.with_name("crashed") / "decisions").glob("*.jsonl"):
        path.write_bytes(path.read_bytes().replace(b'"d-' + path.name[:8].encode(), b'"d-' + DAY.encode()))
        path.rename(path.with_name(DAY + path.name[8:]))


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("torn")
    fill(folder / "home")
    return folder / "crashed"


def event_log(home: Path) -> None:
    with closing(SqliteLog(home / "events.db")) as log:
        known = [record.body for partition in log.partitions() for record in log.read(partition, -1, 100)]
        assert set(known) <= {b'{"account_id": "a"}', b'{"account_id": "b"}'}
        log.append([Entry("c", None, b"{}")])
        assert sum(len(log.read(partition, -1, 100)) for partition in log.partitions()) == len(known) + 1


def refused(home: Path) -> None:
    with closing(SqliteLog(home / "other.db")) as log:
        refuse(home, log, "d")
        assert replay_rejects(home, log, TOKENISER).accepted == 0
    lines = [line for path in (home / "rejects").iterdir() for line in path.read_bytes().splitlines()]
    accounts = {event["account_id"] for line in lines if (event := rejects.event_of(line))}
    assert rejects.erase(home, [*accounts]) >= len(accounts) >= 1
    assert not any((home / "rejects").iterdir())


def changes(home: Path) -> None:
    journal = Changes(home)
    before = sum(1 for _ in journal.lines())
    journal.append(who="ann", what="after the crash", where="here")
    lines = list(journal.lines())
    assert lines[-1]["what"] == "after the crash"
    assert all(line["what"] == "journal mended" for line in lines[before:-1])


def decisions(home: Path) -> None:
    folder = home / "decisions"
    kept = history.decisions(folder, 0.0).collect().height if any(folder.glob("*.jsonl")) else 0
    assert erase_decisions(folder, ["a"]) <= 1
    compact(folder, "20190101")
    assert not list(folder.glob("*.jsonl"))
    after = Decisions(folder, 10**5)
    made = after.write({**entry(9), "at": int(1000 * time.time())})
    assert after.find(made)["score"] == 59.0
    after.close()
    assert history.decisions(folder, 0.0).collect().height == kept + 1


def keys(home: Path) -> None:
    store = KeyStore(home)
    assert [key.name for key in store.all()] == ["ann"]
    store.create("bob", [Role.ADMIN], 3600)


FILES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "write-ahead log": ("events.db-wal", event_log),
    "refused events": ("rejects/*.jsonl", refused),
    "journal": ("journal/journal.jsonl", changes),
    "decisions": ("decisions/*.jsonl", decisions),
}


def cut(crashed: Path, folder: Path, pattern: str, size: int) -> Path:
    """A copy of the home as it was left, with one file of so many bytes."""
    home = folder / str(size)
    shutil.copytree(crashed, home)
    (path,) = home.glob(pattern)
    with path.open("r+b") as file:
        file.truncate(size)
    return home


@pytest.fixture
def opened(crashed: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Callable[[Callable[[Any], object]], str]:
    """Opens an event log whose write-ahead log something was done to, and gives what is said of it."""

    def open_it(harm: Callable[[Any], object]) -> str:
        home = tmp_path / "home"
        shutil.copytree(crashed, home)
        with (home / "events.db-wal").open("r+b") as file:
            harm(file)
        caplog.clear()
        for _ in range(2):  # it is said once
            SqliteLog(home / "events.db").close()
        shutil.rmtree(home)
        said = [record for record in caplog.records if "events.db-wal is damaged" in record.getMessage()]
        assert len(said) <= 1 and all("check the disk" in record.getMessage() for record in said)
        return str(said[0].args[1]) if said and isinstance(said[0].args, tuple) else ""

    return open_it


def test_what_damage_to_the_write_ahead_log_takes_is_not_lost_in_silence(
    crashed: Path, opened: Callable[[Callable[[Any], object]], str]
) -> None:
    """SQLite reads up to the first bad or missing frame, and none behind a bad head; it says nothing of the rest."""

    def overwritten(at: int) -> str:
        return opened(lambda file: (file.seek(at), file.write(b"\xff\x00\xff")))

    found = wal.written(crashed / "events.db")
    assert found is not None and found.known == found.frames == found.ends[-1] and len(found.ends) >= 3
    frame = ((crashed / "events.db-wal").stat().st_size - 32) // found.frames
    assert opened(lambda file: None) == ""
    assert overwritten(32 + frame * found.ends[0] + 100) == f"{len(found.ends) - 1} transactions"
    assert {overwritten(at) for at in range(30)} == {f"{len(found.ends)} transactions"}
    for kept in range(found.frames):
        missing = f"{found.frames - kept} pages that are missing at its end"
        for more in (0, frame // 2):
            assert opened(lambda file, size=32 + frame * kept + more: file.truncate(size)) == missing  # type: ignore[misc]
    assert opened(lambda file: file.truncate(0)) == f"{found.frames} pages that are missing at its end"


def test_what_is_in_the_database_already_is_not_said_to_be_lost(tmp_path: Path) -> None:
    """As after a crash when all has been copied; and while others write on, and empty the log."""
    home, copy = tmp_path / "home", tmp_path / "copy"
    with closing(SqliteLog(home / "events.db")) as log:
        log.append([Entry("a", None, b"{}")])
        log._db().execute("PRAGMA wal_checkpoint(PASSIVE)")
        shutil.copytree(home, copy)
        before = wal.written(home / "events.db")
        log._db().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert wal.passed_over(log._db(), home / "events.db", before) == ""
        log.append([Entry("b", None, b"{}")])
        assert wal.passed_over(log._db(), home / "events.db", before) == ""
    (copy / "events.db-wal").write_bytes(b"")
    before = wal.written(copy / "events.db")
    assert before is not None and before.known == before.copied > 0
    with closing(SqliteLog(copy / "events.db")) as log:
        assert wal.passed_over(log._db(), copy / "events.db", before) == ""
        assert sum(len(log.read(partition, -1, 9)) for partition in log.partitions()) == 1


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.faults)])
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_anywhere_stops_nothing(crashed: Path, tmp_path: Path, name: str, every: bool) -> None:
    pattern, start = FILES[name]
    (path,) = crashed.glob(pattern)
    size = path.stat().st_size
    places = 1500 if every else 20
    for at in sorted({0, 1, size - 1, size, *range(7, size, max(1, size // places))}):
        home = cut(crashed, tmp_path, pattern, at)
        start(home)
        shutil.rmtree(home)


TORN: dict[str, tuple[str, Callable[[Path], Any], str]] = {
    "refused events": ("rejects/*.jsonl", refused, "torn lines"),
    "decisions": ("decisions/*.jsonl", decisions, "half a decision dropped"),
}


@pytest.mark.parametrize("name", TORN)
def test_it_says_what_it_dropped(crashed: Path, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    pattern, start, words = TORN[name]
    (path,) = crashed.glob(pattern)
    start(cut(crashed, tmp_path, pattern, path.stat().st_size - 9))
    assert words in caplog.text


def test_the_journal_says_it_in_a_line_of_its_own(crashed: Path, tmp_path: Path) -> None:
    home = cut(crashed, tmp_path, "journal/journal.jsonl", (crashed / "journal/journal.jsonl").stat().st_size - 9)
    changes(home)
    mended = [line for line in Changes(home).lines() if line["what"] == "journal mended"]
    assert [line["torn_bytes"] > 100 for line in mended] == [True]


def test_a_key_store_whose_writer_was_killed_goes_on(crashed: Path, tmp_path: Path) -> None:
    """Its rollback journal, cut anywhere."""
    data = (crashed / "keys" / "api-keys.sqlite").read_bytes()
    for size in range(0, len(data), 1111):
        home = tmp_path / str(size)
        shutil.copytree(crashed, home)
        (home / "keys" / "api-keys.sqlite-journal").write_bytes(data[:size])
        keys(home)
