"""Makes decisions: evidence from a lookup, a risk, and the policy's action."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from service.decisions import verdicts
from service.decisions.index.lookup import Lookup
from service.decisions.policy import EventType, Policy
from service.decisions.signup_risk import signup_risk
from service.ingest.domains import sort_of
from service.model.decision import Decision, Reason, level_of, reasons_of, told_points
from service.model.evidence import AccountEvidence, RunInfo
from service.model.kinds import kinds

NO_RUN = "none"
THROWAWAY = "The e-mail address is at a domain of throw-away mail; by itself that moves no score."


def throwaway(kind: str, identifier: str) -> bool:
    """Whether this is a domain of mailboxes that nobody keeps; it can't be told of a domain that is kept as a token."""
    child = kinds().child.get(kind)
    return child is not None and child.normalise == "email" and sort_of(child, identifier) == "throwaway"


def signup(
    lookup: Lookup,
    policy: Policy,
    identifiers: Sequence[tuple[str, str]],
    now: int,
    degraded: bool,
    left_out: Sequence[str] = (),
) -> Decision:
    """The decision for a signup with these (kind, id) pairs: what is evidence, and
    domains of throw-away mail, which are told, as are the kinds that were sent and `left_out`. Raises
    UnavailableError if the lookup can't answer."""
    run = lookup.run()
    spoken = {kind.name for kind in kinds().evidence}
    evidence = [pair for pair in identifiers if pair[0] in spoken]
    risk, ring, reasons = signup_risk(lookup.identifiers(evidence, now), run, now)
    if any(throwaway(*pair) for pair in identifiers):
        reasons = (*reasons, Reason("throwaway_email", THROWAWAY, 0.0))
    for name in left_out:
        text = f"The {kinds().by_name[name].word} that was sent identifies nobody or can't be read: it was left out."
        reasons = (*reasons, Reason(f"left_out_{name}", text, 0.0))
    return _decision("signup", risk, ring.id if ring else None, reasons, policy, run, degraded)


def account(lookup: Lookup, policy: Policy, account_id: str, now: int, degraded: bool) -> Decision | None:
    """The decision for a known account; None if there is no such account. Raises UnavailableError."""
    found = lookup.account(account_id, now)
    if found is None:
        return None
    run = lookup.run()
    if found.identifiers is not None and found.label is None:
        risk, ring, reasons = signup_risk(found.identifiers, run, now)
        reasons = (
            Reason("not_scored_yet", "No detection run has seen this account: its identifiers decide.", 0.0),
            *reasons,
        )
    else:
        ring = found.ring
        risk, reasons = judged(found, run)
    return _decision("account", risk, ring.id if ring else None, reasons, policy, run, degraded)


def judged(found: AccountEvidence, run: RunInfo | None) -> tuple[float, tuple[Reason, ...]]:
    """The run's risk and reasons, with what people said about the account and its ring put first: it decides."""
    reasons = tuple(Reason(**reason) for reason in orjson.loads(found.reasons))
    if found.label == "fraud":
        return 1.0, (Reason("labelled_fraud", "People marked this account as fraud.", 100.0), *reasons)
    if found.label == "legitimate":
        taken = told_points(-100 * found.risk)
        said = Reason("labelled_legitimate", "People marked this account as legitimate.", taken)
        return 0.0, (said, *reasons)
    return verdicts.of_member(found, reasons, run)


def _decision(
    event: EventType,
    risk: float,
    ring: str | None,
    reasons: tuple[Reason, ...],
    policy: Policy,
    run: RunInfo | None,
    degraded: bool,
) -> Decision:
    score = told_points(100 * risk)
    return Decision(
        score=score,
        level=level_of(score / 100),
        action=policy.enforce.action(event, score),
        ring=ring,
        reasons=tuple(reasons_of(score, reasons)),
        model_version=run.model_version if run else NO_RUN,
        run_id=run.id if run else None,
        degraded=degraded,
        run_finished=run.finished if run else 0,
    )
