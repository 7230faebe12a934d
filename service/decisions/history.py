"""Kept decisions as tables: how the shadow policy differs, and what a changed policy would do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import polars as pl

from service.decisions.compact import SCHEMA


def decisions(folder: Path, since: float) -> pl.LazyFrame:
    """All kept decisions since a time (epoch seconds), as the columns of compact.SCHEMA; in no order."""
    day = time.strftime("%Y%m%d", time.gmtime(since))
    parts = [pl.LazyFrame(schema=SCHEMA)]
    for path in sorted(folder.glob("*")):
        if path.name[:8] < day or not path.stat().st_size:
            continue
        if path.suffix == ".parquet":
            parts.append(pl.scan_parquet(path))
        elif path.suffix == ".jsonl":
            data = path.read_bytes()  # being written: without the half line at its end
            parts.append(pl.read_ndjson(data[: data.rfind(b"\n") + 1], schema=SCHEMA).lazy())
    return pl.concat(parts).filter(pl.col("at") >= int(1000 * since))


def differences(folder: Path, since: float, limit: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Decisions for which the shadow policy had another action than the enforced one: counts by event and action,
    and the latest `limit` of them."""
    found = decisions(folder, since).filter(pl.col("shadow_action") != pl.col("action"))
    ways = found.group_by("event", "action", "shadow_action").agg(count=pl.len())
    counts, latest = pl.collect_all(
        [ways.sort("count", "event", descending=True), found.sort("at", descending=True).head(limit)]
    )
    return counts.to_dicts(), latest.to_dicts()
