"""Reads text in blocks that end where a row ends, so that memory stays bounded whatever a file holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

BLOCK_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Block:
    """Whole rows, and the position after them. `too_long`: stands for one row that no block can hold."""

    data: bytes
    end: int
    too_long: bool = False


def read_blocks(
    file: BinaryIO,
    start: int,
    stop: int | None,
    size: int = BLOCK_BYTES,
    quoted: Callable[[bytes], int] | None = None,
) -> Iterator[Block]:
    """Blocks of up to `size` bytes from position `start` up to `stop` (None: the end of the file). A row is a line;
    `quoted` says how many bytes of a block with quotes are whole rows, if a row can hold line ends within quotes.

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
        quotes = quoted is not None and b'"' in data
        cut = quoted(data) if quoted and quotes else data.rfind(b"\n") + 1
        if cut:
            position += cut
            yield Block(data[:cut], position)
            left = data[cut:]
        else:
            # Where a quote was left open, nothing tells which of the lines that follow are rows.
            end = None if quotes else b"\n"
            position, left = _skip(file, position + len(data), stop, size, end)
            yield Block(b"", position, too_long=True)


def _skip(file: BinaryIO, position: int, stop: int | None, size: int, end: bytes | None) -> tuple[int, bytes]:
    """Reads on past `end` (None: to the end). Returns the position there, and what was already read beyond it."""
    while True:
        want = size if stop is None else min(size, stop - position)
        data = file.read(want) if want > 0 else b""
        cut = data.find(end) + 1 if end else 0
        if cut or not data:
            return position + cut, data[cut:]
        position += len(data)
