"""Which single shared identifier, taken away, would change an account's level: whether a doubtful case hangs by one
thread. Worked out from what the run left in the graph; the ring itself is taken to stay as it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.detection import parameters
from service.detection.scoring.model import Table
from service.model.decision import level_of
from service.model.kinds import kinds


@dataclass(frozen=True, slots=True)
class Tie:
    """One identifier of an account: how many accounts use it (k), and how many of them are in the account's ring."""

    kind: str
    identifier: str
    k: int
    ring_members: int


@dataclass(frozen=True, slots=True)
class WouldChange:
    """Without this identifier the account would have this score (0 to 100) and level."""

    kind: str
    identifier: str
    score: float
    level: str


def would_change(
    risk: float, alone: float, covered_share: float, ties: Sequence[Tie], table: Table
) -> list[WouldChange]:
    """The identifiers whose removal changes the level of an account with this risk (0 to 1; `alone`: what it would be
    in no group) by this table, in a ring that covers this share of what its members use; lowest score first."""
    found = []
    before = _tied(covered_share, ties, table)
    for number, tie in enumerate(ties):
        rest = [*ties[:number], *ties[number + 1 :]]
        after = min(alone, risk)
        if any(_inside(other) for other in rest):
            odds = _logit(risk) + _tied(covered_share, rest, table) - before
            after = max(after, min(1 / (1 + math.exp(-odds)), risk))
        score = round(100 * after, 1)
        if level_of(score / 100) != level_of(round(100 * risk, 1) / 100):
            found.append(WouldChange(tie.kind, tie.identifier, score, level_of(score / 100)))
    return sorted(found, key=lambda change: change.score)


def _tied(covered_share: float, ties: Sequence[Tie], table: Table) -> float:
    """What the model's term on ties adds to the logit of an account (docs/detection.md, The model)."""
    total = sum(_prior(tie) for tie in ties)
    inside = [tie for tie in ties if _inside(tie)]
    covered = sum(_prior(tie) for tie in inside) / total if total else 0.0
    curve = table.terms.get("shares_as_ring")  # fitting leaves out what is worth nothing
    return float(curve.of(np.array(covered - covered_share))) if curve else 0.0


def _prior(tie: Tie) -> float:
    return parameters.EVIDENCE.priors[kinds().by_name[tie.kind].role]


def _inside(tie: Tie) -> bool:
    return tie.ring_members >= parameters.INSIDE_MEMBERS and tie.ring_members >= parameters.INSIDE_HELD * tie.k


def _logit(risk: float) -> float:
    bounded = min(max(risk, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))
