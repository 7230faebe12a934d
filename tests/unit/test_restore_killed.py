"""A restore, and an undo of one, that are killed at any moment leave the home as it was or as it was to be, never half.

A process ends itself (SIGKILL) before the n-th change to the file system, for every n.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from service import home_lock, private
from service.engine import backup, replaced
from service.errors import ConflictError
from service.settings import Settings

CHANGES = frozenset({"os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree", "shutil.move"})
IGNORED = (private.LOCK, "format")


def contents(home: Path) -> dict[str, str]:
    """The files of a home that count; what a restore replaced is not among them."""
    files = (path for path in home.rglob("*") if path.is_file() and path.name not in IGNORED)
    return {
        path.relative_to(home).as_posix(): path.read_text()
        for path in files
        if path.relative_to(home).parts[0] != replaced.KEPT_IN
    }


def write(home: Path, word: str) -> None:
    """A home with a graph; `word` is in each file, and some files are only in one of two."""
    for name in (
        "keys/token.key",
        "journal/journal.jsonl",
        f"only/{word}",
        f"{word}.txt",
        "engine/data/databases/neo4j/x",
    ):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(word)
    (home / "engine" / "jars").mkdir(exist_ok=True)


def killed_at(number: int, work: Callable[[], object]) -> bool:
    """Whether a child that does `work` was killed before its change of that number: not, if it makes fewer."""
    child = os.fork()
    if child == 0:
        left = [number]

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            if event in CHANGES or (event == "open" and str(arguments[1] or "").startswith(("w", "a", "x"))):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def start(home: Path) -> None:
    """What the next command, worker or server does first."""
    file = home_lock.share(home)
    assert file is not None
    file.close()


def replace(home: Path) -> None:
    """What a restore does with a home, its graph included."""
    with home_lock.alone(home):
        replaced.recover(home)
        with replaced.replacing(home, graph=True):
            write(home, "new")


def undo(home: Path) -> None:
    backup.undo(Settings(home=home))


def fresh(tmp_path: Path, number: int, *steps: Callable[[Path], None]) -> Path:
    home = tmp_path / str(number)
    write(home, "old")
    start(home)
    for step in steps:
        step(home)
    return home


@pytest.mark.parametrize("before", [(), pytest.param((replace, undo), marks=pytest.mark.faults)])
def test_a_killed_restore_leaves_the_old_home_or_the_new_one(
    tmp_path: Path, before: tuple[Callable[[Path], None], ...]
) -> None:
    old, new = contents(fresh(tmp_path, 0, *before)), contents(fresh(tmp_path, -1, replace))
    number = 1
    while True:
        home = fresh(tmp_path, number, *before)
        if not killed_at(number, lambda home=home: replace(home)):  # type: ignore[misc]
            break
        start(home)
        assert contents(home) in (old, new), number
        assert not list(home.glob(".re*")), "nothing is left over"
        replace(home)
        assert contents(home) == new
        number += 1
    assert number > 20


def test_a_killed_undo_loses_neither_of_the_two(tmp_path: Path) -> None:
    old, new = contents(fresh(tmp_path, 0)), contents(fresh(tmp_path, -1, replace))
    number = 1
    while True:
        home = fresh(tmp_path, number, replace)
        if not killed_at(number, lambda home=home: undo(home)):  # type: ignore[misc]
            break
        start(home)
        first = contents(home)
        undo(home)
        assert sorted(map(str, (first, contents(home)))) == sorted(map(str, (old, new))), number
        number += 1
    assert number > 15


def test_a_killed_restore_of_a_backup_leaves_no_copy_of_its_keys(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "keys").mkdir(parents=True)
    (home / "keys" / "token.key").write_text("0" * 64)
    own = Settings(home=home, neo4j_uri="bolt://nowhere.invalid")
    backup.backup(own, tmp_path / "b.tar")
    number = 1
    while killed_at(number, lambda: backup.restore(own, tmp_path / "b.tar", overwrite=True)):
        start(home)
        copies = [path for path in home.rglob("token.key") if replaced.KEPT_IN not in path.parts]
        assert copies == [home / "keys" / "token.key"], number
        number += 1
    assert number > 10


def test_a_home_that_others_use_is_not_put_back_under_their_hands(tmp_path: Path) -> None:
    home = fresh(tmp_path, 0)
    (home / f"{replaced.ASIDE}killed").mkdir()
    with (home / private.LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        with pytest.raises(ConflictError, match="mended after a restore that was killed, but it is in use"):
            start(home)
