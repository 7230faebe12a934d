"""`ringsight model`: what the scores are made of."""

from __future__ import annotations

import json
from typing import Any

import click

from service.decisions.model_card import model_card


@click.command("model")
@click.option("--json", "as_json", is_flag=True, help="All of it, with every learned value, as JSON.")
def command(as_json: bool) -> None:
    """Show the model behind the scores: each term, what it can add, and what it was fitted on."""
    card = model_card()
    if as_json:
        click.echo(json.dumps(card, indent=2))
        return
    fitted = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in card["fitted_on"].items())
    click.echo(f"model {card['version']}: {card['formula']}\nfitted on {fitted}\n\n{card['use']}\n{card['limits']}")
    for data in ("with_addresses", "without_addresses"):
        click.echo(f"\ndata {data.replace('_', ' ')}")
        for name in ("rings", "accounts"):
            _show(name, card[data][name])
    click.echo("\nsignups: the risk of a newcomer where all on an identifier are fake, or where so many came at once")
    for role, weights in card["signups"].items():
        click.echo(f"  {role:18}" + "  ".join(f"{source} {weight:.2f}" for source, weight in weights.items()))


def _show(name: str, table: dict[str, Any]) -> None:
    click.echo(f"\n{name}: {table['score_usual']} where every term is as usual; nats from to, not known, error")
    for term in table["terms"]:
        nats = [value - term["nats_usual"] for value in (term["nats"][0], term["nats"][-1], term["nats_unknown"])]
        figures = "".join(f"{value:+7.2f}" for value in nats) + f"{term['error']:6.2f}"
        click.echo(f"  {term['code']:18}{figures}  {term['adds']}")
