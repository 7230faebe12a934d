"""What every source hands on: events as they came, in one shape, each with its place."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

FIELDS = ("account_id", "occurred_at", "type", "ip", "device_id", "payment_fingerprint", "event_id", "uses")
# An event of our own log holds ids of graph nodes already, the network of its IP, and the names of the fields that it
# came with but that identified nobody.
TOKENISED_FIELDS = (*FIELDS, "network", "left_out")
REQUIRED = ("account_id", "occurred_at")

# `row` counts events from 1; `error` says why a row could not even be read. Parquet may bring occurred_at as a
# timestamp and uses as an integer; every other value is text as it came.
RAW_SCHEMA = pl.Schema({"row": pl.Int64, **dict.fromkeys(FIELDS, pl.String), "error": pl.String})


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some events in order (columns of RAW_SCHEMA), and the position to go on from after them."""

    events: pl.DataFrame
    position: int
    rows: int  # rows of the source up to and including this chunk


def raw_frame(values: dict[str, list[str | None]], first_row: int) -> pl.DataFrame:
    """A raw frame from columns of FIELDS and `error`, all of one length; rows are numbered from first_row."""
    frame = pl.DataFrame(values, schema=dict.fromkeys(values, pl.String))
    return frame.with_row_index("row", first_row).with_columns(pl.col("row").cast(pl.Int64))
