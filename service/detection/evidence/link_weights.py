"""The weight of each link in a view: its evidence, the prior of its kind, and less the more accounts are on it.
Formulas: docs/detection.md, Candidate views."""

from __future__ import annotations

import numpy as np

from service.detection.evidence.combine import Evidence
from service.detection.evidence.signup_windows import divergence
from service.detection.parameters import HOUSEHOLD, EvidenceParameters, GroupParameters
from service.detection.reading.kind_codes import codes
from service.detection.reading.snapshot import Flags, Floats, Snapshot


def priors(snapshot: Snapshot, parameters: EvidenceParameters) -> Floats:
    """The prior of each identifier (M) by the role of its kind."""
    return np.array([parameters.priors[role] for role in codes().roles])[snapshot.kind]


def kept_links(snapshot: Snapshot, strength: Floats, least: float) -> Flags:
    """Which links are this strong, on an identifier that has two or more of that kind (L)."""
    strong = strength >= least
    counts = np.bincount(snapshot.identifier[strong], minlength=snapshot.identifiers)
    return np.asarray(strong & (counts >= 2)[snapshot.identifier])


def weigh_links(
    snapshot: Snapshot, evidence: Evidence, weights: EvidenceParameters, least: float, late_link: float
) -> Floats:
    """Weight of each link (L) in a view that keeps links from `least` evidence on: prior s (1 for a birth link, else
    late_link) / sqrt(log2(1 + k kept)); 0 for the others."""
    strength = evidence.strength(snapshot)
    keep = kept_links(snapshot, strength, least)
    kept = np.bincount(snapshot.identifier[keep], minlength=snapshot.identifiers)
    scale = priors(snapshot, weights) / np.sqrt(np.log2(1 + np.maximum(kept, 1)))
    late = np.where(snapshot.birth, 1.0, late_link)
    return np.where(keep, strength * late * scale[snapshot.identifier], 0.0)


def shared_weights(
    snapshot: Snapshot, evidence: Evidence, weights: EvidenceParameters, groups: GroupParameters, no_home: Flags
) -> Floats:
    """Weight of each link (L) in the view of what is shared at all, whenever its accounts were made: links to cards and
    devices of two accounts or more, to addresses of a household, and to those on which surprisingly many have no home
    (`no_home`, N); and links with evidence, as in the soft view."""
    k = snapshot.k
    homeless = np.bincount(snapshot.identifier[no_home[snapshot.account]], minlength=snapshot.identifiers)
    share = float(no_home.mean()) if len(no_home) else 0.0
    rented = k * divergence(homeless / np.maximum(k, 1), np.full(len(k), share)) >= groups.rented_nats
    shared = (k >= 2) & (snapshot.strong | (snapshot.place & ((k <= HOUSEHOLD) | rented)))
    strength = evidence.strength(snapshot)
    strength = np.where(strength >= groups.soft_evidence, strength, 0.0)
    strength = np.maximum(strength, np.where(shared, groups.shared_strength, 0.0)[snapshot.identifier])
    scale = priors(snapshot, weights) / np.sqrt(np.log2(1 + np.maximum(k, 1)))
    return np.where(k[snapshot.identifier] >= 2, strength * scale[snapshot.identifier], 0.0)
