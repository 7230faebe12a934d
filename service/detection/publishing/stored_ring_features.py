"""Facts of published rings, kept with them: an incremental pass over a part of a ring judges by the facts of all of
it."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from typing import Any

import numpy as np

from service.detection.scoring.ring_features import RingFacts


def pack(facts: RingFacts, addresses: bool) -> list[str]:
    """The facts of each ring (R) as JSON text, and whether it was judged as of data that tells addresses."""
    columns = {field.name: getattr(facts, field.name).tolist() for field in fields(facts)}
    return [
        json.dumps({name: _rounded(column[ring]) for name, column in columns.items()} | {"addresses": addresses})
        for ring in range(len(facts.size))
    ]


def unpack(facts: RingFacts, known: dict[int, dict[str, Any]]) -> RingFacts:
    """The same with what is known of some rings (by their number, as packed) in place of what was found."""
    columns = {field.name: getattr(facts, field.name).copy() for field in fields(facts)}
    for ring, values in known.items():
        for name, value in values.items():
            if name in columns:
                columns[name][ring] = np.nan if value is None else value
    return replace(facts, **columns)


def _rounded(value: float) -> float | None:
    """JSON has no nan."""
    return None if math.isnan(value) else round(value, 4)
