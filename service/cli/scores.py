"""`ringsight scores`: every account with its score, level, ring and reasons."""

from __future__ import annotations

from pathlib import Path

import click
import polars as pl

from service.bootstrap import open_graph
from service.errors import InputError
from service.export.formats import FORMULA
from service.graph.client import Graph
from service.settings import load_settings

PAGE = 20_000
SUFFIXES = (".parquet", ".csv", ".jsonl", ".ndjson")
SCHEMA = {"id": pl.String, "score": pl.Float64, "level": pl.String, "ring": pl.String, "reasons": pl.String}


@click.command("scores")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to write: .parquet, .csv, or .jsonl or .ndjson (JSON lines).",
)
def command(out: Path) -> None:
    """Write every account: id, score (0 to 100), level, ring (empty if none) and reasons (JSON text).

    In CSV an id that a spreadsheet would run as a formula gets an apostrophe in front."""
    if out.suffix not in SUFFIXES:
        raise InputError(f"--out: {out.name} ends in {out.suffix or 'nothing'}; use one of {', '.join(SUFFIXES)}")
    with open_graph(load_settings()) as graph:
        frame = read_scores(graph)
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".parquet":
        frame.write_parquet(out)
    elif out.suffix == ".csv":
        frame.with_columns(_no_formulas(pl.col("id"))).write_csv(out)
    else:
        frame.write_ndjson(out)
    flagged = frame.filter(pl.col("level") != "low").height
    in_rings = frame.filter(pl.col("ring").is_not_null()).height
    click.echo(f"wrote {frame.height:,} accounts to {out}: {flagged:,} at medium or above, {in_rings:,} in rings")


def _no_formulas(column: pl.Expr) -> pl.Expr:
    """With an apostrophe in front of texts that a spreadsheet would run: ids come from outside."""
    return pl.when(column.str.contains(FORMULA)).then(pl.lit("'") + column).otherwise(column).alias("id")


def read_scores(graph: Graph) -> pl.DataFrame:
    """Every account in order of id: id, score (0 to 100), level, ring (null if none), reasons (JSON text)."""
    pages, after = [], ""
    while True:
        row = graph.read("detect/scores", after=after, limit=PAGE)[0]
        if not row["id"]:
            break
        after = row["id"][-1]
        pages.append(
            pl.DataFrame(
                {
                    "id": row["id"],
                    "score": [round(100 * risk, 4) for risk in row["risk"]],
                    "level": row["level"],
                    "ring": [ring or None for ring in row["ring"]],
                    "reasons": row["reasons"],
                },
                schema=SCHEMA,
            )
        )
    return pl.concat(pages) if pages else pl.DataFrame(schema=SCHEMA)
