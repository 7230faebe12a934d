"""One detection run, stage by stage: read, weigh, group, score, match, write, publish, retire."""

from __future__ import annotations

import fcntl
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from service.detection import evidence as births
from service.detection import group, match, project, similar, step
from service.detection.read import read
from service.detection.snapshot import Ints, Snapshot
from service.errors import ConflictError
from service.graph.client import Graph
from service.logs import log
from service.model.decision import LEVELS
from service.scoring import explain, publish, rows, weights
from service.scoring.facts import population
from service.scoring.result import Found, Tie, find


@dataclass(slots=True)
class Stages:
    """Seconds by stage, and GDS's own compute time within them."""

    seconds: dict[str, float] = field(default_factory=dict)
    gds_ms: int = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times one stage and says so in the log."""
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 3)
        log.info("%s: %.1f s", name, self.seconds[name])


@dataclass(frozen=True, slots=True)
class RunResult:
    """A published run: its id, accounts looked at, accounts in rings, rings by level, seconds (all, and within GDS)."""

    run: str
    accounts: int
    members: int
    rings: dict[str, int]
    seconds: float
    gds_seconds: float


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Holds the home's lock for detection; the system releases it if the process dies. Raises ConflictError if held."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "detect.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConflictError(f"a detection run is going on for {home}; wait until it is done") from None
        yield


def detect(graph: Graph, home: Path) -> RunResult:
    """Runs detection on all of the graph and publishes it. A run that fails leaves the published one as it was."""
    with alone(home):
        run = f"run-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:6]}"
        parameters = json.dumps({"groups": asdict(weights.GROUPS), "model_version": weights.MODEL_VERSION})
        graph.write("detect/start_run", run=run, parameters=parameters, model_version=weights.MODEL_VERSION)
        try:
            return _run(graph, run)
        except BaseException as error:
            graph.write("detect/fail_run", run=run, error=f"{type(error).__name__}: {error}"[:500])
            raise


def _run(graph: Graph, run: str) -> RunResult:
    started = time.monotonic()
    stages = Stages()
    gds = project.connect(graph)
    with stages.stage("read"):
        snapshot = read(graph, weights.EVIDENCE.birth_s)
        before, before_ids = _published(graph, snapshot)
        risky = np.array(graph.read("detect/risky_accounts")[0]["node"], np.int64)
    with stages.stage("weigh"):
        usual = population(snapshot)
        windows, bursts = births.find_windows(snapshot, weights.EVIDENCE), step.find_bursts(snapshot, weights.STEP)
        snapshot, evidence = births.weigh(snapshot, windows, bursts, weights.EVIDENCE)
    views = []
    for name in ("pruned", "soft"):
        with stages.stage(f"group {name}"):
            views.append(_view(graph, gds, run, name, snapshot, evidence, stages))
    with stages.stage("score"):
        found = find(snapshot, evidence, usual, views, before, _tie(graph, gds, run, snapshot, stages))
    with stages.stage("match"):
        identity = _identify(graph, snapshot, found, before, before_ids)
        ids = identity.ids
    with stages.stage("write"):
        members = publish.write_members(graph, run, snapshot, found, ids)
    with stages.stage("similar"):
        _, gds_ms = similar.write_similar(graph, gds, run, members)
        stages.gds_ms += gds_ms
    with stages.stage("publish"):
        levels = _publish(graph, run, snapshot, evidence, found, ids, risky, stages)
    with stages.stage("retire"):
        publish.retire(graph, run)
    seconds = time.monotonic() - started
    return RunResult(run, snapshot.accounts, members, levels, round(seconds, 2), stages.gds_ms / 1000)


def _view(
    graph: Graph,
    gds: Any,
    run: str,
    name: str,
    snapshot: Snapshot,
    evidence: births.Evidence,
    stages: Stages,
) -> Ints:
    """Projects one view and groups it."""
    pruned = name == "pruned"
    make = project.pruned_view if pruned else project.soft_view
    groups = weights.GROUPS
    with project.projected(graph, gds, f"{name}-{run}", make(snapshot, evidence, weights.EVIDENCE, groups)) as view:
        resolution = groups.pruned_resolution if pruned else groups.soft_resolution
        minimum = groups.pruned_minimum if pruned else groups.soft_minimum
        labels, ms = group.leiden(graph, gds, view, snapshot, groups, resolution, minimum)
    stages.gds_ms += ms
    return labels


def _tie(graph: Graph, gds: Any, run: str, snapshot: Snapshot, stages: Stages) -> Tie:
    """Connected groups over cards and devices, by GDS."""

    def tie(rows: Ints) -> Ints:
        labels, ms = group.components(graph, gds, f"ties-{run}", snapshot, rows)
        stages.gds_ms += ms
        return labels

    return tie


def _published(graph: Graph, snapshot: Snapshot) -> tuple[Ints, list[str]]:
    """The published ring of each account (N; -1 for none) as a number, and the ids that the numbers stand for."""
    row = graph.read("detect/published")[0]
    before = np.full(snapshot.accounts, -1)
    if not row["node"]:
        return before, []
    ids, number = np.unique(np.array(row["ring"]), return_inverse=True)
    before[np.searchsorted(snapshot.account_node, np.array(row["node"], np.int64))] = number
    return before, [str(ring_id) for ring_id in ids]


def _identify(graph: Graph, snapshot: Snapshot, found: Found, before: Ints, before_ids: list[str]) -> match.Identity:
    """Ids for the rings of this run; a new one is seeded by the ring's oldest account."""
    taken = graph.read("detect/ring_ids")[0]["id"]
    members = np.flatnonzero(found.ring >= 0)
    oldest = members[np.lexsort((members, snapshot.created[members], found.ring[members]))]
    _, first = np.unique(found.ring[oldest], return_index=True)
    seeds = [str(node) for node in snapshot.account_node[oldest[first]].tolist()]
    old_size = np.bincount(before[before >= 0], minlength=len(before_ids))
    return match.identify(before, before_ids, found.ring, taken, seeds, old_size)


def _publish(
    graph: Graph,
    run: str,
    snapshot: Snapshot,
    evidence: births.Evidence,
    found: Found,
    ids: list[str],
    risky: Ints,
    stages: Stages,
) -> dict[str, int]:
    """Builds all rows and publishes them. Returns the number of rings by level, highest first."""
    top, _ = explain.held_by(snapshot, found.rings.pairs, len(ids))
    nodes = sorted({entry["node"] for held in top for entry in held})
    named = graph.read("detect/identifier_names", nodes=nodes)[0]
    rings = rows.ring_rows(snapshot, found, ids, dict(zip(named["node"], named["id"], strict=True)))
    kept, accounts = rows.account_rows(snapshot, found, ids)
    identifiers, base = rows.evidence_rows(snapshot, evidence, found, ids)
    levels = {level: sum(row["values"]["level"] == level for row in rings) for level in reversed(LEVELS)}
    counts = {
        "accounts": snapshot.accounts,
        "identifiers": snapshot.identifiers,
        "links": len(snapshot.account),
        "members": int((found.ring >= 0).sum()),
        "rings": levels,
        "accounts_by_level": {level: accounts["levels"].count(level) for level in reversed(LEVELS[1:])},
        "base_risk": round(base, 6),
        "as_of": snapshot.now,
    }
    cleared = np.setdiff1d(risky, snapshot.account_node[kept]).tolist()
    timings = {**stages.seconds, "gds": stages.gds_ms / 1000}
    publication = publish.Publication(rings, accounts, cleared, identifiers, snapshot.now, counts, timings)
    publish.publish(graph, run, publication)
    return levels
