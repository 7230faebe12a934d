"""Erasure: removes a person's account from every store, and says what was removed from each.

The event log comes first, so that no worker brings the account back; then the graph, in one transaction an account;
then what is derived. Each step can be repeated: after a failure, erase again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import neo4j

from service.decisions.index import records
from service.decisions.index.freshness import Freshness
from service.decisions.index.store import IndexStore
from service.detection.detection_lock import between_runs
from service.graph import index_changes, kinds_in_use
from service.graph.client import Graph, run_in
from service.ingest import rejects
from service.logs import Progress
from service.privacy.forget import erase_decisions
from service.settings import Settings
from service.sources.open import open_log
from service.sources.sqlitelog import SqliteLog


@dataclass(frozen=True, slots=True)
class GraphErased:
    """What the graph lost: the account (0 or 1), its links, the notes about it, and the identifiers (and networks)
    that only it used. `rings` are the rings it was in, with their new size; `uses` its (kind, identifier)s."""

    accounts: int = 0
    links: int = 0
    actions: int = 0
    identifiers: int = 0
    rings: dict[str, int] = field(default_factory=dict)
    uses: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Erased:
    """What was removed, by store. `events` is None where the log is Kafka: its own retention removes them there.
    `index`: whether the read index forgot at once; if not, the next build of it does."""

    accounts: int = 0
    links: int = 0
    actions: int = 0
    identifiers: int = 0
    rings: dict[str, int] = field(default_factory=dict)
    events: int | None = 0
    rejects: int = 0
    decisions: int = 0
    index: bool = True

    @property
    def nothing(self) -> bool:
        """Whether no store held anything."""
        return not (self.accounts or self.events or self.rejects or self.decisions)


def erase(settings: Settings, graph: Graph, index: IndexStore, accounts: Sequence[str]) -> Erased:
    """Removes accounts from every store. Raises ConflictError while a detection run goes on, and SettingsError under
    another table of kinds than the graph's, which would leave identifiers behind."""
    kinds_in_use.check(graph)
    with between_runs(settings.home):
        events = _erase_from_log(settings, accounts)
        rejected = rejects.erase(settings.home, accounts)
        found = []
        forgot = True
        with Progress("erasing accounts", len(accounts)) as progress:
            for account in accounts:
                found.append(erase_from_graph(graph, account))
                forgot = Freshness(index).forget(account, found[-1].uses) and forgot
                progress.advance()
    decided = erase_decisions(settings.home / "decisions", accounts)
    return Erased(
        accounts=sum(one.accounts for one in found),
        links=sum(one.links for one in found),
        actions=sum(one.actions for one in found),
        identifiers=sum(one.identifiers for one in found),
        rings={ring: size for one in found for ring, size in one.rings.items()},
        events=events,
        rejects=rejected,
        decisions=decided,
        index=forgot,
    )


def _erase_from_log(settings: Settings, accounts: Sequence[str]) -> int | None:
    with closing(open_log(settings)) as log:
        return log.erase(accounts) if isinstance(log, SqliteLog) else None


def erase_from_graph(graph: Graph, account: str) -> GraphErased:
    """Removes one account. Its rings keep their score until the next run; what they count is right at once."""
    return graph.transaction(lambda tx: _erase(tx, account))


def _erase(tx: neo4j.ManagedTransaction, account: str) -> GraphErased:
    found = run_in(tx, "security/footprint", account=account).single()
    if found is None:
        return GraphErased()
    run_in(tx, "detect/count_removal").consume()
    uses = tuple((kind, identifier) for kind, ids in found["sent"].items() for identifier in ids)
    gone = [records.key(*pair).hex() for pair in (("account", account), *uses)]
    index_changes.note(tx, identifiers=found["nodes"], gone=gone)  # hashes, until the index has learned it
    run_in(tx, "security/erase_account", account=account).consume()
    orphans = run_in(tx, "security/erase_orphans", ids={**found["sent"], **found["derived"]}).single(strict=True)
    rings = run_in(tx, "security/recount_rings", rings=found["rings"]).data()
    run_in(tx, "serve/forget_drawings", rings=found["rings"]).consume()
    used = {identifier for _, identifier in uses}
    rows = [{"id": ring["id"], "held_by": without(ring["held_by"], used)} for ring in rings if ring["held_by"]]
    run_in(tx, "security/hold_rings", rows=rows).consume()
    sizes = {ring["id"]: ring["size"] for ring in rings}
    return GraphErased(1, found["links"], found["actions"], orphans["identifiers"], sizes, uses)


def without(held_by: str, uses: set[str]) -> str:
    """A ring's `held_by` (JSON text) after a member that used these identifiers is gone."""
    entries: list[dict[str, Any]] = json.loads(held_by)
    for entry in entries:
        if entry["id"] in uses:
            entry |= {name: entry[name] - 1 for name in ("members", "accounts") if name in entry}
    return json.dumps([entry for entry in entries if entry["members"] > 0])
