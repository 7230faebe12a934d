"""A risk decision: what a signup flow gets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

LEVELS = ("low", "medium", "high", "critical")
LEVEL_FLOORS = {"critical": 0.9, "high": 0.6, "medium": 0.5, "low": 0.0}
ACTIONS = ("allow", "review", "challenge", "block")


def level_of(risk: float) -> str:
    """The level of a risk between 0 and 1 (bounds: DETECTION, section 5)."""
    return next(level for level, floor in LEVEL_FLOORS.items() if risk >= floor)


def told_points(points: float, digits: int = 1) -> float:
    """Points (0 to 100, signed) to one decimal, as scores and reasons tell them; never -0.0."""
    return round(points, digits) + 0.0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a stable code, one plain sentence, its points (0 to 100, signed) and counts that support it."""

    code: str
    text: str
    points: float
    evidence: dict[str, int | float | str] = field(default_factory=dict)


def adding_up(points: Sequence[float], total: float, digits: int = 1) -> list[float]:
    """Points to so many digits that add up to the total as it is told (rounded too): all are cut off, and those that
    lost most get one more of the last digit (largest remainders). Points that are not of this total are rounded."""
    scale = 10**digits
    exact = [scale * value for value in points]
    wanted = round(scale * round(total, digits))
    if abs(wanted - sum(exact)) > (len(points) + 1) / 2:  # more than rounding each of them can have lost
        return [told_points(value, digits) for value in points]
    whole = [math.floor(value + 1e-6) for value in exact]
    each, more = divmod(wanted - sum(whole), max(len(points), 1))
    ranked = sorted(range(len(points)), key=lambda place: whole[place] - exact[place])
    for rank, place in enumerate(ranked):
        whole[place] += each + (rank < more)
    return [told_points(value / scale, digits) for value in whole]


def reasons_of(score: float, reasons: Sequence[Reason]) -> list[Reason]:
    """Reasons with their points as they are told: they add up to the score (0 to 100)."""
    points = adding_up([reason.points for reason in reasons], score)
    return [
        reason if reason.points == told else replace(reason, points=told)
        for reason, told in zip(reasons, points, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Decision:
    """`score` is 0 to 100; `ring` an id or None; `degraded` true if answered without the graph; `run_finished` epoch
    seconds (0: no run)."""

    score: float
    level: str
    action: str
    ring: str | None
    reasons: tuple[Reason, ...]
    model_version: str
    run_id: str | None
    degraded: bool
    run_finished: int = 0
