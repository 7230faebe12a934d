"""Where decisions read from: one small protocol, answered by Neo4j, by LMDB and by Valkey."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, Protocol

from service.graph.client import Graph
from service.model.evidence import RECENT_S, AccountEvidence, IdentifierEvidence, RingSummary, RunInfo, most_within
from service.model.kinds import kinds

# Labels and fresh signups are counted in the graph on identifiers with at most so many accounts.
COUNT_BOUND = 2000
DAY_S = 86400


class Lookup(Protocol):
    """What decisions need. Raises UnavailableError if the store can't be read."""

    def run(self) -> RunInfo | None:
        """The published run, or None if there was none yet."""

    def identifiers(self, wanted: Sequence[tuple[str, str]], now: int) -> list[IdentifierEvidence]:
        """Evidence on each (kind, id), in order; `known` is false where no account has used it."""

    def account(self, account_id: str, now: int) -> AccountEvidence | None:
        """An account, or None if there is no such account."""


class GraphLookup:
    """Answers from Neo4j."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def run(self) -> RunInfo | None:
        rows = self._graph.read("serve/published_run")
        return run_info(rows[0]) if rows else None

    def identifiers(self, wanted: Sequence[tuple[str, str]], now: int) -> list[IdentifierEvidence]:
        rows = self._graph.read("serve/signup_evidence", now=now, bound=COUNT_BOUND, ids=dict(wanted))
        found = {row.pop("kind"): row for row in rows}
        for row in found.values():
            came = row.pop("came")
            row["recent"], row["last_day"] = (most_within(came, now, window_s) for window_s in (RECENT_S, DAY_S))
            row["ring"] = ring_summary(row["ring"])
        return [
            IdentifierEvidence(kind, True, **found[kind]) if kind in found else IdentifierEvidence(kind, False)
            for kind, _ in wanted
        ]

    def account(self, account_id: str, now: int) -> AccountEvidence | None:
        rows = self._graph.read("serve/account_evidence", account=account_id)
        if not rows:
            return None
        row = rows[0]
        wanted = row.pop("identifiers")
        identifiers = None if wanted is None else tuple(self._all(wanted, now))
        return AccountEvidence(**{**row, "ring": ring_summary(row["ring"])}, identifiers=identifiers)

    def _all(self, wanted: Sequence[tuple[str, str]], now: int) -> Iterator[IdentifierEvidence]:
        """Evidence on any number of identifiers: the query takes one of each kind at a time."""
        by_kind = [
            [(name, identifier) for name, identifier in wanted if name == kind.name] for kind in kinds().evidence
        ]
        for together in zip_longest(*by_kind):
            yield from self.identifiers([pair for pair in together if pair is not None], now)


def run_info(row: dict[str, Any]) -> RunInfo:
    """A row of serve/published_run."""
    counts = json.loads(row["counts"])
    return RunInfo(
        row["run_id"],
        row["finished"],
        float(counts.get("base_risk", 0.0)),
        row["model_version"],
        int(counts.get("verdicts_at", 0)),
    )


def ring_summary(ring: dict[str, Any] | None) -> RingSummary | None:
    """A ring's map as the queries under cypher/serve/ return it."""
    if ring is None:
        return None
    return RingSummary(
        ring["id"],
        float(ring["score"] or 0),
        ring["level"] or "low",
        int(ring["size"] or 0),
        ring["status"] or "open",
        int(ring["status_at"] or 0),
    )
