"""What people decided on a ring, for its members: the rule of docs/decisions.md, which detection runs follow too.

A run knows what people decided before it, and its risks hold that. What they decided since is applied here, to the
members that they could look at. What a run or an incremental pass has found holds it if people decided before the run
looked, or if its reasons say so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from service.detection.parameters import CONFIRMED
from service.model.decision import Reason, told_points
from service.model.evidence import AccountEvidence, RingSummary, RunInfo

# The codes with which a run says that a risk holds what people decided.
BY_RUN = {"confirmed": "ring_confirmed", "dismissed": "ring_dismissed"}
CERTAIN = 1.0 - 1e-9


def of_member(found: AccountEvidence, reasons: Sequence[Reason], run: RunInfo | None) -> tuple[float, Reason] | None:
    """The risk of a member with what people decided on its ring, and the reason for it; None if the stored risk and
    reasons stand."""
    ring = found.ring
    if ring is None or BY_RUN.get(ring.status) in (None, *(reason.code for reason in reasons)):
        return None
    if run is not None and run.knows(ring):
        return None
    if ring.status == "confirmed":
        risk = _lifted(found.risk, ring)
        text = f"People confirmed ring {ring.id}, which this account is in."
    elif found.created > ring.status_at:
        return None  # nobody has looked at those who came later
    else:
        risk = 0.0
        text = f"People dismissed ring {ring.id}, which this account is in: it no longer counts."
    return risk, Reason(BY_RUN[ring.status], text, told_points(100 * (risk - found.risk)))


def _lifted(risk: float, ring: RingSummary) -> float:
    """As surely fraud as if the ring scored CONFIRMED at least: who hardly belongs to it stays behind."""
    lift = max(_logit(CONFIRMED) - _logit(ring.score / 100), 0.0)
    return 1.0 / (1.0 + math.exp(-_logit(risk) - lift)) if lift else risk


def _logit(risk: float) -> float:
    bounded = min(max(risk, 1.0 - CERTAIN), CERTAIN)
    return math.log(bounded / (1.0 - bounded))
