"""Durable identity: which ring of this run is which ring of the last one. Formulas: docs/detection.md, Identity."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from service.detection.identity.ring_ids import new_id
from service.detection.reading.previous_run import PreviousRun
from service.detection.reading.snapshot import Ints, Snapshot
from service.graph.client import Graph

OF_OLD = 0.3  # share of the old ring, or
OF_NEW = 0.5  # share of the new ring that both have, to be the same or related


@dataclass(frozen=True, slots=True)
class Identity:
    """The id of each new ring (R), and pairs of ids (newer, older): rings that took another one in, or broke off."""

    ids: list[str]
    merged_from: list[tuple[str, str]] = field(default_factory=list)
    split_from: list[tuple[str, str]] = field(default_factory=list)


def overlaps(old: Ints, new: Ints) -> tuple[Ints, Ints, Ints]:
    """Pairs of old and new rings with the accounts they share, from one ring number an account (N; -1 for none)."""
    both = (old >= 0) & (new >= 0)
    width = int(new.max(initial=-1)) + 1
    key, shared = np.unique(old[both] * max(width, 1) + new[both], return_counts=True)
    return key // max(width, 1), key % max(width, 1), shared


def identify(
    old: Ints,
    old_ids: list[str],
    new: Ints,
    taken: Collection[str],
    seeds: list[str],
    old_size: Ints,
    dismissed: Collection[str] = (),
) -> Identity:
    """Ids for new rings. A ring keeps the id of the old one that it shares most accounts with, if that is 30 % of the
    old or half of the new; each id goes to one ring, the largest overlap first. `seeds` (R) makes new ids
    repeatable; `old_size` counts all old members, also those that are no longer in the graph. The id of a ring that
    people `dismissed` goes to none most of which was in other rings: else they would be dismissed with it, unseen."""
    new_size = np.bincount(new[new >= 0], minlength=len(seeds))
    before, after, shared = overlaps(old, new)
    close = (shared >= OF_OLD * old_size[before]) | (shared >= OF_NEW * new_size[after])
    known = np.bincount(after, shared, len(seeds))
    outweighed = np.isin(old_ids, list(dismissed))[before] & (shared < OF_NEW * known[after])
    order = np.flatnonzero(close)[np.argsort(-shared[close], kind="stable")]
    ids: dict[int, str] = {}
    given: set[int] = set()
    for row in order:
        o, n = int(before[row]), int(after[row])
        if o not in given and n not in ids and not outweighed[row]:
            ids[n] = old_ids[o]
            given.add(o)
    used = set(taken) | set(old_ids)
    for n, seed in enumerate(seeds):
        if n not in ids:
            ids[n] = new_id(seed, used)
            used.add(ids[n])
    named = [ids[n] for n in range(len(seeds))]
    merged, split = [], []
    for row in order:
        o, n = int(before[row]), int(after[row])
        if named[n] == old_ids[o]:
            continue
        if o in given:
            split.append((named[n], old_ids[o]))
        else:
            merged.append((named[n], old_ids[o]))
    return Identity(named, merged, split)


def identify_rings(graph: Graph, snapshot: Snapshot, ring: Ints, previous: PreviousRun) -> Identity:
    """Ids for the rings of this run (`ring`, N, -1 for none); a new one is seeded by the ring's oldest account."""
    taken = graph.read_bulk("detect/ring_ids")["id"]
    members = np.flatnonzero(ring >= 0)
    oldest = members[np.lexsort((members, snapshot.created[members], ring[members]))]
    _, first = np.unique(ring[oldest], return_index=True)
    nodes = snapshot.account_node[oldest[first]].tolist()
    named = graph.read_bulk("detect/account_names", nodes=nodes)
    names = dict(zip(named["node"], named["id"], strict=True))
    seeds = [names.get(node, "") for node in nodes]  # "" for an account that was erased meanwhile
    size = np.bincount(previous.ring[previous.ring >= 0], minlength=len(previous.ids))
    dismissed = [verdict.ring for verdict in previous.verdicts if not verdict.confirmed]
    return identify(previous.ring, previous.ids, ring, taken, seeds, size, dismissed)
