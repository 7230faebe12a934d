"""The signals of an account: its ring's score less what ties it less to the ring, its own links, and its velocity."""

from __future__ import annotations

import numpy as np

from service.detection.evidence import Evidence, priors, sigmoid
from service.detection.snapshot import DEVICE, IP, Floats, Snapshot
from service.scoring import ring_signals, weights
from service.scoring.added import rarity
from service.scoring.facts import MemberFacts, Population, RingFacts


def membership(ring_score: Floats, facts: RingFacts, members: MemberFacts, usual: Population) -> Floats:
    """It belongs to a ring that holds together.

    N, 0 to 1, 0 without a ring. The ring's logit, less what the account shares less of than the ring does, and less
    those of the ring's signals that do not hold for this account: it has an anchor, an address, or is out of step.
    """
    if len(ring_score) == 0:
        return np.zeros(len(members.ring))
    ring = np.maximum(members.ring, 0)
    ratio = members.covered / np.maximum(facts.covered[ring], 1e-9)
    z = ring_signals.logit(facts)[ring]
    z = z + np.minimum(0.0, weights.MEMBER_COVERAGE * (ratio - weights.MEMBER_COVERAGE_AT))
    z = z + np.minimum(0.0, weights.MEMBER_STRENGTH * (members.strength - weights.MEMBER_STRENGTH_AT))
    lacking = {
        "no_anchor": usual.anchored,
        "no_address": usual.addressed,
        "scripted": ~members.in_step,
        "in_step": ~members.in_step,
        "acting_in_step": members.moved & ~members.acting,
    }
    parts = ring_signals.contributions(facts)
    for code, lacks in lacking.items():
        z = z - weights.MEMBER_LACKS * np.maximum(parts[code], 0.0)[ring] * lacks
    return np.where(members.ring >= 0, np.minimum(sigmoid(z), ring_score[ring]), 0.0)


def own_links(snapshot: Snapshot, evidence: Evidence) -> Floats:
    """It came from addresses on which many accounts were made at the same time.

    N, 0 to OWN_MOST.
    """
    prior = priors(snapshot, weights.EVIDENCE)[snapshot.identifier]
    tie = weights.MEMBER_LINK * evidence.link * prior * (snapshot.kind[snapshot.identifier] >= IP)
    untied = np.bincount(snapshot.account, np.log1p(-np.minimum(tie, 0.999)), snapshot.accounts)
    return weights.OWN_MOST * (1.0 - np.exp(untied))


def velocity(snapshot: Snapshot, usual: Population) -> Floats:
    """It added more cards and devices within weeks or months than nearly all others did.

    N, 0 to VELOCITY_MOST. x is the mean over several spans of -log10 of the share of accounts that added as many within
    such a span, plus a part of the mean x of the other accounts on its most suspect card or device.
    """
    rare = [rarity(counts, every) for counts, every in zip(usual.added, usual.added_usual, strict=True)]
    own = np.mean(-np.log10(rare), axis=0)
    x = own + weights.VELOCITY_OTHERS * _most_suspect_others(snapshot, own)
    return np.asarray(weights.VELOCITY_MOST * (1.0 - np.exp(-x / weights.VELOCITY_ORDERS)))


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
