"""Where decisions are made: from the index; without one, from the graph; with neither, refused in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from service.decisions import decide
from service.decisions.index.lookup import GraphLookup, Lookup
from service.decisions.policy import Policy
from service.errors import UnavailableError
from service.graph.graphs import Graphs
from service.graph.health import GraphHealth
from service.in_time import Askers
from service.logs import log
from service.model.decision import Decision

T = TypeVar("T")
Question = Callable[[Lookup, bool], T]
# Questions to the graph that run at once; one that never ends holds a thread until the database is back.
GRAPH_THREADS = 8
CLOSE_S = 2.0  # what closing waits for questions under way


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision and where it came from: index or graph."""

    decision: Decision
    source: str


class Desk:
    """Decides within a deadline (seconds, from now). Raises UnavailableError when no store answers in time."""

    def __init__(self, index: Lookup, graphs: Graphs, health: GraphHealth, policy: Policy) -> None:
        self._index = index
        self._graphs = graphs
        self._health = health
        self._policy = policy
        self._askers = Askers(GRAPH_THREADS, "desk")
        self._without_index = False

    def signup(self, identifiers: Sequence[tuple[str, str]], deadline: float, left_out: Sequence[str] = ()) -> Answer:
        """Decides about a signup with these (kind, id) pairs; kinds that were sent and `left_out` are told."""
        now, began = int(time.time()), time.monotonic()

        def ask(lookup: Lookup, degraded: bool) -> Decision:
            return decide.signup(lookup, self._policy, identifiers, now, degraded, left_out)

        found = self._from_index(ask)
        return Answer(found, "index") if found else Answer(self._from_graph(ask, began, deadline), "graph")

    def account(self, account_id: str, deadline: float) -> Answer | None:
        """Decides about a known account; None if no store knows it."""
        now, began = int(time.time()), time.monotonic()

        def ask(lookup: Lookup, degraded: bool) -> Decision | None:
            return decide.account(lookup, self._policy, account_id, now, degraded)

        found = self._from_index(ask)
        if found:
            return Answer(found, "index")
        # The index may not know an account yet that the graph has.
        decision = self._from_graph(ask, began, deadline)
        return Answer(decision, "graph") if decision else None

    def close(self) -> None:
        """Stops taking questions; waits for those under way, unless the database hangs: they use its connections."""
        self._askers.close(CLOSE_S)

    def _from_index(self, question: Question[T]) -> T | None:
        try:
            found = question(self._index, not self._health.up)
        except UnavailableError as error:
            if not self._without_index:
                self._without_index = True
                log.warning("decisions come from the graph database: %s", error.detail)
            return None
        except Exception:  # a damaged index must not stop decisions; what is wrong otherwise is so with the graph too
            log.exception("the read index can't be used; build it again with `ringsight index rebuild`")
            return None
        if self._without_index:
            self._without_index = False
            log.warning("decisions come from the read index again")
        return found

    def _from_graph(self, question: Question[T], began: float, deadline: float) -> T:
        """Asks in a thread of its own, also for the connection, for which others may wait; what the index took of the
        deadline, which `began` on the monotonic clock, is gone."""
        if not self._health.up:
            raise UnavailableError("neither the read index nor the graph database can answer; try again shortly")
        left = began + deadline - time.monotonic()
        try:
            return self._askers.ask(lambda: question(GraphLookup(self._graphs.get()), False), left)
        except TimeoutError:
            raise UnavailableError(
                f"no answer within the deadline ({1000 * deadline:.0f} ms): the read index has none, and the graph "
                "database is slow or had too little of it left; try again shortly"
            ) from None
