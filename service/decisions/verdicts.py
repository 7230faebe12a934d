"""What people decided on a ring, for its members: the rule of docs/decisions.md, which detection runs follow too.

A run knows what people decided before it, and its risks hold that. What they decided since is applied here, to the
members that they could look at; a word that they took back since, or turned, counts no longer. What a run or an
incremental pass has found holds it if people decided before the run looked, or if its reasons say so.
"""

from __future__ import annotations

import math

from service.detection.parameters import CONFIRMED
from service.model.decision import Reason, told_points
from service.model.evidence import AccountEvidence, RingSummary, RunInfo

# The codes with which a run says that a risk holds what people decided.
BY_RING = {"confirmed": "ring_confirmed", "dismissed": "ring_dismissed"}
CERTAIN = 1.0 - 1e-9


def of_member(
    found: AccountEvidence, reasons: tuple[Reason, ...], run: RunInfo | None
) -> tuple[float, tuple[Reason, ...]]:
    """The risk of an account, and its reasons, with what people decided on its ring since the run looked: what the
    run had counted of an earlier word of theirs is taken back first."""
    ring = found.ring
    if ring is None or (run is not None and run.knows(ring)):
        return found.risk, reasons
    code = BY_RING.get(ring.status)
    counted = next((reason for reason in reasons if _of(reason, ring)), None)
    if counted is not None and counted.code == code:
        return found.risk, reasons
    before = found.risk
    if counted is not None:
        before = min(max(before - counted.points / 100, 0.0), 1.0)
        reasons = tuple(reason for reason in reasons if reason is not counted)
    if ring.status == "confirmed":
        risk = _lifted(before, ring)
        text = f"People confirmed ring {ring.id}, which this account is in."
    elif ring.status == "dismissed" and found.created <= ring.status_at:  # nobody has looked at those who came later
        risk = 0.0
        text = f"People dismissed ring {ring.id}, which this account is in: it no longer counts."
    else:
        return before, reasons
    return risk, (Reason(BY_RING[ring.status], text, told_points(100 * (risk - before))), *reasons)


def _of(reason: Reason, ring: RingSummary) -> bool:
    """Whether a reason says what people decided on this ring, and not on an earlier one that became a part of it: their
    word on that one stands. Runs of before it was noted say only that they decided."""
    return reason.code in BY_RING.values() and reason.evidence.get("ring", ring.id) == ring.id


def _lifted(risk: float, ring: RingSummary) -> float:
    """As surely fraud as if the ring scored CONFIRMED at least: who hardly belongs to it stays behind."""
    lift = max(_logit(CONFIRMED) - _logit(ring.score / 100), 0.0)
    return 1.0 / (1.0 + math.exp(-_logit(risk) - lift)) if lift else risk


def _logit(risk: float) -> float:
    bounded = min(max(risk, 1.0 - CERTAIN), CERTAIN)
    return math.log(bounded / (1.0 - bounded))
