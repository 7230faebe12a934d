"""What SQLite passes over in silence: transactions in a write-ahead log which is damaged at or before them, or cut.

The files' layout: https://www.sqlite.org/fileformat2.html#the_write_ahead_log and https://www.sqlite.org/walformat.html.
A crash tears only what no COMMIT has returned for, so whole transactions behind something unreadable, and frames that
the log's index knows and the log lacks, are a fault of the disk, or of who changed the file.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_HEAD = struct.Struct(">8I")  # magic, format, page size, checkpoint, two salts, two checksums
_HEAD_BYTES = _HEAD.size
_SALTS = slice(16, 24)
_MAGIC = (0x377F0682, 0x377F0683)
_FRAME_BYTES = 24
_FRAME_PAGES, _FRAME_SALTS = slice(4, 8), slice(8, 16)  # of the database after a commit, else 0; the head's again
_INDEX = struct.Struct("=16xI12x8s8x")  # frames, salts; twice, alike unless it is being written
_COPIED = struct.Struct("=I")


@dataclass(frozen=True, slots=True)
class _Index:
    frames: int = 0
    copied: int = 0
    salts: bytes = b""


@dataclass(frozen=True, slots=True)
class Written:
    """What a database's write-ahead log says of itself, and its index (the file -shm) of it, before either is opened:
    whether its head is whole; its salts, which each new one has others of; how many frames (pages) it has, and the
    numbers (from 1) of those that end a transaction; how many the index knows of, and how many of them are copied into
    the database (0 if there is none, or one of another log)."""

    whole: bool
    salts: bytes
    frames: int
    ends: tuple[int, ...]
    known: int
    copied: int


def written(database: Path) -> Written | None:
    """Reads the heads of all frames, whatever their checksums; None if there are none."""
    index = _index(database)
    try:
        with database.with_name(f"{database.name}-wal").open("rb") as file:
            head = file.read(_HEAD_BYTES).ljust(_HEAD_BYTES, b"\0")
            whole = _is_whole(head)
            page = _HEAD.unpack(head)[2] if whole else _page_bytes(database)
            salts = head[_SALTS] if whole else b""
            ends = []
            frames = max(0, os.fstat(file.fileno()).st_size - _HEAD_BYTES) // (_FRAME_BYTES + page)
            for number in range(1, frames + 1):
                frame = file.read(_FRAME_BYTES)
                salts = salts or frame[_FRAME_SALTS]
                if int.from_bytes(frame[_FRAME_PAGES]) and frame[_FRAME_SALTS] == salts:
                    ends.append(number)
                file.seek(page, os.SEEK_CUR)
    except FileNotFoundError:
        return None
    if index != _index(database) or salts not in (b"", index.salts):
        index = _Index()  # somebody writes on, or began another log
    if not frames and not index.frames:
        return None
    return Written(whole, salts, frames, tuple(ends), index.frames, index.copied)


def passed_over(db: sqlite3.Connection, database: Path, before: Written | None) -> str:
    """In words, what SQLite does not read of what was in the log `before` it was opened; "" if it reads all."""
    if before is None:
        return ""
    _, frames, _ = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    after = written(database)
    if before.frames and (after is None or (after.whole, after.salts) != (before.whole, before.salts)):
        return ""  # somebody else began a new one meanwhile
    read = max(frames, before.copied)
    behind = sum(1 for end in before.ends if end > read)
    cut = before.known - max(read, before.frames)
    told = [f"{behind} transactions"] if behind else []
    told += [f"{cut} pages that are missing at its end"] if cut > 0 else []
    return " and ".join(told)


def _is_whole(head: bytes) -> bool:
    """Whether the checksum of a log's head is right."""
    magic, *_, first_kept, second_kept = _HEAD.unpack(head)
    if magic not in _MAGIC:
        return False
    first = second = 0
    words = struct.unpack(">6I" if magic & 1 else "<6I", head[:24])
    for one, two in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return (first, second) == (first_kept, second_kept)


def _page_bytes(database: Path) -> int:
    """By the database's own head, where 1 is 65,536."""
    with database.open("rb") as file:
        size = int.from_bytes(file.read(18)[16:])
    return 1 << 16 if size <= 1 else size


def _index(database: Path) -> _Index:
    """What the index says of the log, which is on the disk before it; in the order of bytes of the machine."""
    with suppress(FileNotFoundError, struct.error):
        data = database.with_name(f"{database.name}-shm").read_bytes()
        told, again = _INDEX.unpack_from(data), _INDEX.unpack_from(data, _INDEX.size)
        if told == again:
            return _Index(told[0], _COPIED.unpack_from(data, 2 * _INDEX.size)[0], told[1])
    return _Index()
