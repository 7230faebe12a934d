"""What the published run said, and people of its rings, which the next one starts from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import numpy as np

from service.detection.reading.snapshot import Floats, Ints, Snapshot
from service.graph.client import Graph

NUMBERS = ("k", "j", "window_from", "window_to", "sum_h", "sum_hp", "ring_members", "at")


@dataclass(frozen=True, slots=True)
class Carried:
    """The identifiers that carry evidence: node ids (E, sorted), what each carries (8, E; NaN for none) in the order of
    NUMBERS, and the ring's id of each."""

    node: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    numbers: Floats = field(default_factory=lambda: np.zeros((len(NUMBERS), 0)))
    ring: list[str | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What people decided on a ring (its id): confirmed, else dismissed. `at` is epoch seconds."""

    ring: str
    confirmed: bool
    at: int


@dataclass(frozen=True, slots=True)
class PreviousRun:
    """ring (N; -1 for none) numbers the published ring of each account, `ids` are the rings' ids, runs_absent (N) for
    how many runs in a row the account was found outside of it; `risky` are the accounts that carry a risk (node ids,
    sorted), `risks` those, and `evident` the identifiers that carry evidence, with it. `verdicts` are what people
    decided on rings until `verdicts_at` (epoch seconds, by the engine's clock).

    judged_by (N; -1 for none) is the place of the verdict that holds for each account, and noted (N; -1 for none, -2
    for one that people took back) that of the verdict on the earlier ring that the graph notes the account with."""

    ring: Ints
    ids: list[str]
    runs_absent: Ints
    risky: Ints
    risks: Floats
    evident: Carried
    verdicts: Sequence[Verdict] = ()
    verdicts_at: int = 0
    judged_by: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    noted: Ints = field(default_factory=lambda: np.zeros(0, np.int64))


def read_published(graph: Graph) -> dict[str, Any]:
    """What the graph has of the published run, in node ids: lists by name, empty if none was published."""
    names = ("detect/ring_verdicts", "detect/words", "detect/carriers", "detect/published")
    return {name: column for query in names for name, column in graph.read_bulk(query).items()}


def read_published_of(graph: Graph, nodes: Ints) -> dict[str, Any]:
    """The same of some accounts (node ids), without what carries a risk or evidence."""
    carriers: dict[str, Any] = {"risky": [], "risks": [], "evident": []}
    for name in ("detect/words_of", "detect/published_of"):
        carriers |= graph.read_bulk(name, nodes=nodes.tolist())
    return {**graph.read_bulk("detect/ring_verdicts"), **carriers}


def previous_run_of(snapshot: Snapshot, published: dict[str, Any]) -> PreviousRun:
    """The published run, as it was read, by the accounts of a snapshot; those that have gone since are left out."""
    risky, risks = np.array(published["risky"], np.int64), np.array(published["risks"], np.float64)
    order = np.argsort(risky)
    ids, number = np.unique(np.array(published["ring"], dtype=str), return_inverse=True)
    at = snapshot.accounts_at(np.array(published["node"], np.int64))
    known = at >= 0
    ring, runs_absent = np.full(snapshot.accounts, -1), np.zeros(snapshot.accounts, np.int64)
    ring[at[known]], runs_absent[at[known]] = number[known], np.array(published["below"], np.int64)[known]
    evident = _carried(published["evident"])
    verdicts = [Verdict(*verdict) for verdict in published["verdicts"]]
    noted = _noted(snapshot, published, verdicts)
    counts = json.loads(published["counts"] or "{}")
    judged_by = _judged_by(snapshot.created, ring, ids.tolist(), noted, verdicts, counts.get("verdicts_at", 0))
    return PreviousRun(
        ring,
        ids.tolist(),
        runs_absent,
        risky[order],
        risks[order],
        evident,
        verdicts,
        published["verdicts_at"],
        judged_by,
        noted,
    )


def _noted(snapshot: Snapshot, published: dict[str, Any], verdicts: Sequence[Verdict]) -> Ints:
    """The place of the verdict on the ring that each account (N) is noted with."""
    place = {verdict.ring: number for number, verdict in enumerate(verdicts)}
    noted = np.full(snapshot.accounts, -1)
    at = snapshot.accounts_at(np.array(published["word_node"], np.int64))
    noted[at[at >= 0]] = np.array([place.get(ring, -2) for ring in published["word_ring"]], np.int64)[at >= 0]
    return noted


def _judged_by(
    created: Ints, ring: Ints, ids: list[str], noted: Ints, verdicts: Sequence[Verdict], known_at: int
) -> Ints:
    """The place of the verdict that holds for each account (N): that on the earlier ring that it is noted with, unless
    people decided on its ring, with it in there, since the published run looked (`known_at`)."""
    place = {verdict.ring: number for number, verdict in enumerate(verdicts)}
    at = np.array([*(verdict.at for verdict in verdicts), 0], np.int64)
    confirmed = np.array([*(verdict.confirmed for verdict in verdicts), False], bool)
    own = np.array([*(place.get(ring_id, -1) for ring_id in ids), -1], np.int64)[ring]
    looked_at = confirmed[own] | (created <= at[own])  # nobody has looked at those who came after it was dismissed
    own = np.where(looked_at, own, -1)
    return np.where((noted >= 0) & ((own < 0) | (at[own] < known_at)), noted, own)


def _carried(rows: list[list[Any]]) -> Carried:
    """Rows of detect/carriers."""
    if not rows:
        return Carried()
    node, *numbers, ring = zip(*sorted(rows, key=itemgetter(0)), strict=True)
    return Carried(np.array(node, np.int64), np.array(numbers, np.float64), list(ring))
