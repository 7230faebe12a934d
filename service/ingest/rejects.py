"""Refused events, kept with their place, reason and remedy under RINGSIGHT_HOME/rejects as JSON lines."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import TracebackType

import polars as pl

from service.sources.raw import TOKENISED_FIELDS

DAY_S = 86_400


def folder(home: Path) -> Path:
    """Where a home keeps refused events."""
    return home / "rejects"


def _lines(refused: pl.DataFrame, place: Mapping[str, object], number: str) -> Iterator[str]:
    """Refused events (Cleaned.refused) as they are kept. `number`: what the row's number is called at that place."""
    for row in refused.iter_rows(named=True):
        event = {name: row[name] for name in TOKENISED_FIELDS if row.get(name) is not None}
        why = {name: row[name] for name in ("field", "reason", "remedy")}
        yield json.dumps({**place, number: row["row"], **why, "event": event}, ensure_ascii=False) + "\n"


def append_refused(home: Path, name: str, place: Mapping[str, object], number: str, refused: pl.DataFrame) -> None:
    """Adds refused events to a file that many processes add to."""
    path = folder(home) / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(_lines(refused, place, number)).encode()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, data)  # one call: what several processes append does not mix
    finally:
        os.close(handle)


class RejectsFile:
    """The refused events of one piece of a source. The file appears whole when `keep` is called: a piece that is read
    again after a crash has the same name and writes the same file again, so nothing is kept twice.

    `place` says where the events came from; `number`, what the number of each is called there (row or offset).
    """

    def __init__(self, home: Path, name: str, place: Mapping[str, object], number: str) -> None:
        self.path = folder(home) / f"{re.sub(r'[^A-Za-z0-9._-]', '_', name)[-120:]}.jsonl"
        self.count = 0
        self._place = place
        self._number = number
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._draft = self.path.with_suffix(f".partial-{os.getpid()}")
        self._file = self._draft.open("w", encoding="utf-8")

    def add(self, refused: pl.DataFrame) -> None:
        """Adds refused events (Cleaned.refused)."""
        self._file.writelines(_lines(refused, self._place, self._number))
        self.count += len(refused)

    def keep(self) -> Path | None:
        """Makes the file appear and returns its path, or None if there is nothing in it."""
        self._file.close()
        return self._draft.replace(self.path) if self.count else None

    def __enter__(self) -> RejectsFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._file.close()
        self._draft.unlink(missing_ok=True)


def taken(home: Path) -> Iterator[tuple[Path, list[str]]]:
    """Each rejects file, moved aside so that nobody adds to it, with its lines. Give what must stay to `put_back`.

    A file that an earlier caller left moved aside when it crashed comes again.
    """
    for path in sorted(folder(home).glob("*.jsonl")):
        aside = path.with_suffix(f".aside-{time.time_ns()}")
        path.rename(aside)
    for aside in sorted(folder(home).glob("*.aside-*")):
        yield aside, aside.read_text(encoding="utf-8").splitlines()


def put_back(aside: Path, lines: list[str]) -> None:
    """Keeps the lines that stay, under the name that the file had, and removes the file moved aside."""
    if lines:
        path = aside.with_suffix(".jsonl")
        draft = aside.with_suffix(f".partial-{os.getpid()}")
        earlier = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        with draft.open("w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in dict.fromkeys([*lines, *earlier]))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    aside.unlink()


def erase(home: Path, accounts: Collection[str]) -> int:
    """Removes the refused events of these accounts. Returns how many there were."""
    unwanted = set(accounts)
    gone = 0
    for aside, lines in taken(home):
        kept = [line for line in lines if json.loads(line)["event"].get("account_id") not in unwanted]
        put_back(aside, kept)
        gone += len(lines) - len(kept)
    return gone


def expire(home: Path, keep_days: float) -> int:
    """Removes the files of refused events that nobody added to for so many days. Returns how many files."""
    before = time.time() - keep_days * DAY_S
    old = [path for path in folder(home).glob("*.jsonl") if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
