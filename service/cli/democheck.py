"""The three questions of `ringsight demo --check`: a known fake account, a known honest one, an unseen signup."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
import polars as pl
import requests

HIGH = ("high", "critical")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the levels that are right."""

    title: str
    method: str
    path: str
    body: dict[str, str] | None
    right: tuple[str, ...]


def ask(url: str, events: Path) -> int:
    """Asks the API at `url` about the population in `events`, prints the decisions, returns how many are wrong."""
    wrong = 0
    for question in _questions(events):
        answer = requests.request(question.method, url + question.path, json=question.body, timeout=30)
        if answer.status_code != 200:
            click.secho(f"\n{question.title}: HTTP {answer.status_code} {answer.text}", fg="red")
            wrong += 1
            continue
        right = answer.json()["level"] in question.right
        _print(question, answer.json(), right)
        wrong += not right
    return wrong


def _questions(events: Path) -> list[Question]:
    truth = pl.read_parquet(events / "truth.parquet").sort("account_id")
    fakes = truth.filter(pl.col("label") == "fraud")
    honest = truth.filter(pl.col("label") == "legitimate")
    fake_id = fakes["account_id"][0]
    honest_id = honest["account_id"][0]
    device = (
        pl.scan_parquet(events / "events.parquet")
        .filter(pl.col("device_id").is_not_null())
        .join(fakes.lazy().select("account_id"), on="account_id", how="semi")
        .group_by("device_id")
        .agg(accounts=pl.col("account_id").n_unique(), ip=pl.col("ip").drop_nulls().first())
        .sort("accounts", "device_id", descending=[True, False])
        .head(1)
        .collect()
        .row(0, named=True)
    )
    signup = {"device_id": device["device_id"]} | ({"ip": device["ip"]} if device["ip"] else {})
    return [
        Question(f"A known fake account ({fake_id})", "GET", _risk_path(fake_id), None, HIGH),
        Question(f"A known honest account ({honest_id})", "GET", _risk_path(honest_id), None, ("low",)),
        Question("An unseen signup on a ring's device", "POST", "/v1/risk/signup", signup, HIGH),
    ]


def _risk_path(account_id: str) -> str:
    return f"/v1/accounts/{quote(account_id, safe='')}/risk"


def _print(question: Question, decision: dict[str, Any], right: bool) -> None:
    click.secho(f"\n{question.title}: {'right' if right else 'WRONG'}", bold=True, fg="green" if right else "red")
    ring = decision["ring"] or "no ring"
    click.echo(f"  {decision['level']} ({decision['score']:.0f} of 100), {decision['action']}, {ring}")
    for reason in decision["reasons"][:4]:
        click.echo(f"  {reason['points']:+5.1f}  {reason['text']}")
