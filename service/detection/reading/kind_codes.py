"""The kinds of identifier as detection numbers them, and what it takes them for: by role, never by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from service.model.kinds import Table, kinds

BURST_NAME = "burst"
DERIVED = "derived"  # the prior of places that are derived from others (networks)


@dataclass(frozen=True, eq=False)
class Codes:
    """The kinds that say something: those of events in the order of the table, then derived places, then bursts, which
    only detection knows. A snapshot's `kind` is an index into `names`, `roles` and the masks (one flag a kind)."""

    names: tuple[str, ...]
    roles: tuple[str, ...]  # strong, place, derived or burst: names of EvidenceParameters.priors
    strong: NDArray[np.bool_]  # few share one: cards, devices
    place: NDArray[np.bool_]  # many do, at times: addresses
    sent: NDArray[np.bool_]  # both of those
    derived: NDArray[np.bool_]  # networks
    strong_codes: tuple[int, ...]
    place_codes: tuple[int, ...]
    derived_codes: tuple[int, ...]
    burst: int


def codes() -> Codes:
    """Those of the table in use."""
    return _codes(kinds())


@cache
def _codes(table: Table) -> Codes:
    wide = tuple(kind for kind in table.derived if kind.role == "place" and table.child[kind.name].role == "place")
    names = (*(kind.name for kind in (*table.evidence, *wide)), BURST_NAME)
    roles = (*(kind.role for kind in table.evidence), *(DERIVED for _ in wide), BURST_NAME)

    def mask(*wanted: str) -> NDArray[np.bool_]:
        return np.array([role in wanted for role in roles])

    def of(role: str) -> tuple[int, ...]:
        return tuple(code for code, own in enumerate(roles) if own == role)

    return Codes(
        names,
        roles,
        strong=mask("strong"),
        place=mask("place"),
        sent=mask("strong", "place"),
        derived=mask(DERIVED),
        strong_codes=of("strong"),
        place_codes=of("place"),
        derived_codes=of(DERIVED),
        burst=len(names) - 1,
    )
