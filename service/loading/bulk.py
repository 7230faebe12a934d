"""Files for Neo4j's bulk importer: one for each label and relationship type, headers apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from service.model.kinds import Kind, kinds

# Micros, always with a zone: what the importer reads as a datetime.
_TIME = "%Y-%m-%dT%H:%M:%S%.6fZ"
_LINK_PROPERTIES = "first_seen:datetime,first_s:long,last_seen:datetime,uses:long"
_ACCOUNT = "id:ID(Account),created_at:datetime,created_s:long,created_from,last_seen:datetime,uses:long"
_SOURCE = "id:ID(IngestSource),name,bytes:long,state,events:long,refused:long,duplicates:long,finished_at:datetime"


@dataclass(slots=True)
class BulkFiles:
    """What the importer is given: label or type -> header file and data file."""

    folder: Path
    nodes: dict[str, Sequence[Path]] = field(default_factory=dict)
    relationships: dict[str, Sequence[Path]] = field(default_factory=dict)

    def add_nodes(self, label: str, header: str, rows: pl.DataFrame) -> None:
        """Nodes of one label."""
        self.nodes[label] = self._write(label, header, rows)

    def add_links(self, kind: str, header: str, rows: pl.DataFrame) -> None:
        """Relationships of one type."""
        self.relationships[kind] = self._write(kind, header, rows)

    def _write(self, name: str, header: str, rows: pl.DataFrame) -> Sequence[Path]:
        top, data = self.folder / f"{name}.header.csv", self.folder / f"{name}.csv"
        top.write_text(header + "\n", encoding="utf-8")
        rows.write_csv(data, include_header=False, datetime_format=_TIME, quote_style="necessary")
        return (top, data)


def write_files(accounts: pl.DataFrame, links: pl.DataFrame, sources: pl.DataFrame, folder: Path) -> BulkFiles:
    """Writes all files. `accounts`, `links`: as service/ingest/aggregate.py gives them; `sources`: the files that they
    come from, with the columns of IngestSource, so that `ringsight ingest` knows them later."""
    files = BulkFiles(folder)
    files.add_nodes("Account", _ACCOUNT, _accounts(accounts))
    files.add_nodes("IngestSource", _SOURCE, sources)
    for kind in kinds().sent:
        own = links.filter(pl.col("kind") == kind.name)
        if not len(own):
            continue
        files.add_nodes(kind.label, f"id:ID({kind.label})", own.select(pl.col("id").unique()))
        header = f":START_ID(Account),:END_ID({kind.label}),{_LINK_PROPERTIES}"
        first_s = pl.col("first").dt.epoch("s").alias("first_s")
        files.add_links(kind.link, header, own.select("account_id", "id", "first", first_s, "last", "uses"))
        for parent in kind.parents:
            _add_derived(files, kind, kinds().by_name[parent], own)
    return files


def _accounts(accounts: pl.DataFrame) -> pl.DataFrame:
    born = pl.coalesce("signup", "first")
    source = pl.when(pl.col("signup").is_null()).then(pl.lit("event")).otherwise(pl.lit("signup"))
    return accounts.select(
        "account_id", born.alias("born"), born.dt.epoch("s").alias("born_s"), source.alias("source"), "last", "uses"
    )


def _add_derived(files: BulkFiles, kind: Kind, parent: Kind, links: pl.DataFrame) -> None:
    inside = links.filter(pl.col(parent.name).is_not_null()).select("id", parent.name).unique("id")
    files.add_nodes(parent.label, f"id:ID({parent.label})", inside.select(pl.col(parent.name).unique()))
    files.add_links(parent.link, f":START_ID({kind.label}),:END_ID({parent.label})", inside)
