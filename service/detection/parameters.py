"""The parameters of detection: what they are called, and their values. Formulas and sources: docs/detection.md."""

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

    strong_evidence: float  # evidence from which a link ties a ring together
    shared_resolution: float
    shared_minimum: int  # accounts
    shared_strength: float  # of a link to what is shared, without other evidence
    rented_nats: float  # surprise, from which an address has too many accounts without a home
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


MODEL_VERSION = "2026.11.11"
"""Goes with every run and decision; changes when a weight or a formula does."""

DAY_S = 86_400

EVIDENCE = EvidenceParameters(
    priors={"strong": 1.0, "place": 0.6, "derived": 0.1, "burst": 0.3},
    quotas=(0.3, 0.5, 0.8, 1.0),
    minimum=3,
    slope=5.0,
    middle=0.7,
    birth_minimum=5,
    birth_middle=0.9,
    widen=0.25,
    birth_s=DAY_S,
    static_minimum=8,
    static_most=0.6,
)

STEP = StepParameters(
    scales_s=(900, 3600),
    neighbours=2,
    surprise=3.0,
    strangers=50,
    burst_slope=1.0,
    burst_middle=8.0,
)

SURGE = SurgeParameters(
    scales_s=(300, 900, 3600),
    around_s=2 * DAY_S,
    usual=20.0,
    false_share=0.05,
    gap_s=900,
    minimum=3,
)

GROUPS = GroupParameters(
    strong_evidence=0.5,
    shared_resolution=2.0,
    shared_minimum=2,
    shared_strength=0.5,
    rented_nats=6.0,
    soft_resolution=0.5,
    soft_minimum=5,
    soft_evidence=0.25,
    fragment_resolution=32.0,
    fragment_tie=0.05,
    late_link=0.5,
    seed=42,
    concurrency=1,
)

# Inside a ring: an identifier that this many members share, of which the ring holds this share.
INSIDE_MEMBERS = 2
INSIDE_HELD = 0.3

# An anchor: an identifier of one's own, held this long. A short life: no event after this long.
ANCHOR_S = 14 * DAY_S
SHORT_LIFE_S = 7 * DAY_S

# An address of one's own: an IP that this many accounts use at most (a household), or that was kept this long.
HOUSEHOLD = 5
ADDRESS_S = 7 * DAY_S

# Shares of members are drawn to what is usual as if so many accounts more were as is usual.
SHRINK = 4.0

LIKENESS_MOST = 8.0  # nats, of each
SHARE_BOUNDS = (0.02, 0.98)
# Of accounts that are in a ring by chance: the share that shares half as much as members do, or came back; and of their
# later first uses, the share in step (more in a busy ring).
USUALLY_MOVED = 0.6
USUALLY_IN_STEP = 0.15
MEMBER_LINK = 0.9
VELOCITY_SPANS_S = tuple(days * DAY_S for days in (14, 30, 90, 180))
VELOCITY_OTHERS = 0.25  # share of the mean rarity of the others on one's most suspect card or device that counts too

# What people said: confirmed fraud carries this risk at least; a cleared account is in no ring and carries none.
CONFIRMED = 0.97
LABEL_OF_RING = 0.5  # what a decision on a ring counts as a label of each member, and for all of them together:
LABELS_A_RING = 10.0
LABELS_ENOUGH = 50.0  # labels of each class from which is learned what it is worth to be near one
LABEL_FOLDS = 4  # parts of the days, each held out once
LABEL_RIDGE = 1.0
LABELS_MOST = 0.59  # the most risk that labels near by give to an account
LABELS_LOSS = 0.98  # of the log loss without: what is learned has to tell held-out labels that much better

# Membership: an account joins a ring at JOIN and leaves it below LEAVE; rings have RING_MEMBERS or more.
JOIN = 0.5
LEAVE = 0.35
RING_MEMBERS = 3

# What a run keeps of an identifier for signups never seen: the weight of a birth halves in so many days.
SIGNUP_HALF_LIFE_DAYS = 14.0
# The mean risk of new accounts is taken as if so many more had come, one of them fake.
BASE_ACCOUNTS = 50
