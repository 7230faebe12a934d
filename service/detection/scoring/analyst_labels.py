"""What analysts said enters a run: the accounts they labelled, those near to these, and the rings they decided on.

What it is worth to be near a label is learned from the labels themselves, and only once there are enough. Formulas:
docs/detection.md, "What people say".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from service.detection import parameters
from service.detection.evidence.signup_windows import sigmoid
from service.detection.grouping.label_walks import LabelWalks
from service.detection.reading.previous_run import PreviousRun
from service.detection.reading.snapshot import Flags, Floats, Ints, Snapshot
from service.detection.scoring.label_model import Learned, learn, logit, tabulate
from service.detection.scoring.label_proximity import FEATURES, Totals, features
from service.detection.scoring.result import NEAR_CLEARED, NEAR_CONFIRMED, RING_CONFIRMED, RING_DISMISSED, ScoringResult


@dataclass(frozen=True, slots=True)
class AnalystLabels:
    """What analysts said of each account (N): label of its own, decision on its published ring (1 fraud, -1 not, 0
    nothing), how much that counts as a label (0 to 1), and which of LABEL_FOLDS parts of the days it was made on."""

    label: Ints
    decided: Ints
    weight: Floats
    part: Ints

    @property
    def classes(self) -> Floats:
        """How much each account counts as confirmed, and as cleared (2, N). Its own label outranks its ring's."""
        sign = np.where(self.label != 0, self.label, self.decided)
        return np.stack([np.where(sign > 0, self.weight, 0.0), np.where(sign < 0, self.weight, 0.0)])

    @property
    def enough(self) -> bool:
        """Whether there are enough labels of both classes, on days of all parts, to learn from."""
        days = [np.bincount(self.part[row > 0], minlength=parameters.LABEL_FOLDS) for row in self.classes]
        return bool((self.classes.sum(axis=1) >= parameters.LABELS_ENOUGH).all() and np.min(days) > 0)


def labels_of(snapshot: Snapshot, previous: PreviousRun) -> AnalystLabels:
    """Labels of accounts, and what people decided on their rings."""
    by = previous.judged_by
    sign = np.array([1 if verdict.confirmed else -1 for verdict in previous.verdicts] + [0])
    members = np.bincount(by[by >= 0], minlength=len(sign))
    decided = sign[by]
    each = np.minimum(parameters.LABEL_OF_RING, parameters.LABELS_A_RING / np.maximum(members, 1))
    weight = np.where(by >= 0, each[by], 0.0)
    weight[snapshot.label != 0] = 1.0
    sign = np.where(snapshot.label != 0, snapshot.label, decided)
    return AnalystLabels(snapshot.label, decided, weight, _parts(snapshot.created, sign))


def _parts(created: Ints, sign: Ints) -> Ints:
    """Days of creation dealt out to LABEL_FOLDS parts, those with fraud (`sign` 1) first, so that each part gets some.
    Accounts of one day stay together: people label them together, and half of a batch tells the other half too easily.
    """
    _, day = np.unique(created // parameters.DAY_S, return_inverse=True)
    order = np.argsort(np.bincount(day, sign > 0) == 0, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return place[day] % parameters.LABEL_FOLDS


def seeds(labels: AnalystLabels) -> Flags:
    """What random walks start from: the accounts with a label of their own, of each class, by parts of the days
    (2 LABEL_FOLDS, N)."""
    parts = labels.part == np.arange(parameters.LABEL_FOLDS)[:, None]
    return np.concatenate([parts & (labels.label == sign) for sign in (1, -1)])


def apply_label_model(
    result: ScoringResult,
    labels: AnalystLabels,
    snapshot: Snapshot,
    group: Ints,
    walks: LabelWalks,
    known: Learned | None = None,
) -> ScoringResult:
    """A result, with what analysts said near by. `group` (N; -1 for none) are candidate rings; `walks` are those from
    `seeds`; `known` is what a run of all of the graph learned, for an incremental pass."""
    classes, learned = labels.classes, known
    if learned is None:
        x = _without_own(labels, snapshot, group, walks)
        learned = learn(
            tabulate(x, result.without_labels, classes, labels.part), _totals(labels, walks, labels.part < 0)
        )
    result = replace(result, learned=learned)
    if not learned.helps:
        return result
    visits = walks.visits.reshape(2, parameters.LABEL_FOLDS, -1).sum(axis=1)
    x = features(snapshot, group, classes, visits, learned.totals)
    return _spread_to(result, labels, learned.shift(x))


def _totals(labels: AnalystLabels, walks: LabelWalks, without: Flags) -> Totals:
    """Of all accounts but some (N) that are taken as if nobody had said anything of them."""
    fraud, cleared = labels.classes[:, ~without].sum(axis=1).tolist()
    own = labels.label[~without]
    return Totals(len(without), (fraud, cleared), (int((own > 0).sum()), int((own < 0).sum())), walks.total)


def _without_own(labels: AnalystLabels, snapshot: Snapshot, group: Ints, walks: LabelWalks) -> Floats:
    """Features of all accounts (N, F) by what is said of accounts that were made on days of other parts only: a label
    doesn't tell of itself, and labelled accounts have the features that they would have without a label."""
    x = np.zeros((snapshot.accounts, len(FEATURES)))
    visits = walks.visits.reshape(2, parameters.LABEL_FOLDS, -1)
    for part in range(parameters.LABEL_FOLDS):
        own = labels.part == part
        others = visits.sum(axis=1) - visits[:, part]
        rest = np.where(own, 0.0, labels.classes)
        x[own] = features(snapshot, group, rest, others, _totals(labels, walks, own))[own]
    return x


def _spread_to(result: ScoringResult, labels: AnalystLabels, shift: Floats) -> ScoringResult:
    """Moves the logit of accounts without a label of their own by `shift` (N). By labels near by alone an account comes
    below LABELS_MOST: it is worth a look, but nobody is refused for what others did."""
    base = result.risk
    moved = sigmoid(logit(base) + shift)
    share = np.maximum(moved - base, 0.0) / np.maximum(1.0 - base, 1e-9)
    lifted = base + np.maximum(parameters.LABELS_MOST - base, 0.0) * share
    apply = (shift != 0) & (labels.label == 0)
    risk = np.where(apply, np.where(shift > 0, lifted, np.minimum(moved, base)), base)
    cause = np.where(apply, np.where(shift > 0, NEAR_CONFIRMED, NEAR_CLEARED), result.cause)
    return replace(result, risk=risk, cause=cause)


def apply_ring_decisions(result: ScoringResult, labels: AnalystLabels, among: Flags) -> ScoringResult:
    """A result, with what analysts decided on rings. Members of one that they confirmed are as surely fraud as if
    it scored CONFIRMED at least; those of one that they dismissed carry nothing from it.

    A ring is what people decided on while at least half of its members (`among`, N, those that count) are accounts that
    they looked at. When more have come than that, they count as in any ring; those who were looked at stay spared.
    """
    verdict = _verdicts(np.where(among, result.ring, -1), labels.decided, len(result.rings.ring_score))
    placed, free = result.ring >= 0, labels.label == 0
    of_ring = np.where(placed, np.append(verdict, 0)[result.ring], 0)
    score = np.append(result.rings.ring_score, parameters.CONFIRMED)[result.ring]
    lift = logit(np.array(parameters.CONFIRMED)) - logit(score)
    lifted = free & placed & (of_ring > 0) & (lift > 0)
    spared = free & ((labels.decided < 0) | (of_ring < 0)) & (result.member > 0)
    risk = np.where(lifted, sigmoid(logit(result.risk) + lift), result.risk)
    risk = np.where(spared, result.outside, risk)
    cause = np.where(lifted, RING_CONFIRMED, np.where(spared, RING_DISMISSED, result.cause))
    return replace(result, risk=risk, cause=cause, verdict=verdict)


def _verdicts(ring: Ints, decided: Ints, rings: int) -> Ints:
    """What people decided on at least half of the members of each ring (R): 1 confirmed, -1 dismissed, 0 neither."""
    placed = ring >= 0
    size = np.bincount(ring[placed], minlength=rings)
    half = np.maximum(size, 1) / 2
    confirmed, dismissed = (np.bincount(ring[placed & (decided == sign)], minlength=rings) for sign in (1, -1))
    return np.where(confirmed >= half, 1, np.where(dismissed >= half, -1, 0))
