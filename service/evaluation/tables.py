"""Reads the two files that are compared, Parquet, CSV or JSON lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from service.errors import InputError
from service.first_bytes import GZIP, HEAD_BYTES, PARQUET, ZSTD, other_than_text
from service.model.decision import level_of

LABELS = ("fraud", "legitimate")


def read_scores(path: Path) -> pl.DataFrame:
    """account_id, score (0 to 100), level, ring of each account in a file; see as_scores."""
    return as_scores(_read(path), path)


def as_scores(frame: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Checks columns id and score, and fills in level (from the score) and ring (none) where they are missing.

    Raises InputError that names the file, the column and what is wrong with it."""
    _need(frame, path, ("id", "score"), "`ringsight scores --out`")
    score = frame["score"].cast(pl.Float64, strict=False)
    if score.null_count() or score.is_nan().any() or not score.is_between(0, 100).all():
        raise InputError(f"{path}: column score must hold numbers from 0 to 100 in every row")
    if frame["id"].is_duplicated().any() or frame["id"].null_count():
        raise InputError(f"{path}: column id must name each account once; it has repeated or empty ids")
    by_score = score.map_elements(lambda value: level_of(value / 100), return_dtype=pl.String)
    return pl.DataFrame(
        {
            "account_id": frame["id"].cast(pl.String),
            "score": score,
            "level": frame["level"] if "level" in frame.columns else by_score,
            "ring": frame["ring"].cast(pl.String)
            if "ring" in frame.columns
            else pl.Series([None]).new_from_index(0, score.len()),
        },
        schema_overrides={"ring": pl.String},
    )


def read_truth(path: Path) -> pl.DataFrame:
    """account_id, label (fraud, legitimate or null: unknown), campaign and kind (both may be missing in the file)."""
    frame = _read(path)
    _need(frame, path, ("account_id", "label"), "`ringsight simulate`")
    wrong = frame.filter(pl.col("label").is_not_null() & ~pl.col("label").is_in(LABELS))
    if wrong.height:
        raise InputError(f"{path}: column label holds {wrong['label'][0]!r}; use fraud, legitimate or empty")
    if frame["account_id"].is_duplicated().any():
        raise InputError(f"{path}: column account_id must name each account once; it has repeated ids")
    for name in ("campaign", "kind"):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, pl.String).alias(name))
    return frame.select(pl.col("account_id", "label", "campaign", "kind").cast(pl.String))


def _read(path: Path) -> pl.DataFrame:
    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        ".parquet": pl.read_parquet,
        ".csv": pl.read_csv,
        ".jsonl": pl.read_ndjson,
        ".ndjson": pl.read_ndjson,
    }
    if path.suffix not in readers:
        raise InputError(f"{path}: unknown ending {path.suffix!r}; use .parquet, .csv or .jsonl")
    try:
        with path.open("rb") as file:
            other = other_than_text(file.read(HEAD_BYTES))
        if other not in (None, GZIP, ZSTD, PARQUET):
            raise InputError(f"{path} is {other.name}; {other.remedy}")
        return readers[path.suffix](path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError(f"{path} can't be read as {path.suffix[1:]}: {str(error).splitlines()[0]}") from error


def _need(frame: pl.DataFrame, path: Path, columns: tuple[str, ...], maker: str) -> None:
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise InputError(f"{path} has no column {', '.join(missing)}; {maker} writes a file that has")
