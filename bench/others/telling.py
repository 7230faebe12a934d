"""What a company tells of a world: as random worlds are told, so that the model knows data with one kind of identifier
only, without signups, rounded to the day, or all at an account's first moment."""

from __future__ import annotations

import numpy as np
import polars as pl

from service.simulation.random_draws import KINDS, draw_settings

FIELDS = dict(zip(KINDS, ("payment_fingerprint", "device_id", "ip"), strict=True))


def told(events: pl.DataFrame, rng: np.random.Generator, accounts: int) -> pl.DataFrame:
    """The events that are told, in the same columns; which kinds, of which accounts and how exactly is drawn."""
    settings = draw_settings(rng, accounts)
    there = [kind for kind in KINDS if events[FIELDS[kind]].null_count() < events.height]
    kinds = [kind for kind in settings.kinds if kind in there] or there
    people = events["account_id"].unique().sort()
    left_out = {
        FIELDS[kind]: people.filter(rng.random(len(people)) >= settings.known[place]) if kind in kinds else people
        for place, kind in enumerate(KINDS)
    }
    moment = pl.col("occurred_at")
    step = f"{settings.step_s}s"
    fields = list(FIELDS.values())
    return (
        events.with_columns(
            pl.when(pl.col("account_id").is_in(people.implode())).then(None).otherwise(pl.col(field)).alias(field)
            for field, people in left_out.items()
        )
        .with_columns((moment.min().over("account_id") if settings.one_moment else moment).dt.truncate(step))
        .with_columns(pl.col("type") if settings.signups else pl.lit("activity").alias("type"))
        .filter(pl.any_horizontal(pl.col(field).is_not_null() for field in fields).any().over("account_id"))
        .filter(pl.any_horizontal(pl.col(field).is_not_null() for field in fields) | (pl.col("type") == "signup"))
    )
