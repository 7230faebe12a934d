"""Between runs: accounts that events touched are analysed with what is around them, and join rings.

The same stages as a run, on a part of the graph whose size is bounded; the baseline comes from the run. What is found
goes under the published run's id in one transaction, so that readers see it at once. A ring found here has an id that
the next run keeps, as it keeps all ids, by the accounts that they share. docs/detection.md, Between runs."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.detection import parameters
from service.detection.grouping.projection import connect
from service.detection.identity.matching import identify_rings
from service.detection.incremental_lease import IncrementalLease, incremental_lease
from service.detection.pipeline import Work, analyse
from service.detection.publishing.ring_growth import Growth, Part, grow, write
from service.detection.reading.baseline import Baseline
from service.detection.reading.neighbourhood import YOUNG, named, read_neighbourhood, unread
from service.detection.reading.population import within
from service.detection.reading.previous_run import previous_run_of, read_published_of
from service.detection.reading.snapshot import Ints
from service.detection.scoring.label_model import Learned, learned_from
from service.detection.stages import Stages
from service.errors import ConflictError
from service.graph.client import Graph


@dataclass(frozen=True, slots=True)
class IncrementalResult:
    """An incremental pass: the published run, accounts analysed, accounts that joined rings, ids of new rings, what
    was written (None: nothing), and seconds."""

    run: str
    accounts: int
    joined: int
    rings: list[str]
    written: Growth | None
    seconds: float


@dataclass(frozen=True, slots=True)
class _Known:
    """The baseline of a run, and what it learned from labels."""

    run: str
    baseline: Baseline
    learned: Learned | None


@dataclass(slots=True)
class IncrementalDetector:
    """Makes incremental passes, and keeps the baseline from one to the next."""

    graph: Graph
    _known: _Known | None = field(default=None)

    def detect_new(self) -> IncrementalResult:
        """Analyses the newest accounts that no run has read. The same pass again changes nothing.

        Raises ConflictError if nothing is published yet, a run is going on, or another pass is under way.
        """
        with self.graph.translated(), incremental_lease(self.graph) as lease:
            started = time.monotonic()
            return self._pass(lease, unread(self.graph), started)

    def detect_accounts(self, accounts: Sequence[str]) -> IncrementalResult:
        """Analyses these accounts (ids; of too many the newest). Raises ConflictError as `detect_new` does."""
        with self.graph.translated(), incremental_lease(self.graph) as lease:
            started = time.monotonic()
            return self._pass(lease, named(self.graph, accounts), started)

    def _by(self, run: str) -> _Known:
        if self._known is None or self._known.run != run:
            row = self.graph.read("detect/baseline", run=run)[0]
            if row["usual"] is None:
                raise ConflictError("the published run kept nothing to compare with; run `ringsight detect`")
            if row["model_version"] != parameters.MODEL_VERSION:
                raise ConflictError(
                    f"the published run is of model {row['model_version']}, and this version has "
                    f"{parameters.MODEL_VERSION}; run `ringsight detect`"
                )
            learned = learned_from(json.loads(row["counts"]).get("learned"))
            self._known = _Known(run, Baseline.unpack(row["usual"]), learned)
        return self._known

    def _pass(self, lease: IncrementalLease, new: Ints, started: float) -> IncrementalResult:
        graph, known = self.graph, self._by(lease.run)
        if len(new) == 0:
            return IncrementalResult(lease.run, 0, 0, [], None, round(time.monotonic() - started, 2))
        young = graph.read("detect/young_rings", run=lease.run, most=YOUNG)[0]["rings"]
        snapshot, core = read_neighbourhood(graph, new, young, parameters.EVIDENCE.birth_s)
        previous = previous_run_of(snapshot, read_published_of(graph, snapshot.account_node))
        work = Work(graph, connect(graph), lease.run, Stages(logging.DEBUG))
        population = within(known.baseline, snapshot)
        snapshot, evidence, result = analyse(work, snapshot, population, previous, core, known.learned)
        identity = identify_rings(graph, snapshot, result.ring, previous)
        part = Part(snapshot, evidence, population, previous, frozenset(young), known.baseline.uses)
        growth = grow(graph, part, result, identity.ids)
        if growth is not None:
            write(graph, lease, growth)
        joined, rings = (len(growth.members["nodes"]), growth.new) if growth else (0, [])
        return IncrementalResult(
            lease.run, int(core.sum()), joined, rings, growth, round(time.monotonic() - started, 2)
        )
