"""The rings of a run as the rows that are written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from service.detection import parameters
from service.detection.publishing import stored_ring_features
from service.detection.publishing.reasons import as_json, ring_reasons
from service.detection.reading.previous_run import PreviousRun
from service.detection.reading.snapshot import Ints, Snapshot
from service.detection.scoring.result import ScoringResult
from service.model.decision import level_of

Row = dict[str, Any]
STATUS = {0: "open", 1: "confirmed", -1: "dismissed"}  # of a new ring, by what people decided on most of its members


@dataclass(frozen=True, slots=True)
class _Members:
    """Of each ring: how many members it has, their uses of all identifiers, when the first was born and the last was
    active (epoch seconds), how many of them were not in it before, and how many left it."""

    size: list[int]
    uses: list[int]
    first: list[int]
    last: list[int]
    joined: list[int]
    left: list[int]


def ring_rows(
    snapshot: Snapshot,
    result: ScoringResult,
    ids: list[str],
    previous: PreviousRun,
    top: list[list[dict[str, Any]]],
    kinds: list[list[str]],
) -> list[Row]:
    """One row for each ring, as detect/set_rings takes it. `top` and `kinds` say what holds each together."""
    facts, scores = result.rings.facts, result.rings.ring_score
    reasons = ring_reasons(result.tables.rings, facts, scores)
    packed = stored_ring_features.pack(facts, result.tables.addresses)
    members = _members(snapshot, result.ring, ids, previous)
    total = max(int(snapshot.uses.sum()), 1)
    rows = []
    for number, ring_id in enumerate(ids):
        score = float(scores[number])
        values: Row = {
            "score": round(100 * score, 1),
            "level": level_of(score),
            "size": members.size[number],
            "kinds": kinds[number],
            "held_by": json.dumps(top[number]),
            "reasons": as_json(reasons[number]),
            "facts": packed[number],
            "born_from": int(facts.born_from[number]),
            "born_to": int(facts.born_to[number]),
            **_activity(members, number, total),
        }
        row: Row = {"id": ring_id, "values": values, "status": STATUS[int(result.verdict[number])]}
        row |= {"first_seen": members.first[number], "last_seen": members.last[number]}
        rows.append({**row, "joined": members.joined[number], "left": members.left[number]})
    return rows


def _activity(members: _Members, number: int, total: int) -> dict[str, float]:
    """The uses by a ring's members: all, in a day, and their share of the `total` of all accounts."""
    uses = members.uses[number]
    days = max((members.last[number] - members.first[number]) / parameters.DAY_S, 1.0)
    return {"uses": uses, "uses_per_day": round(uses / days, 1), "share_of_all_uses": round(uses / total, 6)}


def _members(snapshot: Snapshot, ring_of: Ints, ids: list[str], previous: PreviousRun) -> _Members:
    """`ring_of`: the number of each account's ring among `ids` (N; -1 for none)."""
    members = np.flatnonzero(ring_of >= 0)
    members = members[np.argsort(ring_of[members], kind="stable")]
    ring = ring_of[members]
    size = np.bincount(ring, minlength=len(ids))
    start = np.cumsum(size) - size
    stayed, left = _flow(previous, ids, members, ring)
    return _Members(
        size.tolist(),
        uses=np.add.reduceat(snapshot.uses[members], start).tolist(),
        first=np.minimum.reduceat(snapshot.created[members], start).tolist(),
        last=np.maximum.reduceat(snapshot.active[members], start).tolist(),
        joined=(size - stayed).tolist(),
        left=left.tolist(),
    )


def _flow(previous: PreviousRun, ids: list[str], members: Ints, ring: Ints) -> tuple[Ints, Ints]:
    """How many of each ring's members were in it before, and how many left it. `ring` numbers the ring of `members`."""
    number = {ring_id: old for old, ring_id in enumerate(previous.ids)}
    old = np.array([number.get(ring_id, -1) for ring_id in ids], np.int64)
    same = (old[ring] >= 0) & (previous.ring[members] == old[ring])
    stayed = np.bincount(ring[same], minlength=len(ids))
    size = np.bincount(previous.ring[previous.ring >= 0], minlength=len(previous.ids))
    were = np.append(size, 0)[old]
    return stayed, were - stayed
