"""Event rows as arrays, and as the frame that is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from service.simulation.addresses import hex_names, ip_text
from service.simulation.calendar import Ints

SIGNUP, PAYMENT, ACTIVITY = 0, 1, 2
TYPES = pl.Series(["signup", "payment", "activity"])
NONE = -1


@dataclass(frozen=True, slots=True)
class Rows:
    """Events, one array a column: account number, time, type, codes of identifiers (NONE: absent), uses."""

    account: Ints
    time: Ints
    type: Ints
    ip: Ints
    device: Ints
    card: Ints
    uses: Ints

    @property
    def size(self) -> int:
        return int(self.account.size)

    def take(self, picked: Ints) -> Rows:
        """The rows at these positions (or where a mask holds)."""
        return Rows(**{field.name: getattr(self, field.name)[picked] for field in fields(self)})


def concat(parts: Sequence[Rows]) -> Rows:
    """All rows of the parts, in order."""
    return Rows(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Rows)})


def account_names(numbers: Ints, seed: int) -> pl.Series:
    """Account ids that tell nothing of who is behind them."""
    return hex_names(numbers, "acc_", seed * 4 + 1)


def to_frame(rows: Rows, seed: int, rng: np.random.Generator) -> pl.DataFrame:
    """The event contract's columns (README, "Events"); event_id is left empty."""
    return pl.DataFrame(
        {
            "account_id": account_names(rows.account, seed),
            "occurred_at": pl.Series(rows.time).cast(pl.Datetime("us", "UTC")),
            "type": TYPES.gather(rows.type),
            "ip": ip_text(rows.ip, rng),
            "device_id": hex_names(rows.device, "dev_", seed * 4 + 2),
            "payment_fingerprint": hex_names(rows.card, "fp_", seed * 4 + 3),
            "event_id": pl.Series([None], dtype=pl.String).new_from_index(0, rows.size),
            "uses": rows.uses,
        }
    )
