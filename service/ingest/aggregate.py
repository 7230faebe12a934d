"""Aggregates good events to one row a link and one row an account, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from service.ingest.tokens import Tokeniser
from service.model.kinds import kinds

# Partial results are joined once they hold this many rows: bounds the memory, and merges seldom.
MERGE_AT_ROWS = 3_000_000

_LINK_KEY = ("account_id", "kind", "id")
_ACCOUNT_COLUMNS = ("account_id", "signup", "first", "last", "uses")


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes, sorted by key.

    rows: as cypher/ingest/accounts_and_links.cypher takes them; derived: by kind, (identifier, derived identifier).
    Times are microseconds since 1970 in UTC. An account whose links fall into two batches has a row in both; the second
    one adds no uses to it.
    """

    rows: list[list[Any]]
    derived: dict[str, list[tuple[str, str]]]
    n_links: int


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

    def absorb(self, other: Aggregate) -> None:
        """Adds what another one holds."""
        self._accounts += other._accounts
        self._links += other._links
        self._rows += other._rows

    def holds_over(self, links: int) -> bool:
        """Whether there are more than this many links."""
        if self._rows > links:
            self._merge()
        return self._rows > links

    def tables(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Accounts (account_id, signup, first, last, uses) and links (account_id, kind, id, first, last, uses,
        and a column for each derived kind), in any order."""
        self._merge()
        return self._accounts[0], self._links[0]

    def accounts(self) -> pl.DataFrame:
        """Accounts, sorted."""
        return self.tables()[0].sort("account_id")

    def links(self) -> pl.DataFrame:
        """Links, sorted by account, kind and id."""
        return self.tables()[1].sort(_LINK_KEY)

    def _merge(self) -> None:
        accounts = pl.concat(self._accounts) if self._accounts else _accounts(_no_events())
        links = pl.concat(self._links) if self._links else _links(_no_events())
        span = (pl.col("first").min(), pl.col("last").max(), pl.col("uses").sum())
        self._accounts = [accounts.group_by("account_id").agg(pl.col("signup").min(), *span)]
        derived = [pl.col(kind.name).drop_nulls().first() for kind in kinds().derived]
        self._links = [links.group_by(_LINK_KEY).agg(*derived, *span)]
        self._rows = len(self._links[0])


def batches(accounts: pl.DataFrame, links: pl.DataFrame, size: int) -> Iterator[Batch]:
    """Cuts sorted accounts and links into batches of up to `size` links; an account comes with its first link.

    The same input gives the same batches: that is what makes a file resumable by batch number.
    """
    first_link = links.with_row_index("batch").group_by("account_id").agg(pl.col("batch").min() // size)
    placed = accounts.join(first_link, on="account_id", how="left", maintain_order="left")
    with_links = -(-len(links) // size)
    lone = pl.col("batch").is_null().cast(pl.Int64).cum_sum() - 1  # accounts without links fill batches of their own
    placed = placed.with_columns(pl.col("batch").cast(pl.Int64).fill_null(lone // size + with_links))
    placed = placed.sort("batch", "account_id")
    numbers = placed.get_column("batch")
    total = numbers[-1] + 1 if len(numbers) else 0
    for number in range(total):
        low, high = numbers.search_sorted(number, "left"), numbers.search_sorted(number, "right")
        yield whole(placed.slice(low, high - low), links.slice(number * size, size))


def whole(accounts: pl.DataFrame, links: pl.DataFrame) -> Batch:
    """All of these accounts and links in one batch."""
    rows = {
        row[0]: [*row, *([] for _ in kinds().sent)]
        for row in _micros(accounts, "signup", "first", "last").select(_ACCOUNT_COLUMNS).iter_rows()
    }
    place = {kind.name: len(_ACCOUNT_COLUMNS) + n for n, kind in enumerate(kinds().sent)}
    parts = _micros(links, "first", "last").select("account_id", "kind", "id", "first", "last", "uses")
    for account, kind, *link in parts.iter_rows():
        row = rows.get(account)
        if row is None:
            row = rows[account] = [account, None, link[1], link[2], 0, *([] for _ in kinds().sent)]
        row[place[kind]].append(link)
    derived = {kind.name: _derived(links, kind.name) for kind in kinds().derived}
    return Batch([rows[key] for key in sorted(rows)], derived, len(links))


def _derived(links: pl.DataFrame, name: str) -> list[tuple[str, str]]:
    return links.filter(pl.col(name).is_not_null()).select("id", name).unique().sort("id").rows()


def renamed(batch: Batch, tokeniser: Tokeniser) -> Batch:
    """The batch with all tokens under the tokeniser's newest key, whichever they were made with."""
    if not tokeniser.added:
        return batch
    name, first = tokeniser.current, len(_ACCOUNT_COLUMNS)
    rows = [
        [*row[:first], *(sorted([name(link[0]), *link[1:]] for link in links) for links in row[first:])]
        for row in batch.rows
    ]
    derived = {kind: sorted({(name(one), name(wider)) for one, wider in of}) for kind, of in batch.derived.items()}
    return Batch(rows, derived, batch.n_links)


def _micros(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return frame.with_columns(pl.col(name).dt.epoch("us") for name in columns)


def _accounts(good: pl.DataFrame) -> pl.DataFrame:
    return good.group_by("account_id").agg(
        pl.col("at").filter(pl.col("type") == "signup").min().alias("signup"),
        pl.col("at").min().alias("first"),
        pl.col("at").max().alias("last"),
        pl.col("uses").filter(pl.col("counted").is_null()).sum(),
    )


def _links(good: pl.DataFrame) -> pl.DataFrame:
    parts = []
    for field, kind in kinds().fields.items():
        derived = {
            other.name: pl.col(other.name) if other.name in kind.parents else pl.lit(None, pl.String)
            for other in kinds().derived
        }
        part = good.filter(pl.col(field).is_not_null()).group_by("account_id", pl.col(field).alias("id"))
        parts.append(
            part.agg(
                *(value.first().alias(name) for name, value in derived.items()),
                pl.col("at").min().alias("first"),
                pl.col("at").max().alias("last"),
                pl.col("uses").sum(),
            ).select("account_id", pl.lit(kind.name).alias("kind"), "id", *derived, "first", "last", "uses")
        )
    return pl.concat(parts)


def _no_events() -> pl.DataFrame:
    table = kinds()
    names = ("account_id", "type", "counted", *table.fields, *(kind.name for kind in table.derived))
    text = dict.fromkeys(names, pl.String)
    return pl.DataFrame(schema={**text, "at": pl.Datetime("us", "UTC"), "uses": pl.Int64})
