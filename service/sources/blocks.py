"""Reads text in blocks that end at a line's end, so that memory stays bounded whatever a file holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

BLOCK_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines, and the position after them. `too_long`: stands for one line that no block can hold."""

    data: bytes
    end: int
    too_long: bool = False


def read_blocks(file: BinaryIO, start: int, stop: int | None, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Blocks of up to `size` bytes from position `start` up to `stop` (None: the end of the file).

    Where a block ends depends on where it starts only: reading again from any block's end gives the same blocks.
    """
    file.seek(start)
    position, left = start, b""
    while True:
        want = size if stop is None else min(size, stop - position)
        data = left + file.read(max(0, want - len(left)))
        if len(data) < size:
            if data:
                yield Block(data, position + len(data))
            return
        cut = data.rfind(b"\n") + 1
        if cut:
            position += cut
            yield Block(data[:cut], position)
            left = data[cut:]
        else:
            position, left = _skip_line(file, position + len(data), stop, size)
            yield Block(b"", position, too_long=True)


def _skip_line(file: BinaryIO, position: int, stop: int | None, size: int) -> tuple[int, bytes]:
    """Reads on to the end of a line. Returns the position after it, and what was already read beyond it."""
    while True:
        want = size if stop is None else min(size, stop - position)
        data = file.read(want) if want > 0 else b""
        cut = data.find(b"\n") + 1
        if cut or not data:
            return position + cut, data[cut:]
        position += len(data)
