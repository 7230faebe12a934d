"""Worlds of accounts that other authors wrote, who had read neither the simulator nor the random worlds."""

from __future__ import annotations

import polars as pl

TIMED = {
    "account_id": pl.String,
    "time": pl.Float64,
    "type": pl.String,
    "ip": pl.String,
    "device_id": pl.String,
    "payment_fingerprint": pl.String,
}
"""The columns of events while their time is seconds since a world began."""
