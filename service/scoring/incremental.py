"""Between runs: accounts made since the last one are looked at with what is around them, and join the published rings.

The same stages as a run, on a part of the graph whose size is bounded; what is usual comes from the run. What is found
goes under the published run's id in one transaction, so that readers see it at once. A ring found here has an id that
the next run keeps, as it keeps all ids, by the accounts that they share.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import neo4j
import numpy as np

from service.detection import project
from service.detection.around import read_around
from service.detection.snapshot import Ints, Snapshot
from service.detection.usual import Usual
from service.errors import ConflictError
from service.graph.client import Graph, run_in
from service.scoring import weights
from service.scoring.before import Before, identify, read_before_of
from service.scoring.facts import within
from service.scoring.publish import write_risks
from service.scoring.result import Found
from service.scoring.rows import publication
from service.scoring.run import Work, look
from service.scoring.stages import Stages, alone

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LookResult:
    """A look between runs: the published run, accounts looked at, accounts that joined rings, ids of new rings, and
    seconds."""

    run: str
    accounts: int
    joined: int
    rings: list[str]
    seconds: float


def detect_new(graph: Graph, home: Path) -> LookResult:
    """Looks at the accounts made since the published run. The same look again changes nothing.

    Raises ConflictError if nothing is published yet or a run is going on for this home.
    """
    with alone(home):
        started = time.monotonic()
        known = next(iter(graph.read("detect/usual")), None)
        if known is None or known["usual"] is None:
            raise ConflictError("no run is published that new accounts can be compared with; run `ringsight detect`")
        looked, joined, new = _look(graph, known["run"], Usual.unpack(known["usual"]), known["since"])
        return LookResult(known["run"], looked, joined, new, round(time.monotonic() - started, 2))


def _look(graph: Graph, run: str, usual: Usual, since: list[str]) -> tuple[int, int, list[str]]:
    """Accounts looked at, how many joined, and ids of new rings. `since`: the rings found since the run."""
    part = read_around(graph, usual.as_of, weights.EVIDENCE.birth_s)
    if part is None:
        return 0, 0, []
    snapshot, core = part
    before = read_before_of(graph, snapshot)
    work = Work(graph, project.connect(graph), run, Stages())
    snapshot, evidence, found = look(work, snapshot, within(usual, snapshot), before, core)
    identity = identify(graph, snapshot, found.ring, before)
    what = publication(graph, snapshot, evidence, found, identity, before)
    fresh = (found.ring >= 0) & (before.ring < 0)
    of_old = np.array([ring_id in before.ids for ring_id in identity.ids], bool)
    enough = of_old | (np.bincount(found.ring[fresh], minlength=len(of_old)) >= weights.RING_MEMBERS)
    join = np.flatnonzero(fresh & np.append(enough, False)[found.ring])
    if len(join) == 0:
        return int(core.sum()), 0, []
    rings, grown = _rows(what.rings, snapshot, found, before, join, since)
    for row in rings:
        row["values"]["share_of_all_uses"] = round(row["values"]["uses"] / max(usual.uses, 1), 6)
    members = {
        "nodes": snapshot.account_node[join].tolist(),
        "rings": [identity.ids[number] for number in found.ring[join].tolist()],
        "strengths": np.round(found.member[join], 4).tolist(),
    }
    risks = _of(what.accounts, snapshot.account_node[join])

    def write(tx: neo4j.ManagedTransaction) -> None:
        run_in(tx, "detect/set_rings", run=run, rows=rings).consume()
        run_in(tx, "detect/write_members", run=run, **members).consume()
        run_in(tx, "detect/grow_rings", rows=grown).consume()
        write_risks(tx, risks)

    graph.transaction(write)
    return int(core.sum()), len(join), [row["id"] for row in rings if row["id"] not in before.ids]


def _rows(
    rows: list[Row], snapshot: Snapshot, found: Found, before: Before, join: Ints, since: list[str]
) -> tuple[list[Row], list[Row]]:
    """Rows of the rings found since the run, as they are now, and what those who join (`join`) add to other rings."""
    rings, grown = [], []
    for number, row in enumerate(rows):
        members = join[found.ring[join] == number]
        if len(members) and row["id"] in before.ids and row["id"] not in since:
            uses, last = int(snapshot.uses[members].sum()), int(snapshot.active[members].max())
            grown.append({"id": row["id"], "joined": len(members), "uses": uses, "last_seen": last})
        elif len(members):
            stayed = np.array([old >= 0 and before.ids[old] == row["id"] for old in before.ring.tolist()], bool)
            size = len(members) + int((stayed & (found.ring == number)).sum())
            row["values"]["size"] = size
            rings.append(row)
    return rings, grown


def _of(accounts: dict[str, list[Any]], nodes: Ints) -> dict[str, list[Any]]:
    """The columns of those accounts only that have these node ids."""
    wanted = set(nodes.tolist())
    rows = [row for row, node in enumerate(accounts["nodes"]) if node in wanted]
    return {name: [column[row] for row in rows] for name, column in accounts.items()}
