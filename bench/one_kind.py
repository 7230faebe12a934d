"""Random worlds with one kind of identifier only: what a world's cards tie, tied by mailboxes or phones instead."""

from __future__ import annotations

import polars as pl

KINDS = ("payment", "email", "phone")
MOST = 10**8  # phones that there are


def one_kind(events: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The same events with one of KINDS for each card (each device, in a world without cards), and nothing else."""
    cards = events["payment_fingerprint"].null_count() < events.height
    tie = pl.col("payment_fingerprint" if cards else "device_id")
    number = tie.rank("dense").cast(pl.Int64)
    if kind == "phone" and (events.select(number.max()).item() or 0) >= MOST:
        raise ValueError(f"a world of {MOST:,} cards and more: there are no more phones")
    names = {
        "payment": tie.alias("payment_fingerprint"),
        "email": pl.format("person.{}@people.example", number).alias("email"),
        "phone": pl.format("+49151{}", number.cast(pl.String).str.zfill(8)).alias("phone"),
    }
    return events.select(pl.exclude("ip", "device_id", "payment_fingerprint"), names[kind])
