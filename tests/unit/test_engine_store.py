"""Locks and the store of jars. Nothing here needs a network: what is fetched comes from a registry folder on disk."""

from __future__ import annotations

import hashlib
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from service.engine import lock, store
from service.engine.lock import Jar
from service.errors import EngineError

LINES = sorted(lock.LOCKS.glob("*.lock"))


def jar(content: bytes, name: str = "tool") -> Jar:
    return Jar("org.example", name, "1.0", "", hashlib.sha256(content).hexdigest(), len(content))


@pytest.mark.parametrize("path", LINES, ids=lambda path: path.stem)
def test_a_committed_lock_names_each_file_once_with_a_whole_sum(path: Path) -> None:
    jars = lock.read(path)
    assert len({item.filename for item in jars}) == len(jars) > 300
    assert all(len(item.sha256) == 64 and item.size > 0 for item in jars)
    assert any(item.plugin for item in jars)


def test_locks_agree_on_the_files_that_they_share() -> None:
    sums: dict[str, set[str]] = {}
    for path in LINES:
        for item in lock.read(path):
            sums.setdefault(item.filename, set()).add(item.sha256)
    assert {name for name, found in sums.items() if len(found) > 1} == set()


def test_a_line_of_a_lock_survives_reading_and_writing(tmp_path: Path) -> None:
    item = Jar("g", "a", "1", "linux-x86_64", "0" * 64, 12, plugin=True)
    (tmp_path / "x.lock").write_text(f"# root\n{item.line()}\n")
    assert lock.read(tmp_path / "x.lock") == [item]


def test_a_broken_lock_is_refused_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "x.lock").write_text("# root\ng:a:1 abc\n")
    with pytest.raises(EngineError, match=r"x\.lock, line 2"):
        lock.read(tmp_path / "x.lock")


def test_a_half_or_changed_jar_counts_as_missing(tmp_path: Path) -> None:
    whole, half, changed, absent = (jar(b"content", name) for name in ("whole", "half", "changed", "absent"))
    (tmp_path / whole.filename).write_bytes(b"content")
    (tmp_path / half.filename).write_bytes(b"cont")
    (tmp_path / changed.filename).write_bytes(b"CONTENT")
    assert store.missing([whole, half, changed, absent], tmp_path) == [half, changed, absent]


def test_jars_that_are_there_need_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_network(monkeypatch)
    (tmp_path / jar(b"content").filename).write_bytes(b"content")
    assert store.ensure([jar(b"content")], tmp_path) == [tmp_path / "tool-1.0.jar"]


def test_no_network_is_said_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_network(monkeypatch)
    monkeypatch.setattr(store, "ATTEMPTS", 1)
    with pytest.raises(
        EngineError, match=r"could not fetch org\.example:tool:1\.0: the network gave no answer"
    ) as raised:
        store.ensure([jar(b"content")], tmp_path)
    assert "check the network" in raised.value.detail
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_full_disk_is_said_before_anything_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10 << 20, 9 << 20, 1 << 20))
    with pytest.raises(EngineError, match=r"no disk space .* has 1 MB free and 51 MB are needed"):
        store.ensure([jar(b"content")], tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="set RINGSIGHT_CACHE elsewhere"):
        store.ensure([jar(b"content")], tmp_path / "file" / "jars")


def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sends every request to a port of this machine where nothing listens."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
