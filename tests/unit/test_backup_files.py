"""Which files of a home a backup holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.engine.backup import kept_files
from service.ingest.rejects import RejectsFile
from tests.unit.test_ingest_rejects import refused


@pytest.mark.parametrize("source", ["backfill-2026.jsonl", ".events.jsonl", "backfill", "events.jsonl"])
def test_refused_events_are_in_a_backup_whatever_their_file_was_called(tmp_path: Path, source: str) -> None:
    with RejectsFile(tmp_path, f"{source}-0123-1", {"source": source}, "row") as rejects:
        rejects.add(refused("a"))
        kept = rejects.keep()
    assert list(kept_files(tmp_path)) == [kept]


@pytest.mark.parametrize(
    "name",
    [
        "backfill-x1/IP.csv",
        "backfill.unfinished",
        ".restore-x1/home/keys/token.key",
        "backups/.backup-x1/content/home/keys/token.key",
        "engine/data/store",
        "index/live/data.mdb",
        "demo/keys/token.key",
        "detect.lock",
        "eventlog/events.db-wal",
    ],
)
def test_unfinished_work_and_what_can_be_made_again_is_not(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    assert list(kept_files(tmp_path)) == []
