"""How near each account is to what people labelled. Formulas: docs/detection.md, "What people say"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.detection import parameters
from service.detection.evidence.link_weights import priors
from service.detection.reading.snapshot import Floats, Ints, Snapshot

FEATURES = tuple(f"{how}_{of}" for of in ("confirmed", "cleared") for how in ("shared", "grouped", "walked"))
"""The columns of `features`. Those of cleared accounts are 0 or less, so that no weight of a feature is negative."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What nearness is measured against: accounts, labels of each class (confirmed, cleared; those of rings count in
    part), accounts that walks start at, and the weight of all links with evidence."""

    accounts: int
    labels: tuple[float, float]
    seeds: tuple[int, int]
    weight: float


def features(snapshot: Snapshot, group: Ints, labels: Floats, visits: Floats, totals: Totals) -> Floats:
    """(N, 6) from how much each account counts as a label of each class (2, N), how often walks from these are at it
    (2, N, `LabelWalks.visits`), and its group (N; -1 for none).

    Each compares both classes: where fakes and honest accounts share an exit, labels of both kinds say nothing.
    """
    rates = tuple(label / totals.accounts for label in totals.labels)
    walks = [walked(visited, totals.weight, seeds) for visited, seeds in zip(visits, totals.seeds, strict=True)]
    near = [*shared(snapshot, labels, rates), *grouped(group, labels, rates), *_apart(walks[0] - walks[1])]
    return np.column_stack([*near[::2], *near[1::2]])


def _apart(net: Floats) -> tuple[Floats, Floats]:
    """What is above 0, and what is below."""
    return np.maximum(net, 0.0), np.minimum(net, 0.0)


def shared(snapshot: Snapshot, labels: Floats, rates: tuple[float, ...]) -> tuple[Floats, Floats]:
    """How many more labels than by chance there are on what an account uses, confirmed (N, 0 or more) and cleared (N, 0
    or less): the mean over its identifiers, weighted by the priors of their kinds."""
    prior = priors(snapshot, parameters.EVIDENCE)
    rows = np.flatnonzero((labels.sum(axis=0) > 0)[snapshot.account])
    place, account = snapshot.identifier[rows], snapshot.account[rows]
    n = np.stack([_sums(place, label[account], snapshot.identifiers) for label in labels])
    total = np.maximum(_sums(snapshot.account, prior[snapshot.identifier], snapshot.accounts), 1e-9)
    confirmed, cleared = (
        _sums(snapshot.account, (prior * part)[snapshot.identifier], snapshot.accounts) / total
        for part in _apart(beyond_chance(n, snapshot.k, rates))
    )
    return confirmed, cleared


def grouped(group: Ints, labels: Floats, rates: tuple[float, ...]) -> tuple[Floats, Floats]:
    """The same of an account's group (`group` is -1 for accounts without one: 0)."""
    placed = group >= 0
    groups = int(group.max(initial=-1)) + 1
    n = np.stack([_sums(group[placed], label[placed], groups) for label in labels])
    net = beyond_chance(n, np.bincount(group[placed], minlength=groups).astype(np.int64), rates)
    return _apart(np.append(net, 0.0)[group])


def _sums(place: Ints, value: Floats, size: int) -> Floats:
    """The sum of the values (n) at each place (n, below `size`)."""
    return np.bincount(place, value, size).astype(np.float64)


def beyond_chance(n: Floats, k: Ints, rates: tuple[float, ...]) -> Floats:
    """ln((n + 1) / (rate k + 1)), at least 0, of confirmed less that of cleared labels, for n labels of each class
    (2, K) among k accounts (K): on a carrier's address a few labels are no more than chance gives."""
    confirmed, cleared = (
        np.maximum(np.log((count + 1) / (rate * k + 1)), 0.0) for count, rate in zip(n, rates, strict=True)
    )
    return np.asarray(confirmed - cleared)


def walked(visits: Floats, weight: float, seeds: int) -> Floats:
    """How much more often than chance walks from labels are at an account: ln(1 + visits / chance) (N, 0 or more)."""
    return np.log1p(visits * weight / seeds) if seeds else np.zeros_like(visits)
