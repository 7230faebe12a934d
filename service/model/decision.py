"""A risk decision: what a signup flow gets."""

from __future__ import annotations

from dataclasses import dataclass, field

LEVELS = ("low", "medium", "high", "critical")
LEVEL_FLOORS = {"critical": 0.9, "high": 0.6, "medium": 0.5, "low": 0.0}
ACTIONS = ("allow", "review", "challenge", "block")


def level_of(risk: float) -> str:
    """The level of a risk between 0 and 1 (bounds: DETECTION, section 5)."""
    return next(level for level, floor in LEVEL_FLOORS.items() if risk >= floor)


def told_points(points: float) -> float:
    """Points (0 to 100, signed) to one decimal, as scores and reasons tell them; never -0.0."""
    return round(points, 1) + 0.0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a stable code, one plain sentence, its points (0 to 100, signed) and counts that support it."""

    code: str
    text: str
    points: float
    evidence: dict[str, int | float | str] = field(default_factory=dict)


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
