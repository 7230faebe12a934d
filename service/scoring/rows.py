"""What a run found, as the rows that are written: rings, accounts and identifiers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from service.detection.evidence import Evidence
from service.detection.match import Identity
from service.detection.snapshot import IP, MOMENT, Ints, Snapshot
from service.graph.client import Graph
from service.model.decision import LEVELS, Reason, level_of
from service.scoring import account_signals, explain, weights
from service.scoring.before import Before
from service.scoring.publish import Publication
from service.scoring.result import Found, birth_sums

LEAST_RISK = 0.005  # below, an account carries no risk at all
REASONS_FROM = 0.2  # risk from which the reasons are kept
CONFIRMED = "People confirmed it as fraud."
NEAR_RING = "It shares identifiers with a group that may be a ring."


def publication(
    graph: Graph, snapshot: Snapshot, evidence: Evidence, found: Found, identity: Identity, before: Before
) -> Publication:
    """All rows of a run. The names of the identifiers that hold rings together are read from the graph."""
    top, kinds = explain.held_by(snapshot, found.rings.pairs, len(identity.ids))
    named = graph.read_bulk("detect/identifier_names", nodes=sorted({entry["node"] for held in top for entry in held}))
    names = dict(zip(named["node"], named["id"], strict=True))
    for held in top:
        for entry in held:
            entry["id"] = names[entry.pop("node")]
    rings = ring_rows(snapshot, found, identity.ids, before, top, kinds)
    kept, accounts = account_rows(snapshot, found, identity.ids)
    identifiers, base = evidence_rows(snapshot, evidence, found, identity.ids)
    counts = {
        "accounts": snapshot.accounts,
        "identifiers": int((snapshot.kind != MOMENT).sum()),
        "links": int((snapshot.kind[snapshot.identifier] != MOMENT).sum()),
        "members": int((found.ring >= 0).sum()),
        "rings": {level: sum(row["values"]["level"] == level for row in rings) for level in reversed(LEVELS)},
        "accounts_by_level": {level: accounts["levels"].count(level) for level in reversed(LEVELS[1:])},
        "base_risk": round(base, 6),
        "as_of": snapshot.now,
    }
    cleared = np.setdiff1d(before.risky, snapshot.account_node[kept]).tolist()
    return Publication(rings, identity, accounts, cleared, identifiers, snapshot.now, counts)


def ring_rows(
    snapshot: Snapshot,
    found: Found,
    ids: list[str],
    before: Before,
    top: list[list[dict[str, Any]]],
    kinds: list[list[str]],
) -> list[dict[str, Any]]:
    """One row for each ring, as detect/set_rings takes it. `top` and `kinds` say what holds each together."""
    facts, score = found.rings.facts, found.rings.ring_score
    reasons = explain.ring_reasons(facts, score)
    total = max(int(snapshot.uses.sum()), 1)
    rows = []
    for number, members in enumerate(_members(found.ring)):
        uses = int(snapshot.uses[members].sum())
        first, last = int(snapshot.created[members].min()), int(snapshot.active[members].max())
        values = {
            "score": round(100 * float(score[number]), 1),
            "level": level_of(float(score[number])),
            "size": len(members),
            "kinds": kinds[number],
            "held_by": json.dumps(top[number]),
            "reasons": explain.as_json(reasons[number]),
            "born_from": int(facts.born_from[number]),
            "born_to": int(facts.born_to[number]),
            "uses": uses,
            "uses_per_day": round(uses / max((last - first) / weights.DAY_S, 1.0), 1),
            "share_of_all_uses": round(uses / total, 6),
        }
        old = before.ids.index(ids[number]) if ids[number] in before.ids else -2
        stayed = int((before.ring[members] == old).sum())
        left = int((before.ring == old).sum()) - stayed
        row = {"id": ids[number], "values": values, "first_seen": first, "last_seen": last}
        rows.append({**row, "joined": len(members) - stayed, "left": left})
    return rows


def _members(ring: Ints) -> list[Ints]:
    """The members of each ring, in order of its number."""
    placed = np.flatnonzero(ring >= 0)
    placed = placed[np.argsort(ring[placed], kind="stable")]
    return np.split(placed, np.cumsum(np.bincount(ring[placed]))[:-1]) if len(placed) else []


def account_rows(snapshot: Snapshot, found: Found, ids: list[str]) -> tuple[Ints, dict[str, list[Any]]]:
    """The accounts (N-index) that carry a risk, and the columns that detect/set_risk takes (no level means low)."""
    risky = np.flatnonzero(found.risk >= LEAST_RISK)
    return risky, {
        "nodes": snapshot.account_node[risky].tolist(),
        "risks": np.round(found.risk[risky], 6).tolist(),
        "levels": [level if (level := level_of(risk)) != LEVELS[0] else None for risk in found.risk[risky].tolist()],
        "reasons": [
            explain.as_json(account_reasons(found, ids, account)) if found.risk[account] >= REASONS_FROM else None
            for account in risky.tolist()
        ],
    }


def account_reasons(found: Found, ids: list[str], account: int) -> list[Reason]:
    """The reasons of one account; points add up to its score."""
    reasons = []
    member, number = float(found.member[account]), int(found.ring[account])
    if number >= 0:
        ring_score = float(found.rings.ring_score[number])
        size = int(found.rings.facts.size[number])
        text = f"It belongs to ring {ids[number]} of {size:,} accounts, which scores {100 * ring_score:.0f}."
        reasons.append(Reason("in_ring", text, round(100 * member, 1), {"ring": ids[number], "accounts": size}))
    elif member >= 0.01:
        reasons.append(Reason("near_ring", NEAR_RING, round(100 * member, 1)))
    rest = 1.0 - member
    for code, part, signal in (
        ("own_links", float(found.own[account]), account_signals.own_links),
        ("velocity", float(found.velocity[account]), account_signals.velocity),
    ):
        if rest * part >= 0.005:
            reasons.append(Reason(code, explain.sentence(signal), round(100 * rest * part, 1)))
        rest *= 1.0 - part
    missing = float(found.risk[account]) - (1.0 - rest)
    if missing >= 0.005:
        reasons.append(Reason("confirmed", CONFIRMED, round(100 * missing, 1)))
    return reasons


def evidence_rows(
    snapshot: Snapshot, evidence: Evidence, found: Found, ids: list[str]
) -> tuple[list[dict[str, Any]], float]:
    """One row for each identifier that says something of a signup, as detect/set_evidence takes it; the base risk."""
    sums, risky, base = birth_sums(snapshot, found.risk)
    windows = evidence.windows
    best: dict[int, int] = {}
    for row in np.argsort(windows.nats, kind="stable").tolist():
        best[int(windows.identifier[row])] = row
    pairs = found.rings.pairs
    ring_of: dict[int, tuple[str, int]] = {}
    for row in np.argsort(pairs.members, kind="stable").tolist():
        if pairs.inside[row]:
            ring_of[int(pairs.identifier[row])] = (ids[int(pairs.ring[row])], int(pairs.members[row]))
    speaks = (snapshot.kind <= IP) & ((snapshot.k >= 3) | (risky >= 0.05))
    rows = []
    for identifier in np.flatnonzero(speaks).tolist():
        window = best.get(identifier)
        ring, members = ring_of.get(identifier, (None, None))
        rows.append(
            {
                "node": int(snapshot.identifier_node[identifier]),
                "k": int(snapshot.k[identifier]),
                "j": round(float(windows.nats[window]), 4) if window is not None else 0.0,
                "window_from": int(windows.from_s[window]) if window is not None else None,
                "window_to": int(windows.to_s[window]) if window is not None else None,
                "sum_h": round(float(sums[identifier]), 4),
                "sum_hp": round(float(risky[identifier]), 4),
                "ring": ring,
                "ring_members": members,
            }
        )
    return rows, base
