"""What every source hands on: events as they came, in one shape, each with its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from service.model.kinds import kinds

REQUIRED = ("account_id", "occurred_at")

# Names of unknown fields are whatever a sender writes: only so many are told apart, each by its beginning.
MOST_NAMES = 50
NAME_CHARS = 64
OTHERS = "(others)"


def fields() -> tuple[str, ...]:
    """What an event may bring: its own fields, and those of the kinds of identifier."""
    return ("account_id", "occurred_at", "type", *kinds().fields, "event_id", "uses")


def tokenised_fields() -> tuple[str, ...]:
    """The same of an event of our own log. It holds ids of graph nodes already, those derived from them (the network of
    its IP), and the names of the fields that it came with but that identified nobody. `counted`: the event itself was
    counted when it came, without this value."""
    return (*fields(), *(kind.name for kind in kinds().derived), "left_out", "counted")


def raw_schema() -> pl.Schema:
    """The columns of raw events. `row` counts them from 1; `untyped` names the fields, with blanks between, whose value
    is no text and no whole number; `error` says why a row could not even be read. Parquet may bring occurred_at as a
    timestamp and uses as an integer; every other value is text as it came."""
    return pl.Schema({"row": pl.Int64, **dict.fromkeys((*fields(), "untyped", "error"), pl.String)})


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some events in order (columns of raw_schema), and the position to go on from after them.

    `ignored`: name of a field that no event has -> events that had a value in it.
    """

    events: pl.DataFrame
    position: int
    rows: int  # rows of the source up to and including this chunk
    ignored: Counter[str] = field(default_factory=Counter)


def raw_frame(values: dict[str, list[str | None]], first_row: int) -> pl.DataFrame:
    """A raw frame from columns of events, `untyped` and `error`, all of one length; rows count from first_row."""
    frame = pl.DataFrame(values, schema=dict.fromkeys(values, pl.String))
    return frame.with_row_index("row", first_row).with_columns(pl.col("row").cast(pl.Int64))


def count_names(counts: Counter[str], names: Iterable[str]) -> None:
    """Counts a name each, cut to NAME_CHARS and fit for UTF-8; beyond MOST_NAMES different ones as OTHERS."""
    add_counts(counts, Counter(names))


def add_counts(counts: Counter[str], more: Mapping[str, int]) -> None:
    """The same for names that were counted already."""
    for name, count in more.items():
        short = name[:NAME_CHARS].encode("utf-8", "replace").decode()
        counts[short if short in counts or len(counts) < MOST_NAMES else OTHERS] += count
