"""What the published run said, and people of its rings, which the next one starts from."""

from __future__ import annotations

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
    decided on rings until `verdicts_at` (epoch seconds, by the engine's clock)."""

    ring: Ints
    ids: list[str]
    runs_absent: Ints
    risky: Ints
    risks: Floats
    evident: Carried
    verdicts: Sequence[Verdict] = ()
    verdicts_at: int = 0


def read_published(graph: Graph) -> dict[str, Any]:
    """What the graph has of the published run, in node ids: lists by name, empty if none was published."""
    return {**_verdicts(graph), **graph.read_bulk("detect/carriers"), **graph.read_bulk("detect/published")}


def read_published_of(graph: Graph, nodes: Ints) -> dict[str, Any]:
    """The same of some accounts (node ids), without what carries a risk or evidence."""
    carriers: dict[str, Any] = {"risky": [], "risks": [], "evident": []}
    return {**_verdicts(graph), **carriers, **graph.read_bulk("detect/published_of", nodes=nodes.tolist())}


def _verdicts(graph: Graph) -> dict[str, Any]:
    return graph.read_bulk("detect/ring_verdicts")


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
    return PreviousRun(
        ring, ids.tolist(), runs_absent, risky[order], risks[order], evident, verdicts, published["verdicts_at"]
    )


def _carried(rows: list[list[Any]]) -> Carried:
    """Rows of detect/carriers."""
    if not rows:
        return Carried()
    node, *numbers, ring = zip(*sorted(rows, key=itemgetter(0)), strict=True)
    return Carried(np.array(node, np.int64), np.array(numbers, np.float64), list(ring))
