"""One detection run, stage by stage: read, weigh, group, score, match, write, publish, index, retire."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import neo4j
import numpy as np

from service import tracing
from service.detection import parameters
from service.detection.detection_lock import detection_lock
from service.detection.evidence.bursts import find_bursts
from service.detection.evidence.combine import Evidence, compute_evidence
from service.detection.evidence.signup_windows import find_windows
from service.detection.evidence.surges import find_surges
from service.detection.grouping.fragments import cut_loose
from service.detection.grouping.label_walks import LabelWalks, personalized_pagerank
from service.detection.grouping.leiden import Communities, communities, components, label, leiden
from service.detection.grouping.projection import Gds, View, connect, drop_left, evidence_view, narrowed, projected
from service.detection.grouping.similarity import write_similar
from service.detection.identity.hysteresis import apply_hysteresis
from service.detection.identity.matching import identify_rings
from service.detection.incremental_lease import wait_for_incremental_pass
from service.detection.publishing import publish
from service.detection.publishing.rows import publication
from service.detection.reading.population import Population, baseline_of, population_of
from service.detection.reading.previous_run import PreviousRun, previous_run_of, read_published
from service.detection.reading.read_graph import read
from service.detection.reading.snapshot import Flags, Ints, Snapshot
from service.detection.scoring import analyst_labels
from service.detection.scoring.candidates import compact, most_shared_view
from service.detection.scoring.label_model import Learned
from service.detection.scoring.result import ScoringResult, Tie, score
from service.detection.stages import Stages
from service.errors import RingsightError
from service.graph.client import Graph


@dataclass(frozen=True, slots=True)
class RunResult:
    """A published run: its id, accounts analysed, accounts in rings, rings by level, seconds (all, within GDS, and by
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
    gds: Gds
    run: str
    stages: Stages


def detect(graph: Graph, home: Path, published: Callable[[], object] = lambda: None) -> RunResult:
    """Runs detection on all of the graph and publishes it. A run that fails leaves the published one as it was.
    `published` is called as soon as readers see the run: what nobody looks at any more is cleared away after that.

    Raises ConflictError if a run is going on for this home or the graph has no accounts.
    """
    run = f"run-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:6]}"
    # Held from before the run is noted until after its end is: who asks between takes it for dead without.
    with detection_lock(home, f"a detection run ({run})"), graph.holding_node_ids(run) as held:
        recorded = json.dumps({"groups": asdict(parameters.GROUPS), "model_version": parameters.MODEL_VERSION})
        graph.write(
            "detect/start_run",
            run=run,
            user=graph.address.user,
            parameters=recorded,
            model_version=parameters.MODEL_VERSION,
        )
        try:
            wait_for_incremental_pass(graph)
            gds = connect(graph)
            drop_left(gds)
            with graph.translated(), tracing.span("detection run", run=run):
                return _run(Work(graph, gds, run, Stages()), held, published)
        except BaseException as error:
            told = error.detail if isinstance(error, RingsightError) else f"{type(error).__name__}: {error}"
            graph.write("detect/fail_run", run=run, error=told[:500])
            raise


def _run(work: Work, held: neo4j.Transaction, published: Callable[[], object]) -> RunResult:
    """`held` keeps the node ids that are read from being given to others."""
    started = time.monotonic()
    graph, run, stages = work.graph, work.run, work.stages
    with stages.stage("read"):
        with ThreadPoolExecutor(1) as pool:  # the engine reads on while this process builds arrays
            before = pool.submit(read_published, graph)
            snapshot = read(graph, parameters.EVIDENCE.birth_s)
        previous = previous_run_of(snapshot, before.result())
        population = population_of(snapshot)
        baseline = baseline_of(population, snapshot)
    snapshot, evidence, result = analyse(work, snapshot, population, previous)
    with stages.stage("match"):
        identity = identify_rings(graph, snapshot, result.ring, previous)
        ring, runs_absent = apply_hysteresis(result.ring, identity.ids, previous, snapshot.label < 0)
        result = replace(result, ring=ring)
    with stages.stage("write"), ThreadPoolExecutor(2) as pool:
        # The engine writes and compares members while this process makes the rows.
        members = pool.submit(publish.write_members, graph, held, run, snapshot, result, identity.ids, runs_absent)
        similarity = pool.submit(write_similar, graph, work.gds, run, snapshot, result.ring, members)
        what = publication(graph, snapshot, evidence, result, identity, previous)
        packed = baseline.pack()
        stages.gds_ms += similarity.result()
        written = members.result()
        what = what.named(held)
    with stages.stage("publish"):
        graph.write("detect/keep_baseline", run=run, usual=packed)
        publish.publish(graph, run, what, {**stages.seconds, "gds": stages.gds_ms / 1000})
    with stages.stage("index"):
        publish.mark_read(graph, snapshot)
        published()
    with stages.stage("retire"):
        publish.retire(graph, run)
    seconds = round(time.monotonic() - started, 2)
    gds_seconds = stages.gds_ms / 1000
    return RunResult(run, snapshot.accounts, written, what.counts["rings"], seconds, gds_seconds, stages.seconds)


def analyse(
    work: Work,
    snapshot: Snapshot,
    population: Population,
    previous: PreviousRun,
    core: Flags | None = None,
    known: Learned | None = None,
) -> tuple[Snapshot, Evidence, ScoringResult]:
    """Computes a snapshot's evidence, groups its accounts and scores them.

    `core` (N): of a part of the graph, the accounts that can be in rings (None: all). `known`: for a part, what the
    last run of all of the graph learned from labels. Returns the snapshot with its bursts as further identifiers, the
    evidence, and the result.
    """
    labels = analyst_labels.labels_of(snapshot, previous)
    walks_wanted = labels.enough if core is None else known is not None and known.helps
    with work.stages.stage("weigh"):
        among = np.ones(snapshot.accounts, bool) if core is None else core
        with ThreadPoolExecutor(2) as pool:  # numpy lets go of the interpreter where it sorts and looks up
            windows = pool.submit(find_windows, snapshot, population.births, parameters.EVIDENCE)
            bursts = pool.submit(find_bursts, snapshot, population.arrivals, parameters.STEP)
            surges = pool.submit(find_surges, snapshot, population.no_residential_ip, among, parameters.SURGE)
        found_in = windows.result(), bursts.result(), surges.result()
        snapshot, evidence = compute_evidence(snapshot, *found_in, parameters.EVIDENCE)
    with work.stages.stage("group"):
        seeds = analyst_labels.seeds(labels) if walks_wanted else None
        views, walks = _views(work, snapshot, evidence, population.no_residential_ip, seeds)
        if core is not None:
            views = [compact(np.where(core, view, -1), 1) for view in views]
    with work.stages.stage("score"):
        result = score(snapshot, evidence, population, views, previous.ring, _tie(work, snapshot))
        if walks is not None:
            result = analyst_labels.apply_label_model(result, labels, snapshot, views[0], walks, known)
        judged = np.ones(snapshot.accounts, bool) if core is None else previous.ring >= 0
        result = analyst_labels.apply_ring_decisions(result, labels, judged)
    return snapshot, evidence, result


def _views(
    work: Work, snapshot: Snapshot, evidence: Evidence, no_home: Flags, seeds: Flags | None
) -> tuple[list[Ints], LabelWalks | None]:
    """The groups of all views, that of links with evidence (soft) first; and how walks from `seeds` (S, N) spread."""
    graph, gds, groups = work.graph, work.gds, parameters.GROUPS
    view = evidence_view(snapshot, evidence, no_home, parameters.EVIDENCE, groups)
    soft = shared = np.full(snapshot.accounts, -1)
    walks = None
    with projected(graph, gds, f"evidence-{work.run}", view) as projection:
        if projection is not None:
            # One thread each, so that each is repeatable; side by side.
            with narrowed(gds, projection, "soft") as part, ThreadPoolExecutor(3) as pool:
                jobs = [
                    pool.submit(leiden, gds, one, groups, weight, resolution, name)
                    for one, weight, resolution, name in (
                        (projection, "shared", groups.shared_resolution, "shared"),
                        (part, "soft", groups.soft_resolution, "soft"),
                        (part, "soft", groups.fragment_resolution, "fragment"),
                    )
                ]
                kept = [job.result() for job in jobs]
                wide, close, fine = (communities(graph, one) for one in kept)
            whole = _whole(view, close, fine, groups.fragment_tie)
            soft = label(snapshot, close.node, whole, groups.soft_minimum)
            shared = label(snapshot, wide.node, wide.community, groups.shared_minimum)
            if seeds is not None:
                walks = personalized_pagerank(graph, gds, projection, view, snapshot, seeds)
            work.stages.gds_ms += wide.ms + close.ms + fine.ms + (walks.ms if walks else 0)
    return [soft, shared, most_shared_view(snapshot)], walks


def _whole(view: View, groups: Communities, fine: Communities, least: float) -> Ints:
    """The group of each node of the soft view (V) without the fragments that hardly tie to the rest of it."""
    links = np.array(view.parameters["soft"])
    kept = links > 0
    ends = [np.searchsorted(groups.node, np.array(view.parameters[end])[kept]) for end in ("source", "target")]
    return cut_loose((ends[0], ends[1]), links[kept], groups.community, fine.of(groups.node), least)


def _tie(work: Work, snapshot: Snapshot) -> Tie:
    """Connected groups over cards and devices, by GDS."""

    def tie(rows: Ints) -> Ints:
        labels, ms = components(work.graph, work.gds, f"ties-{work.run}", snapshot, rows)
        work.stages.gds_ms += ms
        return labels

    return tie
