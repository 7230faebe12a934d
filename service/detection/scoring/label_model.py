"""Learns from labels what it is worth to be near them, on top of the scores as they are.

An account is fake with p = sigmoid(z + c + x w), z its score's logit, x its features, w 0 or more; people have labelled
a share r of the fakes, and most accounts not at all: these count as what 1 - r p leaves (Elkan and Noto, Learning
classifiers from only positive and unlabeled data, 2008). c, w and r are found by expectation maximisation with a step
of Newton's method in each round (Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 4.4.1 and 8.5)
and a small ridge; a feature whose w would be negative is left out.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from service.detection import parameters
from service.detection.evidence.signup_windows import sigmoid
from service.detection.reading.snapshot import Floats, Ints
from service.detection.scoring.label_proximity import FEATURES, Totals

ROUNDS = 300
LONGEST_STEP = 1.0  # far from the maximum Newton's method overshoots
CONVERGED = 1e-6
LEAST_RISK = 0.001  # a lower one is not told apart from this
BIN_Z, BIN_X, BINS = 0.25, 0.1, 64  # accounts that are the same when rounded so are counted together


@dataclass(frozen=True, slots=True)
class Learned:
    """c, w of each of the FEATURES, the loss on held-out days (nats a label) with and without features, and what
    features are measured against."""

    c: float
    w: tuple[float, ...]
    loss: float
    loss_without: float
    totals: Totals

    @property
    def helps(self) -> bool:
        """Whether held-out days are told better with it."""
        return self.loss < parameters.LABELS_LOSS * self.loss_without

    def shift(self, x: Floats) -> Floats:
        """What features (N, F) add to the logit (N). Nearness to confirmed accounts counts from where it outweighs c:
        it takes that much to tell a fake from the honest who share with fakes."""
        half = len(self.w) // 2
        w = np.array(self.w)
        return np.asarray(np.maximum(x[:, :half] @ w[:half] + min(self.c, 0.0), 0.0) + x[:, half:] @ w[half:])

    def kept(self) -> dict[str, Any]:
        """As JSON that is kept with the run; `learned_from` reads it."""
        return {**asdict(self), "features": FEATURES, "used": self.helps}


def learned_from(kept: dict[str, Any] | None) -> Learned | None:
    """From `Learned.kept`; None for a run that learned nothing."""
    if kept is None:
        return None
    against = kept["totals"]
    totals = Totals(against["accounts"], tuple(against["labels"]), tuple(against["seeds"]), against["weight"])
    return Learned(kept["c"], tuple(kept["w"]), kept["loss"], kept["loss_without"], totals)


def logit(risk: Floats) -> Floats:
    """ln(p / (1 - p)), bounded."""
    p = np.clip(risk, LEAST_RISK, 1 - 1e-6)
    return np.log(p / (1 - p))


@dataclass(frozen=True, slots=True)
class Table:
    """Accounts counted by what is known of them, in G rows: z (G), x (G, F), part of the days (G), and how many are
    confirmed, cleared and unlabelled (3, G)."""

    z: Floats
    x: Floats
    part: Ints
    counts: Floats

    def of(self, rows: Any) -> Table:
        """Some of the rows."""
        return Table(self.z[rows], self.x[rows], self.part[rows], self.counts[:, rows])

    def bare(self) -> Table:
        """Without features."""
        return Table(self.z, self.x[:, :0], self.part, self.counts)


def tabulate(x: Floats, risk: Floats, labels: Floats, part: Ints) -> Table:
    """From features (N, F), risks (N), how much each account counts as a label of each class (2, N), and its part of
    the days (N)."""
    z = np.round(logit(risk) / BIN_Z).astype(np.int64)
    bins = np.minimum(np.round(np.abs(x) / BIN_X), BINS - 1).astype(np.int64)
    key = (z - z.min(initial=0)) * parameters.LABEL_FOLDS + part
    for column in bins.T:
        key = key * BINS + column
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    counts: Floats = np.stack([np.bincount(row, of) for of in (*labels, 1.0 - labels.sum(axis=0))]).astype(np.float64)
    rounded: Floats = (BIN_X * np.sign(x[first]) * bins[first]).astype(np.float64)
    return Table((BIN_Z * z[first]).astype(np.float64), rounded, part[first], counts)


def learn(table: Table, totals: Totals) -> Learned:
    """What the labels teach, and how well that tells days that were held out."""
    beta, _ = fit(table)
    w = tuple(np.round(beta[1:], 6).tolist())
    loss, without = held_out(table), held_out(table.bare())
    return Learned(round(float(beta[0]), 6), w, round(loss, 6), round(without, 6), totals)


def fit(table: Table) -> tuple[Floats, float]:
    """c and w (1 + F), and r."""
    chosen = np.ones(table.x.shape[1], bool)
    while True:
        beta, rate = _climb(table, np.column_stack([np.ones(len(table.z)), table.x[:, chosen]]))
        if (beta[1:] >= 0).all():
            break
        chosen[np.flatnonzero(chosen)[beta[1:] < 0]] = False
    found = np.zeros(1 + table.x.shape[1])
    found[np.append(True, chosen)] = beta
    return found, rate


def _climb(table: Table, design: Floats) -> tuple[Floats, float]:
    confirmed, cleared, rest = table.counts
    n = confirmed + cleared + rest
    beta, ridge = np.zeros(design.shape[1]), parameters.LABEL_RIDGE * np.eye(design.shape[1])
    ridge[0, 0] = 0.0
    p = sigmoid(table.z)
    rate = float(confirmed.sum() / max(confirmed.sum() + rest @ p, 1e-9))
    for _ in range(ROUNDS):
        fake = confirmed + rest * p * (1 - rate) / (1 - rate * p)
        rate = float(confirmed.sum() / max(fake.sum(), 1e-9))
        curvature = (design * (n * p * (1 - p))[:, None]).T @ design + ridge
        step = np.linalg.solve(curvature, design.T @ (fake - n * p) - ridge @ beta)
        step *= min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), CONVERGED))
        beta = beta + step
        p = sigmoid(table.z + design @ beta)
        if float(np.abs(step).max()) < CONVERGED:
            break
    return beta, rate


def held_out(table: Table) -> float:
    """Minus the log likelihood of each part of the days by what all others teach, in nats a confirmed account."""
    loss = 0.0
    for part in range(parameters.LABEL_FOLDS):
        out = table.part == part
        beta, rate = fit(table.of(~out))
        held = table.of(out)
        p = np.clip(sigmoid(held.z + beta[0] + held.x @ beta[1:]), 1e-9, 1 - 1e-9)
        logs = np.stack([np.log(max(rate, 1e-9) * p), np.log1p(-p), np.log1p(-min(rate, 1 - 1e-9) * p)])
        loss -= float((held.counts * logs).sum())
    return loss / max(float(table.counts[0].sum()), 1e-9)
