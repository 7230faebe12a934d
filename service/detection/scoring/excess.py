"""Shares of a ring's accounts beside what is usual in the population."""

from __future__ import annotations

import numpy as np

from service.detection import parameters
from service.detection.reading.snapshot import Floats, Ints

UNIVERSAL = 0.95  # a trait of more accounts than this, or of fewer than the rest, tells nobody apart


def excess(share: Floats, usual: float) -> Floats:
    """How far a share lies above (to 1) or below (to -1) what is usual; 0 where all of the population has it."""
    if usual >= 1.0:
        return np.zeros_like(share)
    return np.clip((share - usual) / (1.0 - usual), -1.0, 1.0)


def tells_apart(usual: float) -> bool:
    """Whether a trait that this share of the population has says anything: not if nearly all or none have it."""
    return 1 - UNIVERSAL <= usual <= UNIVERSAL


def shrunk(count: Floats | Ints, of: Ints, usual: Floats | float) -> Floats:
    """A share of accounts, drawn towards what is usual as if SHRINK accounts more were as is usual: in a ring of four,
    two are no pattern."""
    return np.asarray((count + parameters.SHRINK * usual) / (of + parameters.SHRINK))
