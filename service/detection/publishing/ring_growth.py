"""What an incremental pass adds to the published rings: who joins which, what is known of these rings now, and of the
identifiers that they share."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import neo4j
import numpy as np

from service.detection import parameters
from service.detection.evidence.combine import Evidence
from service.detection.evidence.signup_windows import sigmoid
from service.detection.incremental_lease import IncrementalLease
from service.detection.publishing import ring_rows, rows
from service.detection.publishing.names import ACCOUNTS, IDENTIFIERS, named
from service.detection.publishing.publish import write_columns, write_risks
from service.detection.publishing.reasons import held_by
from service.detection.publishing.stored_ring_features import unpack
from service.detection.reading.neighbourhood import SAMPLE
from service.detection.reading.population import Population
from service.detection.reading.previous_run import PreviousRun
from service.detection.reading.snapshot import Flags, Ints, Snapshot
from service.detection.scoring.candidates import membership, score_candidates
from service.detection.scoring.label_model import logit
from service.detection.scoring.membership import member_facts
from service.detection.scoring.result import NONE, RING_DISMISSED, ScoringResult
from service.graph import index_changes
from service.graph.client import Graph, run_in

WHOLE = SAMPLE // 3  # accounts on an identifier below which a pass has surely seen all of them

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """What a pass saw: a snapshot with its evidence, the population, what was published, ids of rings found since the
    run (`young`: seen whole), and all requests in the graph."""

    snapshot: Snapshot
    evidence: Evidence
    population: Population
    previous: PreviousRun
    young: frozenset[str]
    all_uses: int


@dataclass(frozen=True, slots=True)
class Growth:
    """rings: those that are new or were found since the run, as detect/set_rings takes them; grown: what others gain;
    members, accounts, identifiers: columns of what is written of each (node ids); at: the newest moment seen; new: ids
    of new rings."""

    rings: list[Row]
    grown: list[Row]
    members: dict[str, list[Any]]
    accounts: dict[str, list[Any]]
    identifiers: dict[str, list[Any]]
    at: int
    new: list[str]

    @property
    def ring_ids(self) -> list[str]:
        """All rings that changed."""
        return [row["id"] for row in (*self.rings, *self.grown)]


def grow(graph: Graph, part: Part, result: ScoringResult, ids: list[str]) -> Growth | None:
    """What changes; None if nobody joins. `ids` names the rings in `result`. Young rings are judged anew; older ones
    keep the run's judgement, and accounts join them if they fit that."""
    snapshot, previous = part.snapshot, part.previous
    stored = {row["id"]: row for row in graph.read("detect/known_rings", rings=previous.ids)}
    older = [ring_id for ring_id in previous.ids if ring_id not in part.young]
    result = _judged_by(stored, part, result, ids, older)
    joins = _joins(part, result, ids)
    if not joins.any():
        return None
    ring, names = _rings_now(previous, result.ring, ids, joins)
    gain = np.bincount(ring[joins], minlength=len(names))
    changed = np.flatnonzero(gain)
    settled = np.array([name in older for name in names], bool)
    again = joins | (np.append(~settled & (gain > 0), False)[ring] & (result.ring >= 0))
    now = _state_now(graph, part, result, ring, names, ids, stored, gain, again)
    nodes = snapshot.account_node[joins]
    return Growth(
        rings=_ring_rows(graph, part, now, names, changed[~settled[changed]]),
        grown=[
            _gain(snapshot, names[number], np.flatnonzero(joins & (ring == number)))
            for number in changed[settled[changed]].tolist()
        ],
        members={
            "nodes": nodes.tolist(),
            "rings": [names[number] for number in ring[joins].tolist()],
            "strengths": np.round(now.member[joins], 4).tolist(),
            "below": [0] * len(nodes),
        },
        accounts=rows.account_rows(snapshot, _only(again, now), names, part.previous)[1],
        identifiers=_identifiers(part, now, names, joins),
        at=snapshot.now,
        new=[names[number] for number in changed.tolist() if names[number] not in previous.ids],
    )


def _only(accounts: Flags, result: ScoringResult) -> ScoringResult:
    """A result in which only these accounts (N) have something to be written."""
    return replace(result, risk=np.where(accounts, result.risk, 0.0), cause=np.where(accounts, result.cause, NONE))


def write(graph: Graph, lease: IncrementalLease, growth: Growth) -> None:
    """Writes all of it under the published run's id, in one transaction. Raises ConflictError, also if nodes were
    removed since the pass began."""

    def work(tx: neo4j.ManagedTransaction) -> None:
        lease.count(tx)
        run_in(tx, "detect/set_rings", run=lease.run, rows=growth.rings).consume()
        members = named(tx, ACCOUNTS, growth.members)
        run_in(tx, "detect/write_members", run=lease.run, **members).consume()
        run_in(tx, "detect/grow_rings", rows=growth.grown).consume()
        accounts, identifiers = named(tx, ACCOUNTS, growth.accounts), named(tx, IDENTIFIERS, growth.identifiers)
        write_risks(tx, accounts)
        write_columns(tx, "detect/set_evidence", identifiers, at=growth.at)
        changed = {*members["nodes"], *accounts["nodes"]}
        index_changes.note(tx, accounts=sorted(changed), identifiers=identifiers["nodes"])

    graph.transaction(work)


def _judged_by(
    stored: dict[str, Row], part: Part, result: ScoringResult, ids: list[str], older: list[str]
) -> ScoringResult:
    """What was found, with the score of each older ring and its members by the facts that the run kept of all of it: by
    those of a part of it, newcomers would score some 20 points more."""
    facts = {
        number: json.loads(stored[ring_id]["facts"])
        for number, ring_id in enumerate(ids)
        if ring_id in older and stored[ring_id]["facts"]
    }
    if not facts:
        return result
    score = result.rings.ring_score.copy()
    for number in facts:
        score[number] = stored[ids[number]]["score"] / 100
    known = unpack(result.rings.facts, facts)
    inside = np.append(np.isin(np.arange(len(ids)), list(facts)), False)[result.ring]
    by_term = member_facts(score, known, result.rings.members, result.own, part.population)
    member = np.where(inside, membership(result.rings.members, by_term, result.tables), result.member)
    without_labels = np.where(inside, np.maximum(member, result.outside), result.without_labels)
    shift = logit(result.risk) - logit(result.without_labels)  # what people said near by stays worth as much
    free = inside & (part.snapshot.label == 0) & (result.cause != RING_DISMISSED)
    return replace(
        result,
        rings=replace(result.rings, facts=known, ring_score=score),
        member=member,
        without_labels=without_labels,
        facts={code: np.where(inside, by_term[code], values) for code, values in result.facts.items()},
        risk=np.where(free, sigmoid(logit(without_labels) + shift), result.risk),
    )


def _joins(part: Part, result: ScoringResult, ids: list[str]) -> Flags:
    """The accounts (N) that join: in no ring so far, surely enough members, and enough of them if the ring is new."""
    joins = (result.ring >= 0) & (part.previous.ring < 0) & (result.member >= parameters.JOIN)
    known = np.array([ring_id in part.previous.ids for ring_id in ids], bool)
    enough = known | (np.bincount(result.ring[joins], minlength=len(ids)) >= parameters.RING_MEMBERS)
    return np.asarray(joins & np.append(enough, False)[result.ring])


def _rings_now(previous: PreviousRun, ring_found: Ints, ids: list[str], joins: Flags) -> tuple[Ints, list[str]]:
    """The ring of each account (N; -1 for none) once those who join have joined, and the names of these rings."""
    names = list(dict.fromkeys((*previous.ids, *ids)))
    number = {name: place for place, name in enumerate(names)}
    was = np.array([number[ring_id] for ring_id in previous.ids] + [-1], np.int64)[previous.ring]
    will = np.array([number[ring_id] for ring_id in ids] + [-1], np.int64)[ring_found]
    ring = np.where(joins, will, was)
    used = np.unique(ring[ring >= 0])
    return np.where(ring >= 0, np.searchsorted(used, ring), -1), [names[place] for place in used.tolist()]


def _state_now(
    graph: Graph,
    part: Part,
    result: ScoringResult,
    ring: Ints,
    names: list[str],
    ids: list[str],
    stored: dict[str, Row],
    gain: Ints,
    again: Flags,
) -> ScoringResult:
    """Everything as it is once those who join have joined: rings by `ring` and `names`; the risk of all but those who
    are judged `again` (N) is the published one."""
    snapshot = part.snapshot
    now = score_candidates(snapshot, part.evidence, part.population, result.own, ring)
    number = {name: place for place, name in enumerate(ids)}
    facts, score, verdict = {}, now.ring_score.copy(), np.zeros(len(names), np.int64)
    for place, name in enumerate(names):
        if name in number:
            score[place] = result.rings.ring_score[number[name]]
            verdict[place] = result.verdict[number[name]]
        elif name in stored:
            score[place] = stored[name]["score"] / 100
        if name in stored and name not in part.young:
            facts[place] = {
                **json.loads(stored[name]["facts"] or "{}"),
                "size": stored[name]["size"] + int(gain[place]),
            }
    rings = replace(now, facts=unpack(now.facts, facts), ring_score=score)
    row = graph.read_bulk("detect/risks_of", nodes=snapshot.account_node.tolist())
    published = np.zeros(snapshot.accounts)
    published[snapshot.accounts_at(np.array(row["node"], np.int64))] = row["risk"]
    risk = np.where(again, result.risk, published)
    return replace(result, ring=ring, rings=rings, verdict=verdict, risk=risk)


def _ring_rows(graph: Graph, part: Part, now: ScoringResult, names: list[str], wanted: Ints) -> list[Row]:
    """Rows of the rings that are judged anew, as detect/set_rings takes them."""
    top, kinds = held_by(part.snapshot, now.rings.pairs, len(names))
    top = [held if place in wanted else [] for place, held in enumerate(top)]
    rows.name_identifiers(graph, top)
    found = ring_rows.ring_rows(part.snapshot, now, names, part.previous, top, kinds)
    for row in found:
        row["values"]["share_of_all_uses"] = round(row["values"]["uses"] / max(part.all_uses, 1), 6)
    return [found[place] for place in wanted.tolist()]


def _gain(snapshot: Snapshot, name: str, members: Ints) -> Row:
    """What a ring gains by those who join it (N-index), as detect/grow_rings takes it."""
    uses, last = int(snapshot.uses[members].sum()), int(snapshot.active[members].max())
    return {"id": name, "joined": len(members), "uses": uses, "last_seen": last}


def _identifiers(part: Part, now: ScoringResult, names: list[str], joins: Flags) -> dict[str, list[Any]]:
    """What is known now of identifiers that those who join use, if the pass saw all accounts on them."""
    snapshot = part.snapshot
    touched = np.zeros(snapshot.identifiers, bool)
    touched[snapshot.identifier[joins[snapshot.account]]] = True
    nodes = set(snapshot.identifier_node[touched & (snapshot.k < WHOLE)].tolist())
    columns = rows.evidence_columns(snapshot, part.evidence, now, names)
    kept = [place for place, node in enumerate(columns["nodes"]) if node in nodes]
    return {name: [column[place] for place in kept] for name, column in columns.items()}
