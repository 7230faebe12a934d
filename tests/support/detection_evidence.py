"""Evidence on a snapshot that a test made, as a run computes it."""

from __future__ import annotations

import numpy as np

from service.detection import parameters
from service.detection.evidence.bursts import find_bursts
from service.detection.evidence.combine import Evidence, compute_evidence
from service.detection.evidence.signup_windows import Windows, find_windows
from service.detection.evidence.surges import find_surges
from service.detection.reading.population import arrivals_of
from service.detection.reading.snapshot import Snapshot


def windows_of(snapshot: Snapshot) -> Windows:
    return find_windows(snapshot, np.sort(snapshot.created), parameters.EVIDENCE)


def bursts_of(snapshot: Snapshot) -> Windows:
    return find_bursts(snapshot, arrivals_of(snapshot), parameters.STEP)


def weighed(snapshot: Snapshot) -> tuple[Snapshot, Evidence]:
    """The snapshot with its bursts, and the evidence of its links; without surges."""
    none = np.zeros(snapshot.accounts, bool)
    surges = find_surges(snapshot, none, none, parameters.SURGE)
    return compute_evidence(snapshot, windows_of(snapshot), bursts_of(snapshot), surges, parameters.EVIDENCE)
