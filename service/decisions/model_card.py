"""What the model is: every term with its sentences and learned values, and what it was fitted on.

A model card: Mitchell and others, Model cards for model reporting, 2019."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from service.detection.scoring import terms
from service.detection.scoring.model import Table, Tables, model

USE = (
    "Ranks groups of accounts, and accounts, for people to look at, and answers signups. It knows accounts, cards, "
    "devices and addresses and when they were used; nothing of what people write, say or are."
)
LIMITS = (
    "Fitted on worlds drawn at random and on worlds that others made up, never on real customers: figures on real data "
    "are in docs/detection.md, with what it misses and whom it flags by mistake. Honest people who sign up side by "
    "side on one device, with nothing else known of them, look like a ring. Decide with the evidence in view."
)


def model_card() -> dict[str, Any]:
    """Version, what it was fitted on, use and limits, and the tables for rings and for accounts: for data with
    addresses, and for data without."""
    found = model()
    return {
        "version": found.version,
        "formula": "score = 100 / (1 + exp(-logit)); logit = base + the sum of all terms",
        "fitted_on": dict(found.fitted_on),
        "use": USE,
        "limits": LIMITS,
        "with_addresses": _tables(found.with_addresses),
        "without_addresses": _tables(found.without_addresses),
        "signups": {role: dict(weights) for role, weights in found.signups.items()},
    }


def _tables(tables: Tables) -> dict[str, Any]:
    return {"rings": _table(tables.rings, terms.RINGS), "accounts": _table(tables.accounts, terms.ACCOUNTS)}


def _table(table: Table, known: Mapping[str, terms.Term]) -> dict[str, Any]:
    """A table: its base, the score (0 to 100) where every term is as usual, and its terms, the widest range first."""
    rows = [
        {
            "code": code,
            "measure": known[code].measure,
            "adds": known[code].adds,
            "takes": known[code].takes,
            "knots": curve.knots.tolist(),
            "nats": curve.values.tolist(),
            "nats_unknown": curve.unknown,
            "nats_usual": curve.usual,
            "range": round(float(curve.values[-1] - curve.values[0]), 3),
            "error": curve.error,
        }
        for code, curve in table.terms.items()
    ]
    usual = round(100 / (1 + math.exp(-table.start)), 2)
    return {"base": table.base, "score_usual": usual, "terms": sorted(rows, key=lambda row: -row["range"])}
