"""Writes a run under its own id and publishes it by moving one pointer, in one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import neo4j
import numpy as np

from service.detection.identity.matching import Identity
from service.detection.publishing.names import ACCOUNTS, IDENTIFIERS, Columns, named
from service.detection.reading.snapshot import Ints, Snapshot
from service.detection.scoring.result import ScoringResult
from service.errors import ConflictError
from service.graph import index_changes
from service.graph.client import Graph, Transaction, run_in
from service.logs import Progress

BATCH = 5000


@dataclass(frozen=True, slots=True)
class Publication:
    """All that the publishing transaction sets: rows of rings and how they came about, columns of accounts, of accounts
    of which only the risk is set (it is low), and of identifiers, those of both (node ids) that no longer say anything,
    accounts that are in another ring (`moved`), the rings by people's word on which accounts are judged (`words`),
    the newest moment in the data (epoch seconds), and counts."""

    rings: list[dict[str, Any]]
    identity: Identity
    accounts: Columns
    low_risks: Columns
    risk_removed: Columns
    moved: Columns
    words: Columns
    identifiers: Columns
    evidence_removed: Columns
    at: int
    counts: dict[str, Any]

    def named(self, held: Transaction) -> Publication:
        """The same with the own ids of nodes, and without those that have gone. `held` is open since before they were
        read."""
        return replace(
            self,
            accounts=named(held, ACCOUNTS, self.accounts),
            low_risks=named(held, ACCOUNTS, self.low_risks),
            risk_removed=named(held, ACCOUNTS, self.risk_removed),
            moved=named(held, ACCOUNTS, self.moved),
            words=named(held, ACCOUNTS, self.words),
            identifiers=named(held, IDENTIFIERS, self.identifiers),
            evidence_removed=named(held, IDENTIFIERS, self.evidence_removed),
        )


def write_members(
    graph: Graph,
    held: Transaction,
    run: str,
    snapshot: Snapshot,
    result: ScoringResult,
    ids: list[str],
    runs_absent: Ints,
) -> int:
    """Writes MEMBER_OF links under the run's id. `runs_absent` (N): for how many runs in a row the account was found
    outside of its ring. `held` is open since before the snapshot was read. Returns how many."""
    members = np.flatnonzero(result.ring >= 0)
    members = members[np.lexsort((snapshot.account_node[members], result.ring[members]))]
    with Progress("writing members", len(members)) as progress:
        for at in range(0, len(members), BATCH):
            chunk = members[at : at + BATCH]
            columns = {
                "nodes": snapshot.account_node[chunk].tolist(),
                "rings": [ids[number] for number in result.ring[chunk].tolist()],
                "strengths": np.round(result.member[chunk], 4).tolist(),
                "below": runs_absent[chunk].tolist(),
            }
            graph.write("detect/write_members", run=run, **named(held, ACCOUNTS, columns))
            progress.advance(len(chunk))
    return len(members)


def publish(graph: Graph, run: str, publication: Publication, timings: dict[str, float]) -> None:
    """Sets rings, risks and evidence and moves the pointer, all or nothing. `timings` are seconds by stage so far.

    Raises ConflictError if another run was started meanwhile, from another home say: it counts this one as failed.
    """

    def work(tx: neo4j.ManagedTransaction) -> None:
        write_risks(tx, publication.accounts)
        write_columns(tx, "detect/set_low_risk", publication.low_risks)
        write_columns(tx, "detect/clear_risk", publication.risk_removed)
        write_columns(tx, "detect/set_words", publication.words)
        run_in(tx, "detect/set_rings", run=run, rows=publication.rings).consume()
        run_in(tx, "detect/lose_rings", run=run).consume()
        identity = publication.identity
        for name, pairs in (("detect/set_merged", identity.merged_from), ("detect/set_split", identity.split_from)):
            if pairs:
                newer, older = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
                run_in(tx, name, run=run, newer=newer, older=older).consume()
        write_columns(tx, "detect/set_evidence", publication.identifiers, at=publication.at)
        write_columns(tx, "detect/clear_evidence", publication.evidence_removed)
        _note(tx, publication)
        counts = json.dumps(publication.counts)
        if run_in(tx, "detect/publish", run=run, counts=counts, timings=json.dumps(timings)).single() is None:
            raise ConflictError(f"{run} was not published: another run was started meanwhile on this database")

    graph.transaction(work)


def _note(tx: neo4j.ManagedTransaction, publication: Publication) -> None:
    """Notes for the read index all that it says something else of. Rings it reads all."""
    columns = (publication.accounts, publication.low_risks, publication.risk_removed, publication.moved)
    accounts = {node for column in columns for node in column["nodes"]}
    identifiers = [*publication.identifiers["nodes"], *publication.evidence_removed["nodes"]]
    index_changes.note(tx, accounts=sorted(accounts), identifiers=identifiers)


def write_risks(tx: neo4j.ManagedTransaction, accounts: Columns) -> None:
    """Sets the risk, level and reasons of accounts (columns as detect/set_risk takes them)."""
    write_columns(tx, "detect/set_risk", accounts)


def write_columns(tx: neo4j.ManagedTransaction, name: str, columns: Columns, **parameters: int | str) -> None:
    """Runs a query on some thousands of rows at a time. `columns` are parameters that are lists, `nodes` among them."""
    for at in range(0, len(columns["nodes"]), BATCH):
        rows = {key: column[at : at + BATCH] for key, column in columns.items()}
        run_in(tx, name, **rows, **parameters).consume()


def mark_read(graph: Graph, snapshot: Snapshot) -> None:
    """Notes which accounts a published run has read. Those that came to the graph meanwhile stay unread, whatever the
    times of their events; so do all if this process is killed before, which only makes decisions look closer."""
    row = graph.read_bulk("detect/unread_accounts")
    node, created = np.array(row["node"], np.int64), np.array(row["created"], np.int64)
    at = snapshot.accounts_at(node)
    read = (at >= 0) & (np.append(snapshot.created, -1)[at] == created)
    node, created = node[read], created[read]
    names = [row["name"][place] for place in np.flatnonzero(read).tolist()]
    for start in range(0, len(node), BATCH):
        chunk = slice(start, start + BATCH)
        columns = {"nodes": node[chunk].tolist(), "names": names[chunk], "created": created[chunk].tolist()}
        graph.write("detect/mark_read", **columns)


def retire(graph: Graph, run: str) -> None:
    """Removes what all runs but the published one have left. Readers never look at it."""
    for name in ("members", "similar"):
        graph.run_autocommit(f"detect/retire_{name}", run=run)
