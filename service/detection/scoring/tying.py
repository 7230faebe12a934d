"""What ties the accounts of a ring: pairs of ring and identifier, how rare such sharing is among others, and what all
accounts on what ties them are like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from service.detection import parameters
from service.detection.evidence.combine import Evidence
from service.detection.evidence.link_weights import kept_links
from service.detection.reading.kind_codes import codes
from service.detection.reading.population import Population, most_shared, sharing_rarity, size_class
from service.detection.reading.snapshot import Flags, Floats, Ints, Snapshot
from service.detection.scoring.excess import excess, shrunk, tells_apart

CLASSES = 128  # more size classes than there are
Holders = Callable[[Snapshot, int, Ints, Ints], tuple[Ints, Ints]]


@dataclass(frozen=True, slots=True)
class Pairs:
    """P pairs of a ring and an identifier that members use: members (P), held (share of its accounts in the ring),
    inside (whether it ties the ring together)."""

    ring: Ints
    identifier: Ints
    members: Ints
    held: Floats
    inside: Flags


def pairs_of(snapshot: Snapshot, evidence: Evidence, ring: Ints, rows: Ints) -> tuple[Pairs, Ints]:
    """Pairs of ring and identifier, and the pair that each of the given links belongs to."""
    key = ring[snapshot.account[rows]] * snapshot.identifiers + snapshot.identifier[rows]
    found, pair, members = np.unique(key, return_inverse=True, return_counts=True)
    ring_of, identifier = np.divmod(found, max(snapshot.identifiers, 1))
    strong = kept_links(snapshot, evidence.strength(snapshot), parameters.GROUPS.strong_evidence)
    kept = np.bincount(pair, strong[rows], len(found)) >= 2
    held = members / np.maximum(snapshot.k[identifier], 1)
    inside = ((members >= parameters.INSIDE_MEMBERS) & (held >= parameters.INSIDE_HELD)) | kept
    return Pairs(ring_of, identifier, members, held, inside), pair


def mean_rarity(
    snapshot: Snapshot, histograms: list[Ints], ring: Ints, inside: Ints, size: Ints, holders: Holders
) -> Floats:
    """How rare it is among others to share a card or device with as many as each member does inside its ring, mean over
    the members (R, decimal orders); nan where nobody shares any. `histograms` count `holders` by size class, for each
    strong kind, with the rings' own or, in an incremental pass, without those that came since the run."""
    best = np.zeros(snapshot.accounts)
    known = False
    for kind, histogram in zip(codes().strong_codes, histograms, strict=True):
        rows = inside[(snapshot.kind == kind)[snapshot.identifier[inside]]]
        of, classes = ring[snapshot.account[rows]], size_class(snapshot.k[snapshot.identifier[rows]])
        known |= len(histogram) > 1 or bool((classes > 0).any())
        own = _as_many(of, classes, *holders(snapshot, kind, ring, rows))
        np.maximum.at(best, snapshot.account[rows], sharing_rarity(classes, histogram, own))
    placed = ring >= 0
    mean = np.bincount(ring[placed], best[placed], len(size)) / np.maximum(size, 1)
    return mean if known else np.full(len(size), np.nan)


def mean_exits(usual: Population, ring: Ints, size: Ints) -> Floats:
    """How rare it is among others to use as many addresses as each member does without one of its own, mean over the
    members (R, decimal orders); nan where nobody is without."""
    members = np.flatnonzero(ring >= 0)
    of, count = ring[members], usual.exits[members]
    if usual.exits_usual.sum() == 0 or (len(usual.exits_usual) == 1 and not count.any()):
        return np.full(len(size), np.nan)
    rare = sharing_rarity(count, usual.exits_usual, _as_many(of, count, of, count))
    return np.bincount(of, rare, len(size)) / np.maximum(size, 1)


def accounts_of(snapshot: Snapshot, kind: int, ring: Ints, _: Ints) -> tuple[Ints, Ints]:
    """Ring and size class of each member, by the identifier of a kind that most accounts use, of those it has."""
    members = np.flatnonzero(ring >= 0)
    return ring[members], most_shared(snapshot, kind)[members]


def identifiers_of(snapshot: Snapshot, _: int, ring: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Ring and size class of each identifier on these links, once for each ring."""
    key = np.unique(ring[snapshot.account[rows]] * snapshot.identifiers + snapshot.identifier[rows])
    of, identifier = np.divmod(key, max(snapshot.identifiers, 1))
    return of, size_class(snapshot.k[identifier])


def _as_many(ring: Ints, classes: Ints, own_ring: Ints, own_classes: Ints) -> Ints:
    """For each ring and size class, how many of the ring's own are of this class or above (any shape)."""
    keys = np.sort(own_ring * CLASSES + own_classes)
    return np.searchsorted(keys, (ring + 1) * CLASSES) - np.searchsorted(keys, ring * CLASSES + classes)


def tied_excess(
    snapshot: Snapshot, pairs: Pairs, rings: int, of: Flags, flags: Flags, among: Flags, usual: float
) -> Floats:
    """Excess of a trait over the population's among all accounts on the identifiers `of` (M) that tie each ring (R),
    members or not, each identifier weighed by its members. nan where nothing ties it, where fewer than half are old
    enough to tell, or where nearly all or none of the population have the trait.

    Grouping may cut those without a home out of a firm that shares a card: what the others on that card are like tells.
    """
    if not tells_apart(usual):
        return np.full(rings, np.nan)
    ring, identifier, members = _tying(pairs, of)
    judged = np.bincount(snapshot.identifier, among[snapshot.account], snapshot.identifiers)[identifier]
    hits = np.bincount(snapshot.identifier, (flags & among)[snapshot.account], snapshot.identifiers)[identifier]
    total = np.bincount(ring, members, rings)
    share = np.bincount(ring, members * shrunk(hits, judged, usual), rings) / np.maximum(total, 1)
    old_enough = np.bincount(ring, members * (2 * judged >= snapshot.k[identifier]), rings)
    return np.where((total > 0) & (2 * old_enough >= total), excess(share, usual), np.nan)


def mean_users(snapshot: Snapshot, pairs: Pairs, rings: int, of: Flags) -> Floats:
    """How many accounts are on an identifier `of` (M) that ties each ring (R; 0 where none does), on average, each
    identifier weighed by its members."""
    ring, identifier, members = _tying(pairs, of)
    total = np.bincount(ring, members, rings)
    return np.asarray(np.bincount(ring, members * snapshot.k[identifier], rings) / np.maximum(total, 1))


def _tying(pairs: Pairs, of: Flags) -> tuple[Ints, Ints, Ints]:
    chosen = np.flatnonzero(pairs.inside & of[pairs.identifier])
    return pairs.ring[chosen], pairs.identifier[chosen], pairs.members[chosen]
