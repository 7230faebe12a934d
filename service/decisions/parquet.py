"""Parquet files of kept decisions: their columns, and how they are written and read."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from service.errors import UnavailableError

SCHEMA = {
    "id": pl.String,
    "at": pl.Int64,
    "event": pl.String,
    "account": pl.String,
    "inputs": pl.String,
    "score": pl.Float64,
    "level": pl.String,
    "action": pl.String,
    "shadow_action": pl.String,
    "ring": pl.String,
    "reasons": pl.String,
    "model_version": pl.String,
    "run_id": pl.String,
    "policy_version": pl.String,
    "degraded": pl.Boolean,
    "source": pl.String,
}


def write_parquet(decisions: pl.DataFrame, draft: Path) -> None:
    """Writes a Parquet file of the draft's name, whole or not at all, and on the disk when it returns: what it stands
    for is deleted then."""
    with draft.open("wb") as file:
        decisions.write_parquet(file, compression="zstd", row_group_size=20_000)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(draft.with_suffix(".parquet"))
    folder = os.open(draft.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name
    finally:
        os.close(folder)


def scan_parquet(path: Path) -> pl.LazyFrame:
    """The decisions of a Parquet file, none if it is gone. Raises UnavailableError if it is damaged."""
    if not path.exists():
        return pl.LazyFrame(schema=SCHEMA)
    try:
        pl.read_parquet_schema(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnavailableError(
            f"the kept decisions {path} can't be read ({error}); put the file back from a backup, or move it out of "
            "the folder to go on without them"
        ) from error
    return pl.scan_parquet(path)
