"""`ringsight evaluate`: how good scores are, where the truth is known."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.table import Table

from service.cli.terminal import console
from service.evaluation.evaluate import Report, evaluate_files

MOST_CAMPAIGNS = 20


@click.command("evaluate")
@click.argument("scores", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("truth", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def command(scores: Path, truth: Path, as_json: bool) -> None:
    """Compare SCORES (of `ringsight scores`) with TRUTH (of `ringsight simulate`, or columns account_id and label)."""
    report = evaluate_files(scores, truth)
    if as_json:
        click.echo(json.dumps(asdict(report)))
        return
    printed = console()
    for table in _tables(report):
        printed.print(table)
    click.echo(
        f"{report.accounts:,} accounts, {report.fraud:,} fraud ({report.unlabelled:,} without a label left out, "
        f"{report.unscored:,} without a score count as 0): AUC {_figure(report.auc)}, "
        f"average precision {_figure(report.average_precision)}; {report.rings:,} rings, "
        f"{report.honest_rings:,} of them mostly honest, {report.honest_in_rings:,} honest accounts in rings"
    )


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _table(title: str, columns: list[str], rows: list[list[str]]) -> Table:
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    return table


def _tables(report: Report) -> list[Table]:
    levels = [
        [
            at.level,
            f"{at.flagged:,}",
            _figure(at.precision),
            _figure(at.recall),
            f"{at.honest_flagged:,}",
            _figure(at.honest_share),
        ]
        for at in report.levels
    ]
    tables = [
        _table("At this level and above", ["level", "flagged", "precision", "recall", "honest", "of honest"], levels)
    ]
    campaigns = [
        [
            c.campaign,
            f"{c.accounts:,}",
            _figure(c.flagged_high),
            _figure(c.in_rings),
            _figure(c.captured),
            str(c.pieces),
        ]
        for c in report.campaigns[:MOST_CAMPAIGNS]
    ]
    if campaigns:
        left = len(report.campaigns) - len(campaigns)
        title = "Campaigns" + (f" (the largest; {left} more)" if left else "")
        tables.append(
            _table(title, ["campaign", "accounts", "flagged high", "in rings", "in its ring", "pieces"], campaigns)
        )
    kinds = [
        [kind, *(f"{row[key]:,}" for key in ("accounts", "flagged_high", "in_rings"))]
        for kind, row in report.honest_by_kind.items()
    ]
    if kinds:
        tables.append(_table("Honest accounts", ["kind", "accounts", "flagged high", "in rings"], kinds))
    return tables
