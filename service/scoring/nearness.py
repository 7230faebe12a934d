"""How near each account is to what people labelled. Formulas: docs/detection.md, "What people say"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.detection.evidence import priors
from service.detection.snapshot import Floats, Ints, Snapshot
from service.scoring import weights

FEATURES = ("shared_with_confirmed", "walks_from_confirmed", "shared_with_cleared", "walks_from_cleared")
"""The columns of `features`. Those of cleared accounts are 0 or less, so that no weight of a feature is negative."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What nearness is measured against: accounts, labels of each class (confirmed, cleared), and the weight of all
    links with evidence."""

    accounts: int
    labels: tuple[float, float]
    weight: float


def features(snapshot: Snapshot, group: Ints, labels: Floats, visits: Floats, totals: Totals) -> Floats:
    """(N, 4) from how much each account counts as a label of each class (2, N), how often walks from these are at it
    (2, N, `Spread.visits`), and its group (N; -1 for none)."""
    columns = []
    for number, sign in enumerate((1, -1)):
        rate = totals.labels[number] / totals.accounts
        columns.append(sign * shared(snapshot, group, labels[number], rate))
        columns.append(sign * walked(visits[number], totals.weight, totals.labels[number]))
    return np.column_stack(columns)


def shared(snapshot: Snapshot, group: Ints, labels: Floats, rate: float) -> Floats:
    """The most labels beyond chance on one of an account's identifiers, or in its group (N, 0 or more).

    For n labels among k accounts: ln((n + 1) / (rate k + 1)), times the prior of the identifier's kind. On a carrier's
    address a few labels are no more than chance gives.
    """
    n = np.zeros(snapshot.identifiers)
    rows = np.flatnonzero(labels[snapshot.account] > 0)
    np.add.at(n, snapshot.identifier[rows], labels[snapshot.account[rows]])
    lift = np.maximum(np.log((n + 1) / (rate * snapshot.k + 1)), 0.0) * priors(snapshot, weights.EVIDENCE)
    most = np.zeros(snapshot.accounts)
    rows = np.flatnonzero(lift[snapshot.identifier] > 0)
    np.maximum.at(most, snapshot.account[rows], lift[snapshot.identifier[rows]])
    placed = group >= 0
    size, inside = np.bincount(group[placed]), np.bincount(group[placed], labels[placed])
    of_group = np.append(np.maximum(np.log((inside + 1) / (rate * size + 1)), 0.0), 0.0)  # the last: without a group
    return np.asarray(np.maximum(most, of_group[group]))


def walked(visits: Floats, weight: float, labels: float) -> Floats:
    """How much more often than chance walks from labels are at an account: ln(1 + visits / chance) (N, 0 or more)."""
    return np.log1p(visits * weight / labels) if labels > 0 else np.zeros_like(visits)
