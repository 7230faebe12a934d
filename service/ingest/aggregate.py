"""Aggregates good events to one row a link and one row an account, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from service.model.kinds import KINDS

# Partial results are joined once they hold this many rows: bounds the memory, and merges seldom.
MERGE_AT_ROWS = 3_000_000

_LINK_KEY = ("account_id", "kind", "id")


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes: rows as the queries under cypher/ingest/ take them, sorted by key.

    accounts: [id, signup microseconds or None, first, last, uses]; links, by kind name: [account id, identifier id,
    network or None, first, last, uses]. Times are microseconds since 1970 in UTC.
    """

    accounts: list[tuple[Any, ...]]
    links: dict[str, list[tuple[Any, ...]]]

    @property
    def n_links(self) -> int:
        return sum(len(rows) for rows in self.links.values())


class Aggregate:
    """Collects good events; `accounts` and `links` are what they come to."""

    def __init__(self) -> None:
        self._accounts: list[pl.DataFrame] = []
        self._links: list[pl.DataFrame] = []
        self._rows = 0

    def add(self, good: pl.DataFrame) -> None:
        """Adds good events (service/ingest/clean.py)."""
        self._accounts.append(_accounts(good))
        links = _links(good)
        self._links.append(links)
        self._rows += len(links)
        if self._rows > MERGE_AT_ROWS:
            self._merge()

    def holds_over(self, links: int) -> bool:
        """Whether there are more than this many links."""
        if self._rows > links:
            self._merge()
        return self._rows > links

    def accounts(self) -> pl.DataFrame:
        """account_id, signup, first, last, uses; sorted by account."""
        self._merge()
        return self._accounts[0].sort("account_id")

    def links(self) -> pl.DataFrame:
        """account_id, kind, id, network, first, last, uses; sorted by account, kind and id."""
        self._merge()
        return self._links[0].sort(_LINK_KEY)

    def _merge(self) -> None:
        accounts = pl.concat(self._accounts) if self._accounts else _accounts(_no_events())
        links = pl.concat(self._links) if self._links else _links(_no_events())
        span = (pl.col("first").min(), pl.col("last").max(), pl.col("uses").sum())
        self._accounts = [accounts.group_by("account_id").agg(pl.col("signup").min(), *span)]
        self._links = [links.group_by(_LINK_KEY).agg(pl.col("network").drop_nulls().first(), *span)]
        self._rows = len(self._links[0])


def batches(accounts: pl.DataFrame, links: pl.DataFrame, size: int) -> Iterator[Batch]:
    """Cuts sorted accounts and links into batches of up to `size` links; an account comes with its first link.

    The same input gives the same batches: that is what makes a file resumable by batch number.
    """
    numbered = links.with_row_index("n").with_columns((pl.col("n") // size).alias("batch"))
    first_batch = numbered.group_by("account_id").agg(pl.col("batch").min())
    placed = accounts.join(first_batch, on="account_id", how="left", maintain_order="left")
    last = -(-len(links) // size)
    alone = placed.get_column("batch").is_null()
    extra = (alone.cum_sum().cast(pl.Int64) - 1) // size + last
    placed = placed.with_columns(pl.col("batch").cast(pl.Int64).fill_null(extra))
    placed = placed.sort("batch", "account_id")
    starts = placed.get_column("batch")
    total = starts[-1] + 1 if len(starts) else 0
    for number in range(total):
        low, high = starts.search_sorted(number, "left"), starts.search_sorted(number, "right")
        rows = _micros(placed.slice(low, high - low), "signup", "first", "last")
        part = _micros(links.slice(number * size, size), "first", "last")
        by_kind = {
            kind.name: part.filter(pl.col("kind") == kind.name)
            .select("account_id", "id", "network", "first", "last", "uses")
            .rows()
            for kind in KINDS
        }
        accounts_rows = rows.select("account_id", "signup", "first", "last", "uses").rows()
        yield Batch(accounts_rows, {name: rows for name, rows in by_kind.items() if rows})


def _micros(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return frame.with_columns(pl.col(name).dt.epoch("us") for name in columns)


def _accounts(good: pl.DataFrame) -> pl.DataFrame:
    return good.group_by("account_id").agg(
        pl.col("at").filter(pl.col("type") == "signup").min().alias("signup"),
        pl.col("at").min().alias("first"),
        pl.col("at").max().alias("last"),
        pl.col("uses").sum(),
    )


def _links(good: pl.DataFrame) -> pl.DataFrame:
    parts = []
    for kind in KINDS:
        network = pl.col("network") if kind.field == "ip" else pl.lit(None, pl.String)
        part = good.filter(pl.col(kind.field).is_not_null()).group_by("account_id", pl.col(kind.field).alias("id"))
        parts.append(
            part.agg(
                network.first().alias("network"),
                pl.col("at").min().alias("first"),
                pl.col("at").max().alias("last"),
                pl.col("uses").sum(),
            ).select("account_id", pl.lit(kind.name).alias("kind"), "id", "network", "first", "last", "uses")
        )
    return pl.concat(parts)


def _no_events() -> pl.DataFrame:
    text = dict.fromkeys(("account_id", "type", "ip", "network", "device_id", "payment_fingerprint"), pl.String)
    return pl.DataFrame(schema={**text, "at": pl.Datetime("us", "UTC"), "uses": pl.Int64})
