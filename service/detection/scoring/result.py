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
from service.detection.scoring import membership
from service.detection.scoring.candidates import Candidates, finalise_rings, merge_views, score_candidates, ties
from service.detection.scoring.label_model import Learned


@dataclass(frozen=True, slots=True)
class ScoringResult:
    """ring (N; -1 for none) numbers R rings by size, `rings` are their facts and scores; risk (N, 0 to 1) is made of
    member, own and velocity (N, each 0 to 1), and of what people said: `cause` (N) is its place in CAUSES, and
    risk_without_labels (N) what it would be without. verdict (R) is what people decided on a ring: 1 confirmed, -1
    dismissed, 0 neither. `learned` is from labels, None if there are too few."""

    ring: Ints
    rings: Candidates
    risk: Floats
    member: Floats
    own: Floats
    velocity: Floats
    risk_without_labels: Floats
    cause: Ints
    verdict: Ints
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
    with ThreadPoolExecutor(2) as pool:  # numpy lets go of the interpreter in most of it
        views_judged = [pool.submit(score_candidates, snapshot, evidence, population, view) for view in views]
        own_links = pool.submit(membership.own_links, snapshot, evidence)
        added = pool.submit(membership.velocity, snapshot, population)
    judged, own, velocity = [view.result() for view in views_judged], own_links.result(), added.result()
    cleared, confirmed = snapshot.label < 0, snapshot.label > 0
    member = np.max([np.zeros(snapshot.accounts), *[view.member for view in judged]], axis=0)
    judged = [replace(view, member=np.where(cleared, 0.0, view.member)) for view in judged]
    ring, surest = merge_views(judged, before)
    ring = finalise_rings(ring, tie(ties(snapshot, ring)))
    rings = score_candidates(snapshot, evidence, population, ring)
    member = np.maximum(member, rings.member)  # cards and devices can tie a part that is too young to tell to a ring
    surest = np.where(cleared, 0.0, np.maximum(surest, rings.member))
    rings = replace(rings, ring_score=np.maximum(rings.ring_score, _mean_of(surest, ring)))
    risk_without_labels = membership.fuse(member, own, velocity)
    risk = np.where(cleared, 0.0, membership.fuse(surest, own, velocity))
    risk = np.where(confirmed, np.maximum(risk, parameters.CONFIRMED), risk)
    cause = np.where(confirmed, CONFIRMED, NONE)
    verdict = np.zeros(len(rings.ring_score), np.int64)
    return ScoringResult(ring, rings, risk, surest, own, velocity, risk_without_labels, cause, verdict)


def _mean_of(member: Floats, ring: Ints) -> Floats:
    """How surely the accounts of each ring (R) are members, on average: a part that cards and devices cut out of a
    larger group is not less suspicious than the group."""
    placed = ring >= 0
    size = np.bincount(ring[placed])
    return np.bincount(ring[placed], member[placed]) / np.maximum(size, 1)


def birth_sums(snapshot: Snapshot, risk: Floats) -> tuple[Floats, Floats, float]:
    """For each identifier (M) the sums of h and of h times risk over its birth links, h halving every
    SIGNUP_HALF_LIFE_DAYS of the account's age; and the mean risk of accounts born within one half-life."""
    age_days = (snapshot.now - snapshot.created) / parameters.DAY_S
    h = 0.5 ** (age_days / parameters.SIGNUP_HALF_LIFE_DAYS)
    rows = np.flatnonzero(snapshot.birth)
    of, account = snapshot.identifier[rows], snapshot.account[rows]
    sums: Floats = np.bincount(of, h[account], snapshot.identifiers).astype(np.float64)
    risky: Floats = np.bincount(of, h[account] * risk[account], snapshot.identifiers).astype(np.float64)
    fresh = age_days <= parameters.SIGNUP_HALF_LIFE_DAYS
    return sums, risky, float(risk[fresh].mean()) if fresh.any() else 0.0
