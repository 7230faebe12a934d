"""Five worlds of honest people and of rings of fake accounts, by an author who had read neither the simulator nor the
random worlds (service/simulation/): what a service, its customers and its fakes look like is that author's own idea.

Each world has its settings (settings.py) and its kinds of campaigns (population.py); what each honest crowd and each
campaign is, and what tells it, is said where it is made (honest_people.py, honest_crowds.py, machine_campaigns.py,
life_campaigns.py)."""

from __future__ import annotations

import polars as pl

from others import TIMED
from others.first.population import populate
from others.first.settings import WORLDS
from others.first.world import World

NAMES: tuple[str, ...] = tuple(WORLDS)
TRUTH = {"account_id": pl.String, "fake": pl.Boolean, "group": pl.String}


def world(name: str, seed: int, accounts: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The events (account_id, occurred_at, type, ip, device_id, payment_fingerprint), by time, and the truth
    (account_id, fake, group), by account, of the world of a name (NAMES) and a seed. Same arguments, same frames.

    type: signup, login, activity or payment. device_id is now and then unknown; payment_fingerprint is of payments. A
    group is honest:KIND or campaign:KIND, with _NUMBER if there may be several. There are at least so many accounts."""
    drawn = populate(name, seed, accounts)
    truth = pl.DataFrame(drawn.truth, schema=TRUTH, orient="row").sort("account_id")
    return _events(drawn), truth


def _events(drawn: World) -> pl.DataFrame:
    told = [event for event in drawn.events if 0 <= event[1] < drawn.end_s]
    parts = [drawn.random.randrange(1000) for _ in told]  # microseconds
    since_start = (pl.col("time") * 1e6).cast(pl.Int64) + pl.Series(parts, dtype=pl.Int64)
    occurred_at = pl.lit(drawn.start) + pl.duration(microseconds=since_start)
    events = pl.DataFrame(told, schema=TIMED, orient="row").with_columns(time=occurred_at)
    return events.rename({"time": "occurred_at"}).sort("occurred_at", maintain_order=True)
