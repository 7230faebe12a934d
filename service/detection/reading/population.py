"""The population: the facts of each account, and their shares among all, which a ring is compared with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from service.detection import parameters
from service.detection.reading.baseline import Baseline
from service.detection.reading.snapshot import DEVICE, IP, Flags, Ints, Snapshot

SHARES = ("unaddressed_share", "unanchored_share", "short_share", "birth_share")
GROUP_STRIDE = 2**40  # larger than any moment in epoch seconds and a span: keeps accounts apart in one sorted array


@dataclass(frozen=True, slots=True)
class Population:
    """For each account (N) whether it is anchored, addressed (has an address of its own, its household's, or one it
    kept; online: old enough to tell), no_residential_ip (has addresses, but none of its own or its household's),
    short-lived, and old enough to tell; and the shares of the population. `births` is all creations, `moves` all later
    first uses of an identifier, `arrivals` all first uses of addresses, sorted. `added` is how many cards and devices
    each account (N) added within each of VELOCITY_SPANS_S at most, `added_usual` how many of all accounts added 0, 1,
    2.. of them."""

    anchored: Flags
    addressed: Flags
    online: Flags
    no_residential_ip: Flags
    mature: Flags
    short: Flags
    settled: Flags
    births: Ints
    moves: Ints
    arrivals: Ints
    unaddressed_share: float
    unanchored_share: float
    short_share: float
    birth_share: float
    added: list[Ints]
    added_usual: list[Ints]


def population_of(snapshot: Snapshot) -> Population:
    """Of all accounts. Anchors and short lives are judged only on accounts that are old enough to have them."""
    kind = snapshot.kind[snapshot.identifier]
    own = (snapshot.k[snapshot.identifier] == 1) & (kind <= IP)
    kept = snapshot.last - snapshot.first >= parameters.ADDRESS_S
    household = (kind == IP) & (snapshot.k[snapshot.identifier] <= parameters.HOUSEHOLD)
    addressed = _any(snapshot, household | ((kind == IP) & kept))
    seen_online = _any(snapshot, kind == IP)
    online = seen_online & (snapshot.created <= snapshot.now - parameters.ADDRESS_S)
    anchored = _any(snapshot, own & (snapshot.last - snapshot.first >= parameters.ANCHOR_S))
    mature = snapshot.created <= snapshot.now - parameters.ANCHOR_S
    short = snapshot.active - snapshot.created <= parameters.SHORT_LIFE_S
    settled = snapshot.created <= snapshot.now - 2 * parameters.SHORT_LIFE_S
    added = most_within(snapshot, parameters.VELOCITY_SPANS_S)
    return Population(
        anchored=anchored,
        addressed=addressed,
        online=online,
        no_residential_ip=seen_online & ~_any(snapshot, household),
        mature=mature,
        short=short,
        settled=settled,
        births=np.sort(snapshot.created),
        moves=np.sort(snapshot.first[~snapshot.birth]),
        arrivals=arrivals_of(snapshot),
        unaddressed_share=_share(~addressed, online),
        unanchored_share=_share(~anchored, mature),
        short_share=_share(short, settled),
        birth_share=float(snapshot.birth.mean()) if len(snapshot.birth) else 1.0,
        added=added,
        added_usual=[np.bincount(counts) for counts in added],
    )


def most_within(snapshot: Snapshot, spans_s: tuple[int, ...]) -> list[Ints]:
    """The most cards and devices that each account (N) added within any span, for each of the spans."""
    rows = np.flatnonzero(snapshot.kind[snapshot.identifier] <= DEVICE)
    key = np.sort(snapshot.account[rows] * GROUP_STRIDE + snapshot.first[rows])
    found = []
    for span_s in spans_s:
        count = np.searchsorted(key, key + span_s, "right") - np.arange(len(key))
        most = np.zeros(snapshot.accounts, np.int64)
        np.maximum.at(most, key // GROUP_STRIDE, count)
        found.append(most)
    return found


def arrivals_of(snapshot: Snapshot) -> Ints:
    """First uses of addresses, sorted."""
    return np.sort(snapshot.first[snapshot.kind[snapshot.identifier] == IP])


def baseline_of(population: Population, snapshot: Snapshot) -> Baseline:
    """What the incremental pass, which reads a part of the graph, needs to know of all of it."""
    shares = {name: getattr(population, name) for name in SHARES}
    uses = int(snapshot.uses.sum())
    return Baseline(
        population.births, population.moves, population.arrivals, shares, population.added_usual, uses, snapshot.now
    )


def within(baseline: Baseline, part: Snapshot) -> Population:
    """The population of which `part` is a part: its accounts' own flags, and the shares and times of the whole."""
    known = baseline.until(part)
    return replace(
        population_of(part),
        births=known.births,
        moves=known.moves,
        arrivals=known.arrivals,
        unaddressed_share=known.shares["unaddressed_share"],
        unanchored_share=known.shares["unanchored_share"],
        short_share=known.shares["short_share"],
        birth_share=known.shares["birth_share"],
        added_usual=known.added,
    )


def _any(snapshot: Snapshot, links: Flags) -> Flags:
    """Whether an account (N) has any of these links (L)."""
    return np.bincount(snapshot.account[links], minlength=snapshot.accounts) > 0


def _share(flags: Flags, among: Flags) -> float:
    return float(flags[among].mean()) if among.any() else 1.0
