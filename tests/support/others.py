"""What the worlds of others (bench/others) promise: the columns of their events and of the truth about them."""

from __future__ import annotations

import polars as pl

EVENTS = {
    "account_id": pl.String(),
    "occurred_at": pl.Datetime("us", "UTC"),
    "type": pl.String(),
    "ip": pl.String(),
    "device_id": pl.String(),
    "payment_fingerprint": pl.String(),
}
TRUTH = {"account_id": pl.String(), "fake": pl.Boolean(), "group": pl.String()}
