"""What is left of persons where no query looks."""

from __future__ import annotations

import os
import time
from contextlib import closing
from pathlib import Path

from service.privacy.retention import remove_left
from service.sources.eventlog import Entry
from service.sources.sqlitelog import SqliteLog


def test_work_folders_of_killed_commands_go_after_a_day(tmp_path: Path) -> None:
    for name in ("backfill-abc", ".restore-abc", ".replaced-abc", "rejects", "backfill-now"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep" / "events.csv").write_text("a")
        old = time.time() - (0 if name.endswith("now") else 2 * 86_400)
        os.utime(tmp_path / name, (old, old))
    (tmp_path / "backfill.unfinished").touch()
    remove_left(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        *(".replaced-abc", "rejects", "backfill-now", "backfill.unfinished")
    }


def test_the_event_log_keeps_no_id_of_an_event_beside_it(tmp_path: Path) -> None:
    body = b'{"account_id": "a", "event_id": "ana-smith-signup"}'
    with closing(SqliteLog(tmp_path / "events.db")) as log:
        assert log.append([Entry("a", "ana-smith-signup", body)]) == 0
        assert log.append([Entry("a", "ana-smith-signup", body)]) == 1
        assert log.erase(["a"]) == 1
        assert log.append([Entry("a", "ana-smith-signup", body)]) == 1  # a sender that repeats it brings nobody back
    assert b"ana-smith" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
