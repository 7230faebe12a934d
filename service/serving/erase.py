"""Erasure: removes a person's account from every store, and says what was removed from each.

The event log comes first, so that no worker brings the account back; then the graph, in one transaction an account;
then what is derived. Each step can be repeated: after a failure, erase again.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import neo4j

from service.errors import ConflictError
from service.graph.client import Graph, run_in

KINDS = {"payment_methods": "payment_method", "devices": "device", "ips": "ip"}


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


@contextmanager
def between_runs(home: Path) -> Iterator[None]:
    """Keeps detection runs away: a run remembers nodes by numbers that the database may give to others once they are
    free. Raises ConflictError if one is going on."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "detect.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            raise ConflictError("a detection run is going on; erase again when it is done") from None
        yield


def erase_from_graph(graph: Graph, account: str) -> GraphErased:
    """Removes one account. Its rings keep their score until the next run; what they count is right at once."""
    return graph.transaction(lambda tx: _erase(tx, account))


def _erase(tx: neo4j.ManagedTransaction, account: str) -> GraphErased:
    found = run_in(tx, "security/footprint", account=account).single()
    if found is None:
        return GraphErased()
    run_in(tx, "security/erase_account", account=account).consume()
    names = ("payment_methods", "devices", "ips", "networks")
    orphans = run_in(tx, "security/erase_orphans", **{name: found[name] for name in names}).single(strict=True)
    uses = tuple((kind, identifier) for name, kind in KINDS.items() for identifier in found[name])
    rings = run_in(tx, "security/recount_rings", rings=found["rings"]).data()
    gone = {identifier for _, identifier in uses}
    rows = [{"id": ring["id"], "held_by": without(ring["held_by"], gone)} for ring in rings if ring["held_by"]]
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
