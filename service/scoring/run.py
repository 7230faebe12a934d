"""One detection run, stage by stage: read, weigh, group, score, match, write, publish, retire."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from graphdatascience import GraphDataScience

from service import tracing
from service.detection import evidence as births
from service.detection import group, project, similar, step
from service.detection.fragments import cut_loose
from service.detection.read import read
from service.detection.snapshot import Flags, Ints, Snapshot
from service.detection.spread import Spread, spread
from service.detection.surge import find_surges
from service.graph.client import Graph
from service.scoring import labels, publish, weights
from service.scoring.before import Before, before_of, identify, read_published
from service.scoring.candidates import compact
from service.scoring.learning import Learned
from service.scoring.population import Population, population, usual_of
from service.scoring.result import Found, Tie, find
from service.scoring.rows import publication
from service.scoring.stages import Stages, alone
from service.scoring.stay import stay
from service.scoring.turn import wait_for_look


@dataclass(frozen=True, slots=True)
class RunResult:
    """A published run: its id, accounts looked at, accounts in rings, rings by level, seconds (all, within GDS, and by
    stage)."""

    run: str
    accounts: int
    members: int
    rings: dict[str, int]
    seconds: float
    gds_seconds: float
    stages: dict[str, float]


@dataclass(frozen=True, slots=True)
class Work:
    """What the stages of one run share."""

    graph: Graph
    gds: GraphDataScience
    run: str
    stages: Stages


def detect(graph: Graph, home: Path) -> RunResult:
    """Runs detection on all of the graph and publishes it. A run that fails leaves the published one as it was.

    Raises ConflictError if a run is going on for this home or the graph has no accounts.
    """
    with alone(home):
        run = f"run-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:6]}"
        parameters = json.dumps({"groups": asdict(weights.GROUPS), "model_version": weights.MODEL_VERSION})
        graph.write("detect/start_run", run=run, parameters=parameters, model_version=weights.MODEL_VERSION)
        try:
            wait_for_look(graph)
            gds = project.connect(graph)
            project.drop_left(gds)
            with tracing.span("detection run", run=run):
                return _run(Work(graph, gds, run, Stages()))
        except BaseException as error:
            graph.write("detect/fail_run", run=run, error=f"{type(error).__name__}: {error}"[:500])
            raise


def _run(work: Work) -> RunResult:
    started = time.monotonic()
    graph, run, stages = work.graph, work.run, work.stages
    with stages.stage("read"):
        with ThreadPoolExecutor(1) as pool:  # the engine reads on while this process builds arrays
            published = pool.submit(read_published, graph)
            snapshot = read(graph, weights.EVIDENCE.birth_s)
        before = before_of(snapshot, published.result())
        usual = population(snapshot)
        kept = usual_of(usual, snapshot)
    snapshot, evidence, found = look(work, snapshot, usual, before)
    with stages.stage("match"):
        identity = identify(graph, snapshot, found.ring, before)
        ring, below = stay(found.ring, identity.ids, before, snapshot.label < 0)
        found = replace(found, ring=ring)
    with stages.stage("write"), ThreadPoolExecutor(2) as pool:
        # The engine writes and compares members while this process makes the rows.
        members = pool.submit(publish.write_members, graph, run, snapshot, found, identity.ids, below)
        similarity = pool.submit(similar.write_similar, graph, work.gds, run, snapshot, found.ring, members)
        what = publication(graph, snapshot, evidence, found, identity, before)
        packed = kept.pack()
        stages.gds_ms += similarity.result()
        written = members.result()
    with stages.stage("publish"):
        graph.write("detect/keep_usual", run=run, usual=packed)
        publish.publish(graph, run, what, {**stages.seconds, "gds": stages.gds_ms / 1000})
    with stages.stage("retire"):
        publish.retire(graph, run)
    seconds = round(time.monotonic() - started, 2)
    gds_seconds = stages.gds_ms / 1000
    return RunResult(run, snapshot.accounts, written, what.counts["rings"], seconds, gds_seconds, stages.seconds)


def look(
    work: Work,
    snapshot: Snapshot,
    usual: Population,
    before: Before,
    core: Flags | None = None,
    known: Learned | None = None,
) -> tuple[Snapshot, births.Evidence, Found]:
    """Weighs, groups and scores a snapshot, which comes back with its moments. Of a part of the graph, only accounts of
    `core` (N; None: all) can be in rings, and `known` is what the last run of all of it learned from labels."""
    said = labels.read_said(work.graph, snapshot, before)
    spreads = said.enough if core is None else known is not None and known.helps
    with work.stages.stage("weigh"):
        among = np.ones(snapshot.accounts, bool) if core is None else core
        with ThreadPoolExecutor(2) as pool:  # numpy lets go of the interpreter where it sorts and looks up
            windows = pool.submit(births.find_windows, snapshot, usual.births, weights.EVIDENCE)
            bursts = pool.submit(step.find_bursts, snapshot, usual.arrivals, weights.STEP)
            surges = pool.submit(find_surges, snapshot, usual.homeless, among, weights.SURGE)
        found_in = windows.result(), bursts.result(), surges.result()
        snapshot, evidence = births.weigh(snapshot, *found_in, weights.EVIDENCE)
    with work.stages.stage("group"):
        views, walks = _views(work, snapshot, evidence, labels.seeds(said) if spreads else None)
        if core is not None:
            views = [compact(np.where(core, view, -1), 1) for view in views]
    with work.stages.stage("score"):
        found = find(snapshot, evidence, usual, views, before.ring, _tie(work, snapshot))
        if walks is not None:
            found = labels.take(found, said, snapshot, views[-1], walks, known)
        found = labels.by_rings(found, said, np.ones(snapshot.accounts, bool) if core is None else before.ring >= 0)
    return snapshot, evidence, found


def _views(
    work: Work, snapshot: Snapshot, evidence: births.Evidence, seeds: Flags | None
) -> tuple[list[Ints], Spread | None]:
    """The groups of both views, from one projection, the pruned one first; and how walks from `seeds` (S, N) spread."""
    graph, gds, groups = work.graph, work.gds, weights.GROUPS
    view = project.evidence_view(snapshot, evidence, weights.EVIDENCE, groups)
    with project.projected(graph, gds, f"evidence-{work.run}", view) as projection:
        if projection is None:
            return [], None
        # One thread each, so that each is repeatable; side by side.
        with project.narrowed(gds, projection, "pruned") as part, ThreadPoolExecutor(3) as pool:
            jobs = [
                pool.submit(group.leiden, graph, gds, one, groups, weight, resolution, name)
                for one, weight, resolution, name in (
                    (part, "pruned", groups.pruned_resolution, "pruned"),
                    (projection, "soft", groups.soft_resolution, "soft"),
                    (projection, "soft", groups.fragment_resolution, "fragment"),
                )
            ]
            pruned, soft, fine = (job.result() for job in jobs)
        found = [
            group.label(snapshot, one.node, _whole(view, weight, one, fine, groups.fragment_tie), least)
            for weight, one, least in (("pruned", pruned, groups.pruned_minimum), ("soft", soft, groups.soft_minimum))
        ]
        walks = spread(graph, gds, projection, view, snapshot.account_node, seeds) if seeds is not None else None
    work.stages.gds_ms += pruned.ms + soft.ms + fine.ms + (walks.ms if walks else 0)
    return found, walks


def _whole(view: project.View, weight: str, groups: group.Communities, fine: group.Communities, least: float) -> Ints:
    """The group of each node of a view (V) without the fragments that hardly tie to the rest of it."""
    links = np.array(view.parameters[weight])
    kept = links > 0
    ends = [np.searchsorted(groups.node, np.array(view.parameters[end])[kept]) for end in ("source", "target")]
    return cut_loose((ends[0], ends[1]), links[kept], groups.community, fine.of(groups.node), least)


def _tie(work: Work, snapshot: Snapshot) -> Tie:
    """Connected groups over cards and devices, by GDS."""

    def tie(rows: Ints) -> Ints:
        labels, ms = group.components(work.graph, work.gds, f"ties-{work.run}", snapshot, rows)
        work.stages.gds_ms += ms
        return labels

    return tie
