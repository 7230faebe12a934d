"""Sorts more records than fit in memory: spread over files by the first bits of their keys, then sorted one by one."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PARTS = 64
_SHIFT = 2  # of the key's first byte: 256 / PARTS = 4 = 2 ** 2
_HEAD = struct.Struct("<BI")
_BUFFER = 256 * 1024

Record = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Sorted:
    """Records in the order of their keys (to be read once), their number and their bytes."""

    records: Iterator[Record]
    count: int
    size: int


@contextmanager
def sort_records(records: Iterable[Record], folder: Path) -> Iterator[Sorted]:
    """Reads all records. Memory: about a 64th of them. The files in `folder` have no names and vanish at the end."""
    with ExitStack() as files:
        parts: list[IO[bytes]] = [
            files.enter_context(tempfile.TemporaryFile(dir=folder, buffering=_BUFFER)) for _ in range(PARTS)
        ]
        count = size = 0
        for key, value in records:
            parts[key[0] >> _SHIFT].write(_HEAD.pack(len(key), len(value)) + key + value)
            count += 1
            size += len(key) + len(value)
        yield Sorted(_in_order(parts), count, size)


def _in_order(parts: list[IO[bytes]]) -> Iterator[Record]:
    for part in parts:
        part.seek(0)
        data = part.read()
        found = []
        at = 0
        while at < len(data):
            key_length, value_length = _HEAD.unpack_from(data, at)
            at += _HEAD.size
            found.append((data[at : at + key_length], data[at + key_length : at + key_length + value_length]))
            at += key_length + value_length
        found.sort()
        yield from found
