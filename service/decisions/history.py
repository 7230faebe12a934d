"""Kept decisions as tables: how the shadow policy differs, and what a changed policy would do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import polars as pl

from service.decisions.parquet import SCHEMA, scan_parquet


def decisions(folder: Path, since: float) -> pl.LazyFrame:
    """All kept decisions since a time (epoch seconds), as the columns of parquet.SCHEMA; in no order."""
    day = time.strftime("%Y%m%d", time.gmtime(since))
    paths = [path for path in sorted(folder.glob("*")) if path.name[:8] >= day]
    parts = [pl.LazyFrame(schema=SCHEMA)]
    parts += [scan_parquet(path) for path in paths if path.suffix == ".parquet"]
    # A compactor that was killed leaves a segment beside the Parquet file that was made of it.
    parts += [_lines(path) for path in paths if path.suffix == ".jsonl" and path.with_suffix(".parquet") not in paths]
    return pl.concat(parts).filter(pl.col("at") >= int(1000 * since))


def _lines(path: Path) -> pl.LazyFrame:
    try:
        data = path.read_bytes()
    except FileNotFoundError:  # it became Parquet meanwhile
        return scan_parquet(path.with_suffix(".parquet"))
    whole = data[: data.rfind(b"\n") + 1]  # being written: without the half line at its end
    return pl.read_ndjson(whole, schema=SCHEMA).lazy() if whole else pl.LazyFrame(schema=SCHEMA)


def differences(folder: Path, since: float, limit: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Decisions for which the shadow policy had another action than the enforced one: counts by event and action,
    and the latest `limit` of them."""
    found = decisions(folder, since).filter(pl.col("shadow_action") != pl.col("action"))
    ways = found.group_by("event", "action", "shadow_action").agg(count=pl.len())
    counts, latest = pl.collect_all(
        [ways.sort("count", "event", descending=True), found.sort("at", descending=True).head(limit)]
    )
    return counts.to_dicts(), latest.to_dicts()
