"""`ringsight simulate`: a seeded honest population and campaigns, with a truth file."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from service.errors import InputError
from service.simulation.populations import ACCOUNTS, POPULATIONS
from service.simulation.random_world import write_random
from service.simulation.simulate import Format, simulate

RANDOM = "random"


@click.command("simulate")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the files.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31), default=1, show_default=True, help="The same seed, the same events."
)
@click.option(
    "--population",
    type=click.Choice([*POPULATIONS, RANDOM]),
    default="main",
    show_default=True,
    help="random: everything about it is drawn from the seed.",
)
@click.option(
    "--accounts", type=click.IntRange(min=1), default=ACCOUNTS, show_default=True, help="Honest and fake together."
)
@click.option("--format", "form", type=click.Choice(get_args(Format)), default="parquet", show_default=True)
@click.option("--single-uses", is_flag=True, help="One event for each use by a campaign: 16 million at full size.")
def command(out: Path, seed: int, population: str, accounts: int, form: Format, single_uses: bool) -> None:
    """Write a simulated population: events, truth, signups of the week after, and simulation.json.

    The random one has events and truth only.
    """
    if population == RANDOM:
        if form != "parquet" or single_uses:
            raise InputError(
                "--population random writes Parquet, one event for each use; leave --format and others out"
            )
        world = write_random(out, seed, accounts)
        fakes = world.truth.filter(label="fraud").height
        click.echo(
            f"simulated {world.truth.height:,} accounts ({fakes:,} fake), {world.events.height:,} events in "
            f"{out / 'events.parquet'}"
        )
        return
    done = simulate(out, seed, population, accounts, form, single_uses)
    click.echo(
        f"simulated {done.accounts:,} accounts ({done.fakes:,} fake, {done.campaign_uses:,} uses by campaigns), "
        f"{done.events:,} events in {out / done.files[0]}"
    )
