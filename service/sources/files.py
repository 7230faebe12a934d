"""Files of events: what they are is decided by their content, never by their name."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import polars as pl

from service.errors import InputError
from service.first_bytes import GZIP, HEAD_BYTES, PARQUET, other_than_text
from service.sources.blocks import read_blocks
from service.sources.columns import AS_NAMED, Columns
from service.sources.lines import (
    CsvReader,
    header_line,
    json_objects,
    json_value,
    other_separator,
    parsed_lines,
    unknown_fields,
)
from service.sources.parquet import parquet_chunks
from service.sources.raw import Chunk, add_counts, fields, raw_schema

ARRAY_BYTES = 256 * 1024 * 1024  # a JSON array is parsed as a whole
HASH_BYTES = 8 * 1024 * 1024
BOM = b"\xef\xbb\xbf"
TOO_LONG = "is a line of over 16 MB, or opens a quote that is not closed within so much: then nothing after it is read"


@dataclass(frozen=True, slots=True)
class EventFile:
    """A file as it was when it was opened. `fingerprint` is the SHA-256 of its `size` bytes, and of `columns` if its
    fields are read from columns of other names."""

    path: Path
    form: str  # parquet, csv, jsonl or array
    packed: bool  # gzip
    fingerprint: str
    size: int
    changed_ns: int
    columns: Columns = AS_NAMED

    def check_unchanged(self) -> None:
        """Raises InputError if the file was written to since it was opened."""
        now = self.path.stat()
        if (now.st_size, now.st_mtime_ns) != (self.size, self.changed_ns):
            raise InputError(_CHANGED.format(path=self.path))

    def starts(self, sizes: Sequence[int]) -> Iterator[tuple[int, str]]:
        """The fingerprint of the first so many bytes, for each of these sizes (ascending, none over the file's own)."""
        digest, at = hashlib.sha256(), 0
        with self.path.open("rb") as file:
            for size in sizes:
                while at < size and (data := file.read(min(HASH_BYTES, size - at))):
                    digest.update(data)
                    at += len(data)
                yield size, _fingerprint(digest, self.columns)

    def chunks(self, position: int = 0, row: int = 0) -> Iterator[Chunk]:
        """Raw events from a chunk's end on (its position and rows), in chunks of bounded size."""
        if self.form == "parquet":
            yield from parquet_chunks(self.path, self.columns, position)
            return
        with opened(self.path, self.packed) as file:
            if self.form == "array":
                yield from _array_chunk(self.path, file, self.columns)
            else:
                stop = None if self.packed else self.size
                yield from _text_chunks(self, file, position, row, stop)


def open_all(paths: Sequence[Path], columns: Columns = AS_NAMED, strict: bool = False) -> list[EventFile]:
    """Opens files. Raises InputError if one can't hold events, or, if `strict`, has fields that no event has: they are
    read through to see."""
    sources = [open_events(path, columns) for path in paths]
    for source in sources if strict else ():
        found: Counter[str] = Counter()
        for chunk in source.chunks():
            add_counts(found, chunk.ignored)
        if found:
            names = ", ".join(f"{name!r} ({count:,} rows)" for name, count in sorted(found.items()))
            raise InputError(
                f"{source.path}: it has fields that no event has: {names}; name them with --map, take them out, or let "
                "them be ignored without --strict"
            )
    return sources


_CHANGED = "{path} was written to while it was read; ingest it again once its writer is done, or a copy of it"


def open_events(path: Path, columns: Columns = AS_NAMED) -> EventFile:
    """Looks at a file and takes its fingerprint. Raises InputError if it can't hold events."""
    try:
        before = path.stat()
        if stat.S_ISDIR(before.st_mode):
            raise InputError(f"{path} is a folder; name the files in it, such as {path}/*.parquet")
        if not stat.S_ISREG(before.st_mode):
            raise InputError(f"{path} is a pipe or a device, which can be read only once; write it to a file first")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(0)
            fingerprint = _digest(file, columns)
            after = os.fstat(file.fileno())
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the name") from None
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror}); check its name and permissions") from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise InputError(_CHANGED.format(path=path))
    packed = other_than_text(head) is GZIP
    if packed:
        with opened(path, packed) as unpacked:
            head = unpacked.read(HEAD_BYTES)
    if not head:
        raise InputError(f"{path} is empty; there is nothing to ingest")
    form = _form(path, head, packed, columns)
    return EventFile(path, form, packed, fingerprint, after.st_size, after.st_mtime_ns, columns)


def _digest(file: BinaryIO, columns: Columns) -> str:
    digest = hashlib.sha256()
    while data := file.read(HASH_BYTES):
        digest.update(data)
    return _fingerprint(digest, columns)


def _fingerprint(digest: hashlib._Hash, columns: Columns) -> str:
    whole = digest.copy()
    whole.update(str(columns).encode())
    return whole.hexdigest()


def _form(path: Path, head: bytes, packed: bool, columns: Columns) -> str:
    other = other_than_text(head)
    if other is PARQUET and not packed:
        return "parquet"
    if not head.strip(b"\0"):
        raise InputError(f"{path} begins with nothing but zero bytes, as a damaged copy does; copy or make it again")
    if other:
        inside = "packed with gzip, and inside that " if packed else ""
        raise InputError(f"{path} is {inside}{other.name}; {GZIP.remedy if other is PARQUET else other.remedy}")
    text = head.removeprefix(BOM).lstrip()
    if text.startswith(b"{"):
        return "jsonl"
    if text.startswith(b"["):
        return "array"
    first, _ = header_line(io.BytesIO(text))
    if b"," in first or any(columns.source(name).encode() in first for name in fields()):
        return "csv"
    if remedy := other_separator(first.decode("utf-8", "replace")):
        raise InputError(f"{path} is no CSV that can be read: {remedy}")
    raise InputError(f"{path} is neither JSON lines, a JSON array, CSV with a header, nor Parquet; see docs/ingest.md")


@contextmanager
def opened(path: Path, packed: bool) -> Iterator[BinaryIO]:
    """A file's bytes, unpacked. Raises InputError if it is a damaged gzip file."""
    try:
        with cast(BinaryIO, gzip.open(path) if packed else path.open("rb")) as file:
            yield file
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path} is a damaged gzip file ({error}); make it again") from None


def _text_chunks(source: EventFile, file: BinaryIO, position: int, row: int, stop: int | None) -> Iterator[Chunk]:
    start = len(BOM) if file.read(len(BOM)) == BOM else 0
    columns, csv = source.columns, source.form == "csv"
    if csv:
        header, start = header_line(file, start)
        reader = CsvReader(header, source.path.name, columns)
    for block in read_blocks(file, max(position, start), stop, quoted=reader.whole_rows if csv else None):
        ignored: Counter[str] = Counter()
        if block.too_long:
            frame = _unreadable(row + 1)
        elif csv:
            frame, ignored = reader.read(block.data, row + 1)
        else:
            rows = columns.rows(parsed_lines(block.data))
            frame, ignored = json_objects(rows, row + 1), unknown_fields(rows)
        row += len(frame)
        yield Chunk(frame, block.end, row, ignored)


def _unreadable(row: int) -> pl.DataFrame:
    return pl.DataFrame([{"row": row, "error": TOO_LONG}], schema=raw_schema())


def json_array(path: Path, data: bytes) -> list[Any]:
    """The values of a file that is a JSON array. Raises InputError if it is none."""
    try:
        found: list[Any] = json_value(data.removeprefix(BOM))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} starts like a JSON array but is not JSON ({error}); mend it") from None
    return found


def _array_chunk(path: Path, file: BinaryIO, columns: Columns) -> Iterator[Chunk]:
    data = file.read(ARRAY_BYTES + 1)
    if len(data) > ARRAY_BYTES:
        raise InputError(f"{path} is a JSON array of over {ARRAY_BYTES >> 20} MB; write it as JSON lines")
    objects = columns.rows(json_array(path, data))
    frame = json_objects(objects, 1)
    yield Chunk(frame, len(data), len(frame), unknown_fields(objects))
