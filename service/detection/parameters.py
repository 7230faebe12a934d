"""What the numbers of detection are called. Their values stand in service/scoring/weights.py, with all weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvidenceParameters:
    """How an identifier's births become evidence (docs/detection.md, Evidence)."""

    priors: Mapping[str, float]  # by kind: weight as evidence, 0 to 1
    quotas: tuple[float, ...]  # shares of an identifier's accounts that a window has to hold
    minimum: int  # fewer accounts than this say nothing
    slope: float  # of the sigmoid from nats to evidence
    middle: float  # nats per account at which evidence is one half
    birth_minimum: int  # the same for birth links only
    birth_middle: float
    widen: float  # share of a window's width added on both sides
    birth_s: int  # a link is a birth link if first seen this close to the account's creation, in seconds
    static_minimum: int  # accounts on a card or device from which sharing alone counts
    static_most: float  # the most that sharing alone counts


@dataclass(frozen=True, slots=True)
class StepParameters:
    """How births in step, within minutes, become evidence (docs/detection.md, In step)."""

    scales_s: tuple[int, ...]  # half-widths of the windows, in seconds
    neighbours: int  # others within the scale, at least
    surprise: float  # nats from which an account counts as in step with its ring
    strangers: int  # moments of others that tell how often one is in step by chance
    burst_slope: float  # of the sigmoid from nats to the evidence of a burst on an identifier
    burst_middle: float  # nats at which that evidence is one half


@dataclass(frozen=True, slots=True)
class GroupParameters:
    """How links become groups (docs/detection.md, Candidate views)."""

    pruned_evidence: float  # evidence from which a link is kept in the pruned view
    pruned_resolution: float
    pruned_minimum: int  # accounts
    soft_resolution: float
    soft_minimum: int  # accounts
    soft_evidence: float  # evidence from which a link is kept in the soft view
    fragment_resolution: float  # of the fine grouping that cuts groups into fragments
    fragment_tie: float  # share of its weight that ties a fragment to the rest of its group, below which it is cut off
    late_link: float  # weight of a link that is not a birth link, against one that is
    seed: int
    concurrency: int  # threads of GDS (its community edition allows 4)


@dataclass(frozen=True, slots=True)
class SurgeParameters:
    """How births in a surge become evidence (docs/detection.md, Surges)."""

    scales_s: tuple[int, ...]  # half-widths of the windows, in seconds
    around_s: int  # half-width of the time that says what is usual, in seconds
    usual: float  # births that the usual share of all the time counts as, beside those around
    false_share: float  # of what counts as a surge that may be chance
    gap_s: int  # between two accounts of one surge, at most
    minimum: int  # accounts
