"""The weight of each link in a view: its evidence, the prior of its kind, and less the more accounts are on it.
Formulas: docs/detection.md, Candidate views."""

from __future__ import annotations

import numpy as np

from service.detection.evidence.combine import Evidence
from service.detection.parameters import EvidenceParameters
from service.detection.reading.snapshot import KIND_NAMES, Flags, Floats, Snapshot


def priors(snapshot: Snapshot, parameters: EvidenceParameters) -> Floats:
    """The prior of each identifier (M) by its kind."""
    return np.array([parameters.priors[name] for name in KIND_NAMES])[snapshot.kind]


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
