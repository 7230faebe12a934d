"""Refused events on the disk: torn lines, odd separators, full disks and what killed processes leave behind."""

from __future__ import annotations

import json
import os
import resource
import stat
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from service.errors import UnavailableError
from service.ingest.clean import clean
from service.ingest.intake import Intake
from service.ingest.rejects import RejectsFile, append_refused, erase, event_of, expire, put_back, taken
from service.ingest.tokens import Tokeniser
from service.sources.lines import json_objects
from service.sources.sqlitelog import SqliteLog
from service.worker.replay import replay_rejects

NOW = datetime(2026, 3, 10, tzinfo=UTC)
TOKENISER = Tokeniser(b"k" * 32)
SEPARATORS = ["\u0085", "\u2028", "\u2029", "\x1c", "\x1d", "\x1e", "\v", "\f", "\r", "\n", "\0", "\ud800"]


def refused(*accounts: str, ip: str = "999.1.1.1") -> pl.DataFrame:
    rows = [{"account_id": account, "occurred_at": "2026-03-01T00:00:00Z", "ip": ip} for account in accounts]
    return clean(json_objects(rows, 0), TOKENISER, NOW).refused


def add(home: Path, *accounts: str, name: str = "http-day") -> Path:
    append_refused(home, name, {"source": "http"}, "index", refused(*accounts))
    return home / "rejects" / f"{name}.jsonl"


def accounts(path: Path) -> list[str]:
    return [json.loads(line)["event"]["account_id"] for line in path.read_bytes().split(b"\n") if line]


@pytest.mark.parametrize("odd", SEPARATORS)
def test_no_separator_within_a_refused_event_stops_an_erasure_or_a_replay(tmp_path: Path, odd: str) -> None:
    append_refused(tmp_path, "a", {"source": "http"}, "index", refused(f"x{odd}y", "b", ip=f"1.2.3.4{odd}"))
    with RejectsFile(tmp_path, "b", {"source": "file"}, "row") as file:
        file.add(refused(f"x{odd}y", "b"))
        file.keep()
    with closing(SqliteLog(tmp_path / "events.db")) as log:
        done = replay_rejects(tmp_path, log, TOKENISER)
    assert (done.accepted, done.refused, done.unreadable) == (0, 4, 0)
    assert erase(tmp_path, ["b"]) == 2
    left = [line for _, lines in taken(tmp_path) for line in lines]
    assert len(left) == 2 and all(event_of(line) for line in left)


@pytest.mark.parametrize(
    "torn", [b'{"source": "http", "rec', b"\xff\xfe", b"[1]", b'{"event": 3}', b"null", b"{}", b"[" * 10**5]
)
def test_a_torn_line_stops_neither_an_erasure_nor_a_replay(tmp_path: Path, torn: bytes) -> None:
    path = add(tmp_path, "a", "b")
    with path.open("ab") as file:
        file.write(torn)
    with closing(SqliteLog(tmp_path / "events.db")) as log:
        done = replay_rejects(tmp_path, log, TOKENISER)
    assert (done.accepted, done.refused, done.unreadable) == (0, 2, 1)
    assert erase(tmp_path, ["b"]) == 1
    assert accounts(path) == ["a"], "nobody knows whose half a line is"
    assert list(path.parent.iterdir()) == [path]


def test_what_comes_after_a_torn_line_is_a_line_of_its_own(tmp_path: Path) -> None:
    path = add(tmp_path, "a")
    with path.open("ab") as file:
        file.write(b'{"source": "ht')
    add(tmp_path, "b")
    assert erase(tmp_path, ["a"]) == 1
    assert accounts(path) == ["b"]


def test_a_refused_value_goes_with_its_account_and_stays_refused_in_a_replay(tmp_path: Path) -> None:
    rows = [{"account_id": name, "occurred_at": "2026-03-01T00:00:00Z", "ip": "1.2.3.4", "uses": "x"} for name in "ab"]
    rows.append(rows[0] | {"occurred_at": "2026-03-20T00:00:00Z"})
    cleaned = clean(json_objects(rows, 0), TOKENISER, NOW)
    assert (len(cleaned.good), len(cleaned.values), len(cleaned.refused)) == (2, 2, 1)
    append_refused(tmp_path, "day", {"source": "http"}, "index", pl.concat([cleaned.refused, cleaned.values]))
    with closing(SqliteLog(tmp_path / "events.db")) as log:
        done = replay_rejects(tmp_path, log, TOKENISER)
        assert (done.accepted, done.refused, done.unreadable) == (1, 3, 0), "of the late event its uses stay refused"
        assert sum(len(log.read(n, -1, 10)) for n in log.partitions()) == 1
        assert replay_rejects(tmp_path, log, TOKENISER).accepted == 0
    assert accounts(tmp_path / "rejects" / "day.jsonl") == ["a", "b", "a"]
    assert erase(tmp_path, ["a"]) == 2
    assert accounts(tmp_path / "rejects" / "day.jsonl") == ["b"]


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """No file can grow beyond this: as on a full disk, a write does what there is room for, and the next one fails."""
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, unlimited[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)


def test_on_a_full_disk_nothing_is_half_written_and_it_says_so(tmp_path: Path) -> None:
    path = add(tmp_path, "a", "b")
    before = path.read_bytes()
    with files_end_at(len(before) + 1000), pytest.raises(UnavailableError, match="make room"):
        add(tmp_path, *(f"account-{n}" for n in range(100)))
    assert path.read_bytes() == before


def test_no_event_is_taken_if_those_refused_beside_it_can_not_be_kept(tmp_path: Path) -> None:
    rows = [{"account_id": "a", "occurred_at": "2026-03-01T00:00:00Z", "ip": ip} for ip in ("1.2.3.4", "999.1.1.1")]
    with closing(SqliteLog(tmp_path / "events.db")) as log:
        with files_end_at(100), pytest.raises(UnavailableError, match="make room"):
            Intake(log, TOKENISER, tmp_path, 10**6, 100).take(json_objects(rows, 0), Counter(), None)
        assert set(log.ends().values()) == {-1}


def test_a_sender_of_bad_events_can_not_fill_the_disk(tmp_path: Path) -> None:
    rows = [{"account_id": "a" * 200, "occurred_at": "2026-03-01T00:00:00Z", "ip": ip} for ip in ("1.2.3.4", "x")]
    with closing(SqliteLog(tmp_path / "events.db")) as log:
        intake = Intake(log, TOKENISER, tmp_path, 10**6, rejects_max_mb=1)
        first = intake.take(json_objects(rows * 4000, 0), Counter(), None)
        (file,) = (tmp_path / "rejects").iterdir()
        size = file.stat().st_size
        again = intake.take(json_objects(rows * 4000, 0), Counter(), None)
    assert size > 1 << 20 and file.stat().st_size == size
    assert (first.kept, again.kept) == (True, False)
    assert (again.accepted, len(again.refused)) == (4000, 4000), "good events go on, and the sender is told"
    erase(tmp_path, ["a" * 200])
    with closing(SqliteLog(tmp_path / "events.db")) as log:
        assert Intake(log, TOKENISER, tmp_path, 10**6, 1).take(json_objects(rows, 0), Counter(), None).kept


def test_what_is_added_while_a_file_is_gone_through_stays(tmp_path: Path) -> None:
    path = add(tmp_path, "a", "b")
    for aside, lines in taken(tmp_path):
        add(tmp_path, "c")
        put_back(aside, lines[1:])
    assert sorted(accounts(path)) == ["b", "c"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_draft_that_a_killed_process_left_is_removed_and_one_at_work_is_not(tmp_path: Path) -> None:
    folder = add(tmp_path, "a").parent
    (folder / "events.jsonl-1.partial-99").write_bytes(b'{"event": {"account_id": "b"}}')
    with RejectsFile(tmp_path, "working", {"source": "file"}, "row") as file:
        file.add(refused("c"))
        assert erase(tmp_path, ["a"]) == 1
        assert [path.name for path in folder.iterdir()] == [f"working.partial-{os.getpid()}"]
        kept = file.keep()
    assert kept is not None and accounts(kept) == ["c"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    (folder / "events.jsonl-1.partial-99").write_bytes(b"")
    os.utime(kept, (0, time.time() - 10 * 86_400))
    assert expire(tmp_path, 5) == 1
    assert list(folder.iterdir()) == []
