"""What a run found, as the rows that are written: accounts and identifiers, and with rings (ring_rows.py) all of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from service.detection import parameters
from service.detection.evidence.combine import Evidence
from service.detection.identity.matching import Identity
from service.detection.publishing.names import Columns
from service.detection.publishing.publish import Publication
from service.detection.publishing.reasons import (
    ACCOUNT_STARTS,
    LEAST_POINTS,
    as_json,
    held_by,
    points_of,
    told,
)
from service.detection.publishing.ring_rows import Row, ring_rows
from service.detection.publishing.words import decided_on, words
from service.detection.reading.kind_codes import codes
from service.detection.reading.previous_run import NUMBERS, Carried, PreviousRun
from service.detection.reading.snapshot import Flags, Floats, Ints, Snapshot, positions_of
from service.detection.scoring import terms
from service.detection.scoring.result import CAUSES, RING_CONFIRMED, RING_DISMISSED, ScoringResult, birth_sums
from service.detection.scoring.term_facts import account_measures
from service.graph.client import Graph
from service.model.decision import LEVEL_FLOORS, LEVELS, Reason, level_of, reasons_of, told_points

LEAST_RISK = 0.005  # below, an account carries no risk at all
REASONS_FROM = 0.2  # risk from which the reasons are kept
BY_RING = (RING_CONFIRMED, RING_DISMISSED)
LEAST_CHANGE = 0.0005  # of a risk without reasons, below which the one in the graph stays: half of what a page shows
SAME_J = 0.02  # nats an account: a smaller change of it leaves the evidence in the graph
SAME_SUM = 0.001  # of 1 + sum h: smaller changes of the sums, as they have faded by now, do too
NEAR_RING = "It shares identifiers with a group that may be a ring."


def publication(
    graph: Graph,
    snapshot: Snapshot,
    evidence: Evidence,
    result: ScoringResult,
    identity: Identity,
    previous: PreviousRun,
) -> Publication:
    """All rows of a run. The names of the identifiers that hold rings together are read from the graph."""
    top, kinds = held_by(snapshot, result.rings.pairs, len(identity.ids))
    name_identifiers(graph, top)
    rings = ring_rows(snapshot, result, identity.ids, previous, top, kinds)
    kept, accounts = account_rows(snapshot, result, identity.ids, previous)
    identifiers = evidence_columns(snapshot, evidence, result, identity.ids)
    members = (result.ring >= 0) | (previous.ring >= 0)
    other, low = changed(previous, accounts, members[kept])
    return Publication(
        rings,
        identity,
        accounts=_at(accounts, other),
        low_risks=_at({name: accounts[name] for name in ("nodes", "risks")}, low),
        risk_removed=_gone(previous.risky, accounts),
        moved={"nodes": snapshot.account_node[_moved(previous, identity.ids, result.ring)].tolist()},
        words=words(snapshot, result, identity.ids, previous),
        identifiers=_at(identifiers, other_evidence(previous.evident, identifiers, snapshot.now)),
        evidence_removed=_gone(previous.evident.node, identifiers),
        at=snapshot.now,
        counts=_counts(snapshot, result, previous, rings, accounts),
    )


def _counts(
    snapshot: Snapshot, result: ScoringResult, previous: PreviousRun, rings: list[Row], accounts: Columns
) -> dict[str, Any]:
    """What is kept of a run beside its rows: how many it had of what, and what decisions and the next run go by."""
    burst = codes().burst  # of the run's own making
    return {
        "accounts": snapshot.accounts,
        "identifiers": int((snapshot.kind != burst).sum()),
        "links": int((snapshot.kind[snapshot.identifier] != burst).sum()),
        "members": int((result.ring >= 0).sum()),
        "rings": {level: sum(row["values"]["level"] == level for row in rings) for level in reversed(LEVELS)},
        "accounts_by_level": {level: accounts["levels"].count(level) for level in reversed(LEVELS[1:])},
        "base_risk": round(base_risk(snapshot.now - snapshot.created, result.risk), 6),
        "as_of": snapshot.now,
        "verdicts_at": previous.verdicts_at,
        "learned": result.learned.kept() if result.learned else None,
    }


def _at(columns: Columns, places: list[int]) -> Columns:
    return {name: [column[place] for place in places] for name, column in columns.items()}


def _gone(before: Ints, now: Columns) -> Columns:
    """The nodes of before that are not among those of now."""
    return {"nodes": np.setdiff1d(before, np.array(now["nodes"], np.int64)).tolist()}


def changed(previous: PreviousRun, accounts: Columns, members: Flags) -> tuple[list[int], list[int]]:
    """Which of these accounts (columns of `account_rows`, n rows) are to be written again: those that may have reasons
    or have had some, `members` (n) of a ring now or before among them, and of the many others only the risk, where it
    is another than the graph has."""
    nodes, risks = np.array(accounts["nodes"], np.int64), np.array(accounts["risks"], np.float64)
    at = positions_of(previous.risky, nodes)
    was = np.where(at >= 0, np.append(previous.risks, 0.0)[at], 0.0)
    low = (was < REASONS_FROM) & (risks < REASONS_FROM) & ~members
    same = (at >= 0) & (np.abs(was - risks) < LEAST_CHANGE)
    return np.flatnonzero(~low).tolist(), np.flatnonzero(low & ~same).tolist()


def other_evidence(previous: Carried, columns: Columns, now: int) -> list[int]:
    """Which of these rows (columns of detect/set_evidence) say something else than the graph has. Sums fade with the
    time that they are noted with, so that those of an identifier without new births stay right."""
    at = positions_of(previous.node, np.array(columns["nodes"], np.int64))
    known = np.flatnonzero(at >= 0)
    was = previous.numbers[:, at[known]]
    new = np.array([columns[name] for name in NUMBERS[:-1]], np.float64).reshape(len(NUMBERS) - 1, -1)[:, known]
    fade = np.ones_like(new)
    fade[4:6] = 0.5 ** ((now - was[-1]) / (parameters.SIGNUP_HALF_LIFE_DAYS * parameters.DAY_S))
    # None is NaN on both sides: 0 where both are.
    change = np.abs(np.nan_to_num(new, nan=-1.0) - np.nan_to_num(was[:-1], nan=-1.0) * fade)
    most = np.zeros_like(new)
    most[1], most[4:6] = SAME_J, SAME_SUM * (1 + new[4])
    pairs = zip(known.tolist(), at[known].tolist(), strict=True)
    same = [columns["ring"][a] == previous.ring[b] for a, b in pairs]
    stays = known[np.array(same, bool) & np.all(change <= most, axis=0)]
    other: list[int] = np.setdiff1d(np.arange(len(at)), stays).tolist()
    return other


def _moved(previous: PreviousRun, ids: list[str], ring: Ints) -> Flags:
    """Accounts (N) that are in another ring than before, of the rings with these ids."""
    number = {ring_id: place for place, ring_id in enumerate(ids)}
    was = np.array([*(number.get(ring_id, -2) for ring_id in previous.ids), -1], np.int64)[previous.ring]
    return np.asarray(was != ring)


def name_identifiers(graph: Graph, top: list[list[dict[str, Any]]]) -> None:
    """Puts the ids of identifiers, as the graph has them, in the place of their node ids; those that have gone since
    they were read hold nothing together."""
    named = graph.read_bulk("detect/identifier_names", nodes=sorted({entry["node"] for held in top for entry in held}))
    names = dict(zip(named["node"], named["id"], strict=True))
    for held in top:
        held[:] = [entry for entry in held if entry["node"] in names]
        for entry in held:
            entry["id"] = names[entry.pop("node")]


def account_rows(
    snapshot: Snapshot, result: ScoringResult, ids: list[str], previous: PreviousRun
) -> tuple[Ints, Columns]:
    """The accounts (N-index) that carry a risk, and the columns that detect/set_risk takes (no level means low).
    Members of a ring that people decided on have a risk and reasons however low they are: by these decisions tell that
    the risk holds what people decided, and what it is without that."""
    decided = (result.ring >= 0) & np.isin(result.cause, BY_RING)
    risky = np.flatnonzero((result.risk >= LEAST_RISK) | decided)
    told = risky[(result.risk[risky] >= REASONS_FROM) | decided[risky]]
    reasons = dict(zip(told.tolist(), account_reasons(result, ids, previous, told), strict=True))
    return risky, {
        "nodes": snapshot.account_node[risky].tolist(),
        "risks": np.round(result.risk[risky], 6).tolist(),
        "levels": [level_of(risk) if risk >= LEVEL_FLOORS[LEVELS[1]] else None for risk in result.risk[risky].tolist()],
        "reasons": [as_json(reasons[account]) if account in reasons else None for account in risky.tolist()],
    }


def account_reasons(result: ScoringResult, ids: list[str], previous: PreviousRun, accounts: Ints) -> list[list[Reason]]:
    """The reasons of these accounts (N-index); points add up to each one's score."""
    facts = {code: values[accounts] for code, values in result.facts.items()}
    points, start = points_of(result.tables.accounts, facts)
    shown = account_measures(facts)
    found = []
    for place, account in enumerate(accounts.tolist()):
        code, text = CAUSES[result.cause[account]]
        label_effect = 100 * float(result.risk[account] - result.without_labels[account])
        spoken = bool(code) and (abs(label_effect) >= LEAST_POINTS or result.cause[account] in BY_RING)
        begin = Reason("start", ACCOUNT_STARTS, float(start[place]) + (0.0 if spoken else label_effect))
        alone = round(100 * float(result.outside[account]), 1)
        reasons = [
            _of_group(reason, result, ids, account, alone) if reason.code == "ring" else reason
            for reason in told(terms.ACCOUNTS, points, shown, place, begin)
        ]
        if spoken:
            reasons.append(Reason(code, text, label_effect))
            if result.cause[account] in BY_RING:
                reasons[-1].evidence["ring"] = decided_on(result, ids, previous, account)
        score = told_points(100 * round(float(result.risk[account]), 6))  # as decisions tell it
        found.append(reasons_of(score, sorted(reasons, key=lambda reason: -reason.points)))
    return found


def _of_group(reason: Reason, result: ScoringResult, ids: list[str], account: int, alone: float) -> Reason:
    """The reason that an account's group gives: its ring, if it is in one, or a group that is none."""
    number = int(result.ring[account])
    if number < 0:
        return Reason("near_ring", NEAR_RING, reason.points, {**reason.evidence, "score_without_group": alone})
    size, score = int(result.rings.facts.size[number]), 100 * float(result.rings.ring_score[number])
    text = f"It belongs to ring {ids[number]} of {size:,} accounts, which scores {score:.0f}."
    return Reason("in_ring", text, reason.points, {"ring": ids[number], "accounts": size, "score_without_group": alone})


def evidence_columns(snapshot: Snapshot, evidence: Evidence, result: ScoringResult, ids: list[str]) -> Columns:
    """What is known of each identifier that says something of a signup, as the columns that detect/set_evidence
    takes."""
    sums, risky = birth_sums(snapshot, result.risk)
    windows, pairs = evidence.windows, result.rings.pairs
    # Where an identifier has several, the last one written stays: the most surprising window, the largest ring.
    window = np.full(snapshot.identifiers, -1)
    ranked = np.argsort(windows.nats, kind="stable")
    window[windows.identifier[ranked]] = ranked
    pair = np.full(snapshot.identifiers, -1)
    ranked = np.argsort(pairs.members, kind="stable")
    ranked = ranked[pairs.inside[ranked]]
    pair[pairs.identifier[ranked]] = ranked

    speaks = np.flatnonzero(snapshot.sent & ((snapshot.k >= 3) | (risky >= 0.05)))
    window, pair = window[speaks], pair[speaks]
    return {
        "nodes": snapshot.identifier_node[speaks].tolist(),
        "k": snapshot.k[speaks].tolist(),
        "j": np.round(np.append(windows.nats, 0.0)[window], 4).tolist(),
        "window_from": _or_none(windows.from_s, window),
        "window_to": _or_none(windows.to_s, window),
        "sum_h": np.round(sums[speaks], 4).tolist(),
        "sum_hp": np.round(risky[speaks], 4).tolist(),
        "ring": [ids[number] if number is not None else None for number in _or_none(pairs.ring, pair)],
        "ring_members": _or_none(pairs.members, pair),
    }


def base_risk(age_s: Ints, risk: Floats) -> float:
    """The mean risk of new accounts, those of a half-life at most, from the age (seconds) and risk of all (N). Few say
    little of those to come: BASE_ACCOUNTS stand beside them, one of which is fake."""
    fresh = age_s <= parameters.SIGNUP_HALF_LIFE_DAYS * parameters.DAY_S
    return (float(risk[fresh].sum()) + 1.0) / (int(fresh.sum()) + parameters.BASE_ACCOUNTS)


def _or_none(values: Ints, at: Ints) -> list[int | None]:
    """The values at these places, None where a place is -1."""
    taken = np.append(values, 0)[at].tolist()
    return [value if place >= 0 else None for value, place in zip(taken, at.tolist(), strict=True)]
