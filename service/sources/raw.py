"""What every source hands on: events as they came, in one shape, each with its place."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from service.model.kinds import kinds

REQUIRED = ("account_id", "occurred_at")


def fields() -> tuple[str, ...]:
    """What an event may bring: its own fields, and those of the kinds of identifier."""
    return ("account_id", "occurred_at", "type", *kinds().fields, "event_id", "uses")


def tokenised_fields() -> tuple[str, ...]:
    """The same of an event of our own log. It holds ids of graph nodes already, those derived from them (the network of
    its IP), and the names of the fields that it came with but that identified nobody."""
    return (*fields(), *(kind.name for kind in kinds().derived), "left_out")


def raw_schema() -> pl.Schema:
    """The columns of raw events. `row` counts them from 1; `error` says why a row could not even be read. Parquet may
    bring occurred_at as a timestamp and uses as an integer; every other value is text as it came."""
    return pl.Schema({"row": pl.Int64, **dict.fromkeys(fields(), pl.String), "error": pl.String})


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some events in order (columns of raw_schema), and the position to go on from after them."""

    events: pl.DataFrame
    position: int
    rows: int  # rows of the source up to and including this chunk


def raw_frame(values: dict[str, list[str | None]], first_row: int) -> pl.DataFrame:
    """A raw frame from columns of events and `error`, all of one length; rows are numbered from first_row."""
    frame = pl.DataFrame(values, schema=dict.fromkeys(values, pl.String))
    return frame.with_row_index("row", first_row).with_columns(pl.col("row").cast(pl.Int64))
