"""Learns from labels what it is worth to be near them: logistic regression on top of the scores as they are.

The logit of an account is that of its score + c + x w, with w >= 0. c takes up that labels are no sample of all
accounts (King and Zeng, Logistic regression in rare events data, 2001) and is not used afterwards: an account that no
label is near keeps its score. Newton's method with a small ridge (Hastie, Tibshirani and Friedman, The Elements of
Statistical Learning, 4.4.1); a feature whose w would be negative is left out.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from service.detection.evidence import sigmoid
from service.detection.snapshot import Flags, Floats, Ints
from service.scoring import weights
from service.scoring.nearness import FEATURES, Totals

STEPS = 100
LONGEST_STEP = 2.0  # far from the maximum Newton's method overshoots
CONVERGED = 1e-9
LEAST_RISK = 0.001  # a lower one is not told apart from this


@dataclass(frozen=True, slots=True)
class Learned:
    """w of each of the FEATURES, the log loss of held-out labels with and without it, and what features are measured
    against."""

    w: tuple[float, ...]
    loss: float
    loss_without: float
    totals: Totals

    @property
    def helps(self) -> bool:
        """Whether held-out labels are told better with it."""
        return self.loss < weights.LABELS_LOSS * self.loss_without

    def kept(self) -> dict[str, Any]:
        """As JSON that is kept with the run; `learned_from` reads it."""
        return {**asdict(self), "features": FEATURES, "used": self.helps}


def learned_from(kept: dict[str, Any] | None) -> Learned | None:
    """From `Learned.kept`; None for a run that learned nothing."""
    if kept is None:
        return None
    totals = kept["totals"]
    return Learned(
        tuple(kept["w"]),
        kept["loss"],
        kept["loss_without"],
        Totals(totals["accounts"], tuple(totals["labels"]), totals["weight"]),
    )


def logit(risk: Floats) -> Floats:
    """ln(p / (1 - p)), bounded."""
    p = np.clip(risk, LEAST_RISK, 1 - 1e-6)
    return np.log(p / (1 - p))


def learn(x: Floats, fraud: Flags, weight: Floats, risk: Floats, fold: Ints, totals: Totals) -> Learned:
    """From n labelled accounts: features without what their own part says (n, F), whether they are fraud, how much each
    counts, their risk as it is, and their part of the days."""
    y, offset = fraud.astype(np.float64), logit(risk)
    return Learned(
        w=tuple(np.round(fit(x, y, weight, offset)[1:], 6).tolist()),
        loss=round(held_out(x, y, weight, offset, fold), 6),
        loss_without=round(held_out(x[:, :0], y, weight, offset, fold), 6),
        totals=totals,
    )


def fit(x: Floats, y: Floats, weight: Floats, offset: Floats) -> Floats:
    """c and w (1 + F) from features (n, F), what is true (n, 0 or 1), how much each row counts, and what is added."""
    chosen = np.ones(x.shape[1], bool)
    while True:
        beta = _newton(np.column_stack([np.ones(len(x)), x[:, chosen]]), y, weight, offset)
        if (beta[1:] >= 0).all():
            break
        chosen[np.flatnonzero(chosen)[beta[1:] < 0]] = False
    found = np.zeros(1 + x.shape[1])
    found[np.append(True, chosen)] = beta
    return found


def _newton(design: Floats, y: Floats, weight: Floats, offset: Floats) -> Floats:
    ridge = np.full(design.shape[1], weights.LABEL_RIDGE)
    beta = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = sigmoid(offset + design @ beta)
        gradient = design.T @ (weight * (y - p)) - ridge * beta
        curvature = (design * (weight * p * (1 - p))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        step *= min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), CONVERGED))
        beta = beta + step
        if float(np.abs(step).max()) < CONVERGED:
            break
    return beta


def held_out(x: Floats, y: Floats, weight: Floats, offset: Floats, fold: Ints) -> float:
    """Log loss of the rows of each part by what was learned from all other parts."""
    z = np.zeros(len(y))
    for part in np.unique(fold):
        out = fold == part
        beta = fit(x[~out], y[~out], weight[~out], offset[~out])
        z[out] = offset[out] + beta[0] + x[out] @ beta[1:]
    return float(np.average(np.logaddexp(0.0, np.where(y > 0, -z, z)), weights=weight))
