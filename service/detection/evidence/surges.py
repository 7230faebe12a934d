"""Surges: minutes in which unusually many of the new accounts have no residential address, each on an exit of its own.

A campaign whose accounts share no card, no device and hardly an exit is still made in batches: within minutes come many
accounts that only ever use shared exits, where honest newcomers of the same minutes come from home as often as usual.
Formulas: docs/detection.md, Surges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.detection.evidence.signup_windows import divergence
from service.detection.parameters import SurgeParameters
from service.detection.reading.snapshot import Flags, Floats, Ints, Snapshot


@dataclass(frozen=True, slots=True)
class Surges:
    """Accounts of surges: link (S, row of the account's first link to an address), surge (S, numbers from 0, sorted)
    and strength (S, 0 to 1: the share of accounts without a residential IP that is more than those minutes explain)."""

    link: Ints
    surge: Ints
    strength: Floats


@dataclass(frozen=True, slots=True)
class Births:
    """B births on an address, by time: time (epoch seconds), address (number of the identifier) and no_residential_ip
    (of the account)."""

    time: Ints
    address: Ints
    no_residential_ip: Flags


def find_surges(snapshot: Snapshot, no_residential_ip: Flags, among: Flags, parameters: SurgeParameters) -> Surges:
    """The surges among some accounts (N); `no_residential_ip` (N): has addresses, but none of a household.

    Within each scale of a birth, of n addresses on which accounts are born, c are those of accounts without one: a
    surprise of n KL(c/n || p) nats, where p is the share in the days around. Which surprises count is a matter of how
    many there are: at most `false_share` of them may be chance (Benjamini and Hochberg, 1995; exp(-nats) bounds the
    p-value).
    """
    link = _first_addresses(snapshot, among)
    account = snapshot.account[link]
    births = Births(snapshot.created[account], snapshot.identifier[link], no_residential_ip[account])
    nats, unusual = np.zeros(len(link)), np.zeros(len(link))
    for scale in parameters.scales_s:
        found, share = _surprise(births, scale, parameters)
        better = found > nats
        nats, unusual = np.where(better, found, nats), np.where(better, share, unusual)
    bar = discovery_bar(nats[births.no_residential_ip], parameters.false_share, len(parameters.scales_s))
    chosen = np.flatnonzero(births.no_residential_ip & (nats >= bar))
    surge = np.cumsum(np.diff(births.time[chosen], prepend=births.time[chosen[:1]]) > parameters.gap_s)
    chosen = chosen[np.bincount(surge, minlength=1)[surge] >= parameters.minimum]
    surge = np.cumsum(np.diff(births.time[chosen], prepend=births.time[chosen[:1]]) > parameters.gap_s)
    return Surges(link[chosen], surge.astype(np.int64), unusual[chosen])


def _first_addresses(snapshot: Snapshot, among: Flags) -> Ints:
    """The first link to an address of each account born on one (rows), by the accounts' creation."""
    rows = np.flatnonzero(snapshot.place[snapshot.identifier] & snapshot.birth & among[snapshot.account])
    rows = rows[np.lexsort((snapshot.first[rows], snapshot.account[rows]))]
    fresh = np.ones(len(rows), bool)
    fresh[1:] = np.diff(snapshot.account[rows]) > 0
    rows = rows[fresh]
    return rows[np.argsort(snapshot.created[snapshot.account[rows]], kind="stable")]


def _surprise(births: Births, scale: int, parameters: SurgeParameters) -> tuple[Floats, Floats]:
    """Nats around each birth (B), and the share of those without a residential IP that p does not explain. Births
    on one address within the scale count once: an office, a shop and a stadium are one place each."""
    once = _once(births, scale)
    places = np.concatenate([[0], np.cumsum(once)])
    no_residential_ip = np.concatenate([[0], np.cumsum(once & births.no_residential_ip)])
    near, far = _around(births.time, scale), _around(births.time, parameters.around_s)
    n, c = _between(places, near), _between(no_residential_ip, near)
    overall = no_residential_ip[-1] / max(places[-1], 1)
    p = (_between(no_residential_ip, far) - c + parameters.usual * overall) / (
        _between(places, far) - n + parameters.usual
    )
    n = np.maximum(n, 1.0)
    expected = (n - c) * p / np.maximum(1.0 - p, 1e-9)
    return n * divergence(c / n, p), np.clip(1.0 - expected / np.maximum(c, 1.0), 0.0, 1.0)


def _once(births: Births, scale: int) -> Flags:
    """Whether a birth is the first on its address, or the first after this long (B)."""
    order = np.lexsort((births.time, births.address))
    again = (np.diff(births.address[order]) == 0) & (np.diff(births.time[order]) <= scale)
    once = np.ones(len(order), bool)
    once[order[1:][again]] = False
    return once


def _around(time: Ints, within: int) -> tuple[Ints, Ints]:
    return np.searchsorted(time, time - within, "left"), np.searchsorted(time, time + within, "right")


def _between(running: Ints, window: tuple[Ints, Ints]) -> Floats:
    return np.asarray(running[window[1]] - running[window[0]], np.float64)


def discovery_bar(nats: Floats, false_share: float, tests: int) -> float:
    """The least surprise that counts as found, if `false_share` of what is found may be chance and each was tested
    `tests` times; infinite if none does."""
    ordered = -np.sort(-nats)
    by_chance = tests * len(ordered) * np.exp(-ordered)
    good = np.flatnonzero(by_chance <= false_share * np.arange(1, len(ordered) + 1))
    return float(ordered[good[-1]]) if len(good) else np.inf
