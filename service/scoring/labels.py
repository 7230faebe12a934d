"""What people say enters a run: the accounts they labelled, those near to these, and the rings they decided on.

What it is worth to be near a label is learned from the labels themselves, and only once there are enough. Formulas:
docs/detection.md, "What people say".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from service.detection.evidence import sigmoid
from service.detection.snapshot import Flags, Floats, Ints, Snapshot
from service.detection.spread import Spread
from service.graph.client import Graph
from service.scoring import weights
from service.scoring.account_signals import fuse
from service.scoring.before import Before
from service.scoring.learning import Learned, learn, logit
from service.scoring.nearness import Totals, features
from service.scoring.result import NEAR_CLEARED, NEAR_CONFIRMED, RING_CONFIRMED, RING_DISMISSED, Found


@dataclass(frozen=True, slots=True)
class Said:
    """What people said of each account (N): label of its own, decision on its published ring (1 fraud, -1 not, 0
    nothing), how much that counts as a label (0 to 1), and which part of the days it was made on (-1: nothing said)."""

    label: Ints
    decided: Ints
    weight: Floats
    fold: Ints

    @property
    def classes(self) -> Floats:
        """How much each account counts as confirmed, and as cleared (2, N). Its own label outranks its ring's."""
        sign = np.where(self.label != 0, self.label, self.decided)
        return np.stack([np.where(sign > 0, self.weight, 0.0), np.where(sign < 0, self.weight, 0.0)])

    @property
    def enough(self) -> bool:
        """Whether there are enough labels of both classes, on days of all parts, to learn from."""
        days = [np.bincount(self.fold[row > 0], minlength=weights.LABEL_FOLDS) for row in self.classes]
        return bool((self.classes.sum(axis=1) >= weights.LABELS_ENOUGH).all() and np.min(days) > 0)


def read_said(graph: Graph, snapshot: Snapshot, before: Before) -> Said:
    """Labels of accounts, and what people decided on the published rings."""
    decided, weight = np.zeros(snapshot.accounts, np.int64), np.zeros(snapshot.accounts)
    for verdict in graph.read("detect/ring_verdicts"):
        members = before.ring == (before.ids.index(verdict["ring"]) if verdict["ring"] in before.ids else -2)
        if not verdict["confirmed"]:  # nobody has looked at those who came later
            members &= snapshot.created <= verdict["at"]
        decided[members] = 1 if verdict["confirmed"] else -1
        weight[members] = min(weights.LABEL_OF_RING, weights.LABELS_A_RING / max(int(members.sum()), 1))
    weight[snapshot.label != 0] = 1.0
    return Said(snapshot.label, decided, weight, _parts(snapshot.created, weight > 0))


def _parts(created: Ints, said: Flags) -> Ints:
    """Days of creation dealt out to LABEL_FOLDS parts. Accounts of one day stay together: people label them together,
    and half of a batch tells the other half too easily."""
    part = np.full(len(created), -1)
    _, day = np.unique(created[said] // weights.DAY_S, return_inverse=True)
    part[said] = day % weights.LABEL_FOLDS
    return part


def seeds(said: Said) -> Floats:
    """What random walks start from: the labels of each class, by parts of the days (2 LABEL_FOLDS, N)."""
    part = said.fold == np.arange(weights.LABEL_FOLDS)[:, None]
    return np.concatenate([np.where(part, row, 0.0) for row in said.classes])


def take(
    found: Found, said: Said, snapshot: Snapshot, group: Ints, spread: Spread, known: Learned | None = None
) -> Found:
    """What was found, with what people said near by. `group` (N; -1 for none) are candidate rings; `spread` is that of
    `seeds`; `known` is what a run of all of the graph learned, for a look at a part of it."""
    x, totals = _nearness(said, snapshot, group, spread, known)
    learned = known or _learn(said, x, found.unsaid, totals)
    found = replace(found, learned=learned)
    return _spread_to(found, said, x @ np.array(learned.w)) if learned.helps else found


def _nearness(
    said: Said, snapshot: Snapshot, group: Ints, spread: Spread, known: Learned | None
) -> tuple[Floats, Totals]:
    """Features of all accounts (N, 4), and their totals. What is said of a labelled account, and of all that were made
    on days of its part, is left out of its own: as if nobody had looked at them."""
    classes, visits = said.classes, spread.visits.reshape(2, weights.LABEL_FOLDS, -1)
    fraud, cleared = classes.sum(axis=1).tolist()
    totals = known.totals if known else Totals(snapshot.accounts, (fraud, cleared), spread.total)
    x = features(snapshot, group, classes, visits.sum(axis=1), totals)
    for part in range(weights.LABEL_FOLDS):
        own = said.fold == part
        rest = np.where(own, 0.0, classes)
        less = replace(totals, labels=tuple((np.array(totals.labels) - (classes - rest).sum(axis=1)).tolist()))
        x[own] = features(snapshot, group, rest, visits.sum(axis=1) - visits[:, part], less)[own]
    return x, totals


def _learn(said: Said, x: Floats, risk: Floats, totals: Totals) -> Learned:
    rows = np.flatnonzero(said.weight > 0)
    fraud = said.classes[0][rows] > 0
    return learn(x[rows], fraud, said.weight[rows], risk[rows], said.fold[rows], totals)


def _spread_to(found: Found, said: Said, shift: Floats) -> Found:
    """Moves the logit of accounts without a label of their own by `shift` (N)."""
    moved = (shift != 0) & (said.label == 0)
    risk = np.where(moved, sigmoid(logit(found.risk) + shift), found.risk)
    cause = np.where(moved, np.where(shift > 0, NEAR_CONFIRMED, NEAR_CLEARED), found.cause)
    return replace(found, risk=risk, cause=cause)


def by_rings(found: Found, said: Said, among: Flags) -> Found:
    """What was found, with what people decided on rings. Members of one that they confirmed are as surely fraud as if
    it scored CONFIRMED at least; those of one that they dismissed carry nothing from it.

    A ring is what people decided on while at least half of its members (`among`, N, those that count) are accounts that
    they looked at. When more have come than that, they count as in any ring; those who were looked at stay spared.
    """
    verdict = _verdicts(np.where(among, found.ring, -1), said.decided, len(found.rings.ring_score))
    placed, free = found.ring >= 0, said.label == 0
    of_ring = np.where(placed, np.append(verdict, 0)[found.ring], 0)
    score = np.append(found.rings.ring_score, weights.CONFIRMED)[found.ring]
    lift = logit(np.array(weights.CONFIRMED)) - logit(score)
    lifted = free & placed & (of_ring > 0) & (lift > 0)
    spared = free & ((said.decided < 0) | (of_ring < 0)) & (found.member > 0)
    risk = np.where(lifted, sigmoid(logit(found.risk) + lift), found.risk)
    risk = np.where(spared, fuse(found.own, found.velocity), risk)
    cause = np.where(lifted, RING_CONFIRMED, np.where(spared, RING_DISMISSED, found.cause))
    return replace(found, risk=risk, cause=cause, verdict=verdict)


def _verdicts(ring: Ints, decided: Ints, rings: int) -> Ints:
    """What people decided on at least half of the members of each ring (R): 1 confirmed, -1 dismissed, 0 neither."""
    placed = ring >= 0
    size = np.bincount(ring[placed], minlength=rings)
    half = np.maximum(size, 1) / 2
    confirmed, dismissed = (np.bincount(ring[placed & (decided == sign)], minlength=rings) for sign in (1, -1))
    return np.where(confirmed >= half, 1, np.where(dismissed >= half, -1, 0))
