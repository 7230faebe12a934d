"""The signals of an account: its ring's score less what ties it less to the ring, its own links, and its velocity."""

from __future__ import annotations

import numpy as np

from service.detection import parameters
from service.detection.evidence.combine import Evidence
from service.detection.evidence.link_weights import priors
from service.detection.evidence.signup_windows import sigmoid
from service.detection.reading.population import Population
from service.detection.reading.snapshot import DEVICE, IP, Flags, Floats, Ints, Snapshot
from service.detection.scoring.ring_features import MemberFacts, RingFacts, shrunk
from service.detection.scoring.velocity import rarity


def membership(ring_score: Floats, facts: RingFacts, members: MemberFacts, usual: Population) -> Floats:
    """It belongs to a ring that holds together.

    N, 0 to 1, 0 without a ring: the score of its ring, times how probable it is that the account belongs there.
    """
    if len(ring_score) == 0:
        return np.zeros(len(members.ring))
    belongs = sigmoid(belonging(facts, members, usual))
    return np.where(members.ring >= 0, ring_score[np.maximum(members.ring, 0)] * belongs, 0.0)


def belonging(facts: RingFacts, members: MemberFacts, usual: Population) -> Floats:
    """The logit of an account's belonging to its ring rather than being there by chance (N): the strength of its ties,
    then, as in naive Bayes, how much more usual in its ring than among all accounts is what it is like: whether it
    shares half of what members share, came back at all, has an address, an anchor, and turned up in step."""
    ring = np.maximum(members.ring, 0)
    strength = np.clip(members.strength, *parameters.TIE_BOUNDS)
    z = parameters.BELONGING_BASE + np.log(strength / (1 - strength))
    everyone = np.ones(len(ring), bool)
    for has, judged, base in (
        (2 * members.covered >= facts.covered[ring], everyone, parameters.USUALLY_COVERED),
        (members.moves > 0, usual.settled, parameters.USUALLY_MOVED),
        (usual.addressed, usual.online, 1 - usual.unaddressed_share),
        (usual.anchored, usual.mature, 1 - usual.unanchored_share),
    ):
        usually = np.full(len(facts.size), base)
        z = z + parameters.BELONGING * _likeness(members.ring, has & judged, judged * 1, usually)
    return z + parameters.BELONGING * _likeness(members.ring, members.acts, members.moves, facts.chance)


def _likeness(ring: Ints, hits: Ints | Flags, tries: Ints, usual: Floats) -> Floats:
    """ln P(hits of tries | share of hits in the ring) / P(.. | usual share, R), 0 outside of rings (N), within
    LIKENESS_MOST. The ring's share is drawn to the usual one as if SHRINK more tries were as is usual."""
    placed = np.flatnonzero(ring >= 0)
    of = ring[placed]
    rings = len(usual)
    share = shrunk(np.bincount(of, hits[placed], rings), np.bincount(of, tries[placed], rings).astype(np.int64), usual)
    share, base = np.clip(share, *parameters.SHARE_BOUNDS), np.clip(usual, *parameters.SHARE_BOUNDS)
    likeness = np.zeros(len(ring))
    likeness[placed] = hits[placed] * np.log(share / base)[of]
    likeness[placed] += (tries - hits)[placed] * np.log((1 - share) / (1 - base))[of]
    return np.clip(likeness, -parameters.LIKENESS_MOST, parameters.LIKENESS_MOST)


def own_links(snapshot: Snapshot, evidence: Evidence) -> Floats:
    """It came from addresses on which many accounts were made at the same time.

    N, 0 to OWN_MOST.
    """
    prior = priors(snapshot, parameters.EVIDENCE)[snapshot.identifier]
    tie = parameters.MEMBER_LINK * evidence.link * prior * (snapshot.kind[snapshot.identifier] >= IP)
    untied = np.bincount(snapshot.account, np.log1p(-np.minimum(tie, 0.999)), snapshot.accounts)
    return parameters.OWN_MOST * (1.0 - np.exp(untied))


def velocity(snapshot: Snapshot, usual: Population) -> Floats:
    """It added more cards and devices within weeks or months than nearly all others did.

    N, 0 to VELOCITY_MOST. x is the mean over several spans of -log10 of the share of accounts that added as many within
    such a span, plus a part of the mean x of the other accounts on its most suspect card or device.
    """
    rare = [rarity(counts, every) for counts, every in zip(usual.added, usual.added_usual, strict=True)]
    own = np.mean(-np.log10(rare), axis=0)
    x = own + parameters.VELOCITY_OTHERS * _most_suspect_others(snapshot, own)
    return np.asarray(parameters.VELOCITY_MOST * (1.0 - np.exp(-x / parameters.VELOCITY_ORDERS)))


def _most_suspect_others(snapshot: Snapshot, x: Floats) -> Floats:
    """The highest mean of x over the other accounts on one of an account's shared cards and devices, 0 without (N)."""
    rows = np.flatnonzero((snapshot.kind <= DEVICE)[snapshot.identifier] & (snapshot.k >= 2)[snapshot.identifier])
    account, identifier = snapshot.account[rows], snapshot.identifier[rows]
    total = np.bincount(identifier, x[account], snapshot.identifiers)
    others = (total[identifier] - x[account]) / (snapshot.k[identifier] - 1)
    most = np.zeros(snapshot.accounts)
    np.maximum.at(most, account, others)
    return most


def fuse(*parts: Floats) -> Floats:
    """Independent reasons to suspect: 1 - product of (1 - part)."""
    rest = np.ones_like(parts[0])
    for part in parts:
        rest = rest * (1.0 - part)
    return 1.0 - rest
