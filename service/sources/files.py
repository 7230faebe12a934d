"""Files of events: what they are is decided by their content, never by their name."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from service.errors import InputError
from service.sources.blocks import read_blocks
from service.sources.lines import CsvReader, json_lines, json_objects, json_value, whole_csv_rows
from service.sources.raw import REQUIRED, Chunk, fields, raw_schema

PARQUET_ROWS = 1_000_000  # a chunk
ARRAY_BYTES = 256 * 1024 * 1024  # a JSON array is parsed as a whole
HASH_BYTES = 8 * 1024 * 1024
_TEXTS = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_integer,
    pa.types.is_null,
)
BOM = b"\xef\xbb\xbf"
TOO_LONG = "is a line of over 16 MB, or opens a quote that is not closed within so much: then nothing after it is read"


@dataclass(frozen=True, slots=True)
class EventFile:
    """A file as it was when it was opened. `fingerprint` is the SHA-256 of its bytes; `size` how many there were."""

    path: Path
    form: str  # parquet, csv, jsonl or array
    packed: bool  # gzip
    fingerprint: str
    size: int
    changed_ns: int

    def check_unchanged(self) -> None:
        """Raises InputError if the file was written to since it was opened."""
        now = self.path.stat()
        if (now.st_size, now.st_mtime_ns) != (self.size, self.changed_ns):
            raise InputError(_CHANGED.format(path=self.path))

    def starts(self, sizes: Sequence[int]) -> Iterator[tuple[int, str]]:
        """The SHA-256 of the first so many bytes, for each of these sizes (ascending, none over the file's own)."""
        digest, at = hashlib.sha256(), 0
        with self.path.open("rb") as file:
            for size in sizes:
                while at < size and (data := file.read(min(HASH_BYTES, size - at))):
                    digest.update(data)
                    at += len(data)
                yield size, digest.copy().hexdigest()

    def chunks(self, position: int = 0, row: int = 0) -> Iterator[Chunk]:
        """Raw events from a chunk's end on (its position and rows), in chunks of bounded size."""
        if self.form == "parquet":
            yield from _parquet_chunks(self.path, position)
            return
        with _opened(self.path, self.packed) as file:
            if self.form == "array":
                yield from _array_chunk(self.path, file)
            else:
                stop = None if self.packed else self.size
                yield from _text_chunks(self.path.name, file, self.form, position, row, stop)


_CHANGED = "{path} was written to while it was read; ingest it again once its writer is done, or a copy of it"


def open_events(path: Path) -> EventFile:
    """Looks at a file and takes its fingerprint. Raises InputError if it can't hold events."""
    try:
        before = path.stat()
        if stat.S_ISDIR(before.st_mode):
            raise InputError(f"{path} is a folder; name the files in it, such as {path}/*.parquet")
        if not stat.S_ISREG(before.st_mode):
            raise InputError(f"{path} is a pipe or a device, which can be read only once; write it to a file first")
        with path.open("rb") as file:
            head = file.read(4096)
            file.seek(0)
            fingerprint = _digest(file)
            after = os.fstat(file.fileno())
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the name") from None
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror}); check its name and permissions") from None
    if not head:
        raise InputError(f"{path} is empty; there is nothing to ingest")
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise InputError(_CHANGED.format(path=path))
    packed = head.startswith(b"\x1f\x8b")
    if packed:
        with _opened(path, packed) as unpacked:
            head = unpacked.read(4096)
    return EventFile(path, _form(path, head), packed, fingerprint, after.st_size, after.st_mtime_ns)


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while data := file.read(HASH_BYTES):
        digest.update(data)
    return digest.hexdigest()


def _form(path: Path, head: bytes) -> str:
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or head[1:2] == b"\0" or head[:1] == b"\0":
        raise InputError(f"{path} is UTF-16 or UTF-32; convert it first: iconv -f UTF-16 -t UTF-8 IN > OUT")
    text = head.removeprefix(BOM).lstrip()
    if text.startswith(b"{"):
        return "jsonl"
    if text.startswith(b"["):
        return "array"
    first = text.split(b"\n", 1)[0]
    if b"," in first or any(name.encode() in first for name in fields()):
        return "csv"
    raise InputError(f"{path} is neither JSON lines, a JSON array, CSV with a header, nor Parquet; see docs/ingest.md")


@contextmanager
def _opened(path: Path, packed: bool) -> Iterator[BinaryIO]:
    try:
        with cast(BinaryIO, gzip.open(path) if packed else path.open("rb")) as file:
            yield file
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path} is a damaged gzip file ({error}); make it again") from None


def _text_chunks(name: str, file: BinaryIO, form: str, position: int, row: int, stop: int | None) -> Iterator[Chunk]:
    start = len(BOM) if file.read(len(BOM)) == BOM else 0
    read: Callable[[bytes, int], pl.DataFrame] = json_lines
    csv = form == "csv"
    if csv:
        file.seek(start)
        header = file.readline(1 << 20)
        start += len(header)
        read = CsvReader(header, name).frame
    for block in read_blocks(file, max(position, start), stop, quoted=whole_csv_rows if csv else None):
        frame = _unreadable(row + 1) if block.too_long else read(block.data, row + 1)
        row += len(frame)
        yield Chunk(frame, block.end, row)


def _unreadable(row: int) -> pl.DataFrame:
    return pl.DataFrame([{"row": row, "error": TOO_LONG}], schema=raw_schema())


def _array_chunk(path: Path, file: BinaryIO) -> Iterator[Chunk]:
    data = file.read(ARRAY_BYTES + 1)
    if len(data) > ARRAY_BYTES:
        raise InputError(f"{path} is a JSON array of over {ARRAY_BYTES >> 20} MB; write it as JSON lines")
    try:
        objects = json_value(data.removeprefix(BOM))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} starts like a JSON array but is not JSON ({error}); mend it") from None
    frame = json_objects(objects, 1)
    yield Chunk(frame, len(data), len(frame))


def _parquet_chunks(path: Path, start: int) -> Iterator[Chunk]:
    try:
        with pq.ParquetFile(path) as file:
            columns = _parquet_fields(path, file.schema_arrow)
            position = 0
            for batch in file.iter_batches(PARQUET_ROWS, columns=columns):
                first, position = max(position, start), position + len(batch)
                if position > start:
                    rest = batch.slice(len(batch) - (position - first))
                    rest.validate(full=True)  # text may not be UTF-8
                    yield Chunk(_raw_parquet(rest, first + 1), position, position)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path} is a damaged Parquet file ({' '.join(str(error).split())}); make it again") from None


def _parquet_fields(path: Path, schema: pa.Schema) -> list[str]:
    """The columns to read. Raises InputError if one is missing, there twice or of a kind that is no field."""
    missing = [name for name in REQUIRED if name not in schema.names]
    if missing:
        raise InputError(
            f"{path}: it lacks the column {' and '.join(missing)} (it has {', '.join(schema.names)[:200]}); "
            f"name its columns as in {', '.join(fields())}"
        )
    columns = [name for name in fields() if name in schema.names]
    for name in columns:
        if schema.names.count(name) > 1:
            raise InputError(f"{path}: it has the column {name} more than once; keep one of them")
        kind = schema.field(name).type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        time = name == "occurred_at" and pa.types.is_timestamp(kind)
        if not (time or any(of_kind(kind) for of_kind in _TEXTS)):
            raise InputError(f"{path}: column {name} is {kind}; make it text")
    return columns


def _raw_parquet(batch: pa.RecordBatch, first_row: int) -> pl.DataFrame:
    columns = []
    for name in fields():
        if name not in batch.schema.names:
            columns.append(pl.lit(None, pl.String).alias(name))
            continue
        column = batch.column(name)
        if pa.types.is_timestamp(column.type):
            # A time is the same in every zone; one without a zone is taken to be in UTC. Polars knows few zones.
            times = pl.Series(name, column.cast(pa.timestamp(column.type.unit, "UTC")))
            columns.append(pl.lit(_bounded(times, column.type.unit)))
        elif name == "uses" and pa.types.is_integer(column.type):
            columns.append(pl.lit(pl.Series(name, column)))
        else:
            columns.append(pl.lit(pl.Series(name, column).cast(pl.String)))
    row = pl.int_range(first_row, first_row + len(batch), dtype=pl.Int64).alias("row")
    return pl.select(row, *columns, pl.lit(None, pl.String).alias("error"))


def _bounded(times: pl.Series, unit: str) -> pl.Series:
    """Times in microseconds. Those beyond the calendar, which would overflow, become its first or last moment."""
    if unit != "ns":
        times = times.clip(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    return times.dt.cast_time_unit("us")
