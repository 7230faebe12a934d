"""What SQLite passes over in silence: transactions that were written to a write-ahead log which is damaged before them.

The file's layout: https://www.sqlite.org/fileformat2.html#the_write_ahead_log. A crash tears only what no COMMIT has
returned for, so whole transactions behind something unreadable are a fault of the disk, or of who changed the file.
"""

from __future__ import annotations

import sqlite3
import struct
from dataclasses import dataclass
from pathlib import Path

_HEAD = struct.Struct(">IIIIII")  # magic, format, page size, checkpoint, two salts
_HEAD_BYTES = 32
_FRAME = struct.Struct(">IIII")  # page, pages of the database after a commit (else 0), the salts again
_FRAME_BYTES = 24
_MAGIC = (0x377F0682, 0x377F0683)


@dataclass(frozen=True, slots=True)
class Written:
    """What a write-ahead log says of itself: its salts, which each new one has others of, and the numbers (from 1) of
    the frames that end a transaction."""

    salts: tuple[int, int]
    ends: tuple[int, ...]


def written(wal: Path) -> Written | None:
    """Reads the heads of all frames, whatever their checksums; None if there are none, or if it has no head."""
    try:
        with wal.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            if len(head) < _HEAD_BYTES:
                return None
            magic, _, page, _, *salts = _HEAD.unpack_from(head)
            if magic not in _MAGIC:
                return None
            ends = []
            number = 0
            while len(frame := file.read(_FRAME_BYTES)) == _FRAME_BYTES:
                number += 1
                _, pages, *same = _FRAME.unpack_from(frame)
                if pages and same == salts:
                    ends.append(number)
                file.seek(page, 1)
            return Written((salts[0], salts[1]), tuple(ends))
    except FileNotFoundError:
        return None


def passed_over(db: sqlite3.Connection, wal: Path, before: Written | None) -> int:
    """How many whole transactions SQLite does not read, of those that were in the log `before` it was opened."""
    if before is None:
        return 0
    _, frames, _ = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    after = written(wal)
    if after is None or after.salts != before.salts:
        return 0  # somebody else began a new one meanwhile
    return sum(1 for end in before.ends if end > frames)
