"""Parquet files of events, read in chunks of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from service.errors import InputError
from service.sources.columns import Columns
from service.sources.raw import REQUIRED, Chunk, add_counts, fields

UNREADABLE = (pa.ArrowException, OSError, UnicodeDecodeError)  # what pyarrow raises at a damaged file
PARQUET_ROWS = 1_000_000  # a chunk
_TEXTS = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_integer,
    pa.types.is_null,
)


def parquet_chunks(path: Path, columns: Columns, start: int) -> Iterator[Chunk]:
    """Raw events from a row on. Raises InputError that names the file if it is damaged or a column is of no use."""
    try:
        with pq.ParquetFile(path) as file:
            named = _fields(path, columns, file.schema_arrow)
            unknown = [columns.name(name) for name in file.schema_arrow.names if name not in named]
            position = 0
            for batch in file.iter_batches(PARQUET_ROWS, columns=list(named)):
                first, position = max(position, start), position + len(batch)
                if position > start:
                    rest = batch.slice(len(batch) - (position - first))
                    rest.validate(full=True)  # text may not be UTF-8
                    rest = rest.rename_columns([named[name] for name in rest.schema.names])
                    ignored: Counter[str] = Counter()
                    add_counts(ignored, dict.fromkeys(unknown, len(rest)))
                    yield Chunk(_raw_parquet(rest, first + 1), position, position, ignored)
    except UNREADABLE as error:
        raise InputError(f"{path} is a damaged Parquet file ({' '.join(str(error).split())}); make it again") from None


def _fields(path: Path, columns: Columns, schema: pa.Schema) -> dict[str, str]:
    """Column to read -> its field. Raises InputError if one is missing, there twice or of a kind that is no field."""
    every = fields()
    named = {name: field for name in schema.names if (field := columns.name(name)) in every}
    missing = [name for name in REQUIRED if name not in named.values()]
    if missing:
        raise InputError(
            f"{path}: it lacks the column {' and '.join(missing)} (it has {', '.join(schema.names)[:200]}); name its "
            f"columns as in {', '.join(every)}, or say which is which with --map (`ringsight doctor` suggests how)"
        )
    for name, field in named.items():
        if schema.names.count(name) > 1 or list(named.values()).count(field) > 1:
            raise InputError(f"{path}: it has the column {name.strip()} more than once; keep one of them")
        kind = schema.field(name).type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        time = field == "occurred_at" and pa.types.is_timestamp(kind)
        if not (time or any(of_kind(kind) for of_kind in _TEXTS)):
            raise InputError(f"{path}: column {name} is {kind}; make it text")
    return named


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
    return pl.select(row, *columns, *(pl.lit(None, pl.String).alias(name) for name in ("untyped", "error")))


def _bounded(times: pl.Series, unit: str) -> pl.Series:
    """Times in microseconds. Those beyond the calendar, which would overflow, become its first or last moment."""
    if unit != "ns":
        times = times.clip(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    return times.dt.cast_time_unit("us")
