"""Scores the candidate rings of each view and makes one set of rings of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.detection import parameters
from service.detection.evidence.combine import Evidence
from service.detection.evidence.signup_windows import sigmoid
from service.detection.identity.matching import overlaps
from service.detection.reading.population import Population
from service.detection.reading.snapshot import Floats, Ints, Snapshot
from service.detection.scoring.membership import AccountFacts, member_facts, risk
from service.detection.scoring.model import Tables, model
from service.detection.scoring.ring_features import MemberFacts, RingFacts, describe
from service.detection.scoring.term_facts import ring_facts
from service.detection.scoring.tying import Pairs

SAME = 0.5  # share of the smaller of two rings from different views that both have, to be one ring


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rings of one view with their facts, scores (R) and, for each account (N), how surely it is a member, and the
    facts, by term, that say so."""

    facts: RingFacts
    members: MemberFacts
    pairs: Pairs
    ring_score: Floats
    member: Floats
    member_facts: dict[str, Floats]


def score_candidates(
    snapshot: Snapshot, evidence: Evidence, population: Population, own: AccountFacts, ring: Ints
) -> Candidates:
    """Scores the rings that `ring` (N; -1 for none) puts accounts in, and their members."""
    tables = model().tables(population.addresses_told)
    facts, members, pairs = describe(snapshot, evidence, population, ring)
    ring_score = ring_scores(facts, tables)
    by_term = member_facts(ring_score, facts, members, own, population)
    return Candidates(facts, members, pairs, ring_score, membership(members, by_term, tables), by_term)


def ring_scores(facts: RingFacts, tables: Tables) -> Floats:
    """The probability that what is in a candidate ring is fake (R, 0 to 1)."""
    return sigmoid(tables.rings.logit(ring_facts(facts)))


def membership(members: MemberFacts, by_term: dict[str, Floats], tables: Tables) -> Floats:
    """The probability that an account is fake as a member of its candidate ring (N, 0 to 1); 0 without one."""
    return np.where(members.ring >= 0, risk(tables.accounts, by_term), 0.0)


def most_shared_view(snapshot: Snapshot) -> Ints:
    """Accounts by the card or device that most accounts use, of those that each has (N; -1: shares none): what one
    identifier alone ties together, pairs and crowds."""
    rows = np.flatnonzero(snapshot.strong[snapshot.identifier] & (snapshot.k >= 2)[snapshot.identifier])
    account, identifier = snapshot.account[rows], snapshot.identifier[rows]
    order = np.lexsort((identifier, snapshot.k[identifier], account))
    last = order[np.diff(account[order], append=-1) != 0]
    view = np.full(snapshot.accounts, -1)
    view[account[last]] = identifier[last]
    return compact(view, 2)


def merge_views(views: list[Candidates], before: Ints) -> Ints:
    """One ring number for each account (N; -1 for none) from the rings of all views.

    The first view that an account belongs to a ring in says which one it is: by whichever is surest, accounts would
    change rings from day to day. An account stays in where it was before (`before`, N, -1 for none) down to LEAVE,
    and joins from JOIN. Rings of two views that have half of the smaller in common are one.
    """
    bar = np.where(before >= 0, parameters.LEAVE, parameters.JOIN)
    ring = np.full(len(before), -1)
    offset = 0
    for view in views:
        own = np.where((view.members.ring >= 0) & (view.member >= bar), view.members.ring + offset, -1)
        own = _renumbered(ring, own)
        ring = np.where(ring >= 0, ring, own)
        offset += len(view.ring_score)
    return compact(ring, parameters.RING_MEMBERS)


def ties(snapshot: Snapshot, ring: Ints) -> Ints:
    """Links of members of rings to cards and devices that they share with other members: what says whose ring it is.

    Exits do not: two campaigns that rent from one proxy network are two rings.
    """
    strong = (ring >= 0)[snapshot.account] & snapshot.strong[snapshot.identifier]
    members = np.bincount(snapshot.identifier[strong], minlength=snapshot.identifiers)
    held = (members >= 2) & (members >= parameters.INSIDE_HELD * snapshot.k)
    return np.flatnonzero(strong & held[snapshot.identifier])


def finalise_rings(ring: Ints, tied: Ints) -> Ints:
    """Rings as they are published. Where accounts that cards and devices tie together (`tied`, N; -1 for none) are half
    of a ring or more, all of them are one ring, wherever grouping put them, and the rest of it goes with them."""
    tied = np.where(ring >= 0, tied, -1)
    whole = np.bincount(ring[ring >= 0])
    a, b, shared = overlaps(ring, tied)
    owner = np.full(len(whole) + 1, -1)
    own = shared >= SAME * whole[a]
    order = np.flatnonzero(own)[np.argsort(shared[own], kind="stable")]
    owner[a[order]] = b[order]
    owns = np.zeros(int(tied.max(initial=-1)) + 2, bool)
    owns[owner[owner >= 0]] = True
    group = np.where((tied >= 0) & owns[tied], tied, np.where(ring >= 0, owner[ring], -1))
    return compact(np.where(group >= 0, len(whole) + group, ring), parameters.RING_MEMBERS)


def _renumbered(ring: Ints, other: Ints) -> Ints:
    """`other` with the numbers of the rings in `ring` that it has most in common with."""
    a, b, shared = overlaps(ring, other)
    size_a, size_b = np.bincount(ring[ring >= 0]), np.bincount(other[other >= 0])
    close = shared >= SAME * np.minimum(size_a[a], size_b[b]) if len(a) else np.zeros(0, bool)
    number = np.arange(len(size_b))
    order = np.flatnonzero(close)[np.argsort(shared[close], kind="stable")]
    number[b[order]] = a[order]
    return np.where(other >= 0, number[np.maximum(other, 0)] if len(number) else -1, -1)


def compact(ring: Ints, least: int) -> Ints:
    """Ring numbers from 0 by size, largest first, without rings of fewer than `least` accounts."""
    size = np.bincount(ring[ring >= 0])
    order = np.argsort(-size, kind="stable")
    order = order[size[order] >= least]
    number = np.full(len(size) + 1, -1)
    number[order] = np.arange(len(order))
    return np.asarray(np.where(ring >= 0, number[ring], -1))
