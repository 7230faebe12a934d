"""Sorts more records than fit in memory: spread over files by the first bits of their keys, then sorted one by one."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

PARTS = 64
_SHIFT = 2  # of the key's first byte: 256 / PARTS = 4 = 2 ** 2
_HEAD = struct.Struct("<BI")
_BUFFER = 256 * 1024


def sort_records(
    records: Iterable[tuple[bytes, bytes]], folder: Path
) -> tuple[int, int, Iterator[tuple[bytes, bytes]]]:
    """Reads all records; returns their number, their bytes and an iterator in the order of their keys. Memory: about
    a 64th of the records. The files in `folder` have no names and vanish when the iterator ends."""
    # Closed in _sorted.
    parts = [tempfile.TemporaryFile(dir=folder, buffering=_BUFFER) for _ in range(PARTS)]  # noqa: SIM115
    count = size = 0
    for key, value in records:
        parts[key[0] >> _SHIFT].write(_HEAD.pack(len(key), len(value)) + key + value)
        count += 1
        size += len(key) + len(value)
    return count, size, _sorted(parts)


def _sorted(parts: list[IO[bytes]]) -> Iterator[tuple[bytes, bytes]]:
    for part in parts:
        part.seek(0)
        data = part.read()
        part.close()
        found = []
        at = 0
        while at < len(data):
            key_length, value_length = _HEAD.unpack_from(data, at)
            at += _HEAD.size
            found.append((data[at : at + key_length], data[at + key_length : at + key_length + value_length]))
            at += key_length + value_length
        found.sort()
        yield from found
