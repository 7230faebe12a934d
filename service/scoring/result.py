"""What a run found, before it is written: rings with their members, and a risk for each account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.detection.evidence import Evidence
from service.detection.snapshot import Floats, Ints, Snapshot
from service.scoring import account_signals, weights
from service.scoring.candidates import Candidates, judge, unite
from service.scoring.facts import Population


@dataclass(frozen=True, slots=True)
class Found:
    """ring (N; -1 for none) numbers R rings by size, `rings` are their facts and scores; risk (N, 0 to 1) is made of
    member, own and velocity (N, each 0 to 1)."""

    ring: Ints
    rings: Candidates
    risk: Floats
    member: Floats
    own: Floats
    velocity: Floats


def find(snapshot: Snapshot, evidence: Evidence, usual: Population, views: list[Ints], before: Ints) -> Found:
    """Rings and risks from the groups of each view (N each) and the ring that each account was in `before` (N)."""
    judged = [judge(snapshot, evidence, usual, view) for view in views]
    ring = unite(judged, before)
    rings = judge(snapshot, evidence, usual, ring)
    member = np.max([*(view.member for view in judged), rings.member], axis=0)
    own = account_signals.own_links(snapshot, evidence)
    velocity = account_signals.velocity(snapshot)
    return Found(ring, rings, account_signals.fuse(member, own, velocity), member, own, velocity)


def birth_sums(snapshot: Snapshot, risk: Floats) -> tuple[Floats, Floats, float]:
    """For each identifier (M) the sums of h and of h times risk over its birth links, h halving every
    SIGNUP_HALF_LIFE_DAYS of the account's age; and the mean risk of accounts born within one half-life."""
    age_days = (snapshot.now - snapshot.created) / weights.DAY_S
    h = 0.5 ** (age_days / weights.SIGNUP_HALF_LIFE_DAYS)
    rows = np.flatnonzero(snapshot.birth)
    of, account = snapshot.identifier[rows], snapshot.account[rows]
    sums: Floats = np.bincount(of, h[account], snapshot.identifiers).astype(np.float64)
    risky: Floats = np.bincount(of, h[account] * risk[account], snapshot.identifiers).astype(np.float64)
    fresh = age_days <= weights.SIGNUP_HALF_LIFE_DAYS
    return sums, risky, float(risk[fresh].mean()) if fresh.any() else 0.0
