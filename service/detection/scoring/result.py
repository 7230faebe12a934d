"""The result of scoring, before it is written: rings with their members, and a risk for each account."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from service.detection import parameters
from service.detection.evidence.combine import Evidence
from service.detection.reading.population import Population
from service.detection.reading.snapshot import Floats, Ints, Snapshot
from service.detection.scoring.candidates import Candidates, finalise_rings, merge_views, score_candidates, ties
from service.detection.scoring.label_model import Learned
from service.detection.scoring.membership import AS_MEMBER, AccountFacts, account_facts, alone
from service.detection.scoring.membership import risk as risk_of
from service.detection.scoring.model import Tables, model


@dataclass(frozen=True, slots=True)
class ScoringResult:
    """ring (N; -1 for none) numbers R rings by size, `rings` are their facts and scores, `own` the facts of accounts.

    member (N, 0 to 1) is how surely an account is fake as a member of the group that it fits most, `outside` (N) how
    surely without any group; the larger of both is `without_labels`, and `facts` are those, by term, that it comes
    from. risk (N) is that and what people said: `cause` (N) is its place in CAUSES. verdict (R) is what people decided
    on a ring: 1 confirmed, -1 dismissed, 0 neither. `tables` are those of the model that say so; `learned` is from
    labels, None if there are too few."""

    ring: Ints
    rings: Candidates
    own: AccountFacts
    risk: Floats
    member: Floats
    outside: Floats
    without_labels: Floats
    facts: dict[str, Floats]
    cause: Ints
    verdict: Ints
    tables: Tables
    learned: Learned | None = None


CAUSES = (
    ("", ""),
    ("confirmed", "People confirmed it as fraud."),
    ("ring_confirmed", "People confirmed its ring."),
    ("ring_dismissed", "People dismissed its ring."),
    ("near_confirmed", "It is close to accounts that people confirmed as fraud."),
    ("near_cleared", "It is close to accounts that people cleared."),
)
"""Code and sentence of the reason that says how people's words changed a risk (none for the first)."""
NONE, CONFIRMED, RING_CONFIRMED, RING_DISMISSED, NEAR_CONFIRMED, NEAR_CLEARED = range(len(CAUSES))

Tie = Callable[[Ints], Ints]
"""From the rows of links that tie members together to the group of each account (N; -1 for none)."""


def score(
    snapshot: Snapshot, evidence: Evidence, population: Population, views: list[Ints], before: Ints, tie: Tie
) -> ScoringResult:
    """Rings and risks from the groups of each view (N each), the ring that each account was in `before` (N), and a way
    to find connected groups."""
    own = account_facts(snapshot, evidence, population)
    with ThreadPoolExecutor(2) as pool:  # numpy lets go of the interpreter in most of it
        jobs = [pool.submit(score_candidates, snapshot, evidence, population, own, view) for view in views]
    judged = [job.result() for job in jobs]
    cleared, confirmed = snapshot.label < 0, snapshot.label > 0
    free = [replace(view, member=np.where(cleared, 0.0, view.member)) for view in judged]
    ring = merge_views(free, before)
    ring = finalise_rings(ring, tie(ties(snapshot, ring)))
    rings = score_candidates(snapshot, evidence, population, own, ring)
    tables = model().tables(population.addresses_told)
    outside = risk_of(tables.accounts, alone(own))
    # Not by the rings as they are published: their accounts were chosen by these very risks, so their facts look worse.
    facts = _surest(judged, outside, alone(own))
    member = np.max([view.member for view in judged], axis=0)
    without_labels = np.maximum(member, outside)
    member = np.where(cleared, 0.0, member)
    rings = replace(rings, ring_score=np.maximum(rings.ring_score, _mean_of(member, ring)))
    risk = np.where(cleared, 0.0, np.maximum(member, outside))
    risk = np.where(confirmed, np.maximum(risk, parameters.CONFIRMED), risk)
    cause = np.where(confirmed, CONFIRMED, NONE)
    verdict = np.zeros(len(rings.ring_score), np.int64)
    return ScoringResult(ring, rings, own, risk, member, outside, without_labels, facts, cause, verdict, tables)


def _surest(views: list[Candidates], outside: Floats, alone_facts: dict[str, Floats]) -> dict[str, Floats]:
    """The facts of each account (N, by term) in the view in which it is surest to be fake, or those without a group."""
    most, facts = outside, dict(alone_facts)
    for view in views:
        surer = view.member > most
        most = np.where(surer, view.member, most)
        facts |= {code: np.where(surer, view.member_facts[code], facts[code]) for code in AS_MEMBER}
    return facts


def _mean_of(member: Floats, ring: Ints) -> Floats:
    """How surely the accounts of each ring (R) are members, on average: a part that cards and devices cut out of a
    larger group is not less suspicious than the group."""
    placed = ring >= 0
    size = np.bincount(ring[placed])
    return np.bincount(ring[placed], member[placed]) / np.maximum(size, 1)


def birth_sums(snapshot: Snapshot, risk: Floats) -> tuple[Floats, Floats]:
    """For each identifier (M) the sums of h and of h times risk over its birth links, h halving every
    SIGNUP_HALF_LIFE_DAYS of the account's age."""
    age_days = (snapshot.now - snapshot.created) / parameters.DAY_S
    h = 0.5 ** (age_days / parameters.SIGNUP_HALF_LIFE_DAYS)
    rows = np.flatnonzero(snapshot.birth)
    of, account = snapshot.identifier[rows], snapshot.account[rows]
    sums: Floats = np.bincount(of, h[account], snapshot.identifiers).astype(np.float64)
    risky: Floats = np.bincount(of, h[account] * risk[account], snapshot.identifiers).astype(np.float64)
    return sums, risky
