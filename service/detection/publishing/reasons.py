"""Says why in plain words: the reasons of rings and of accounts, with points that add up to the score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from service.detection.evidence.signup_windows import sigmoid
from service.detection.reading.kind_codes import codes
from service.detection.reading.snapshot import Floats, Snapshot
from service.detection.scoring import terms
from service.detection.scoring.model import Table
from service.detection.scoring.ring_features import RingFacts
from service.detection.scoring.term_facts import ring_facts, ring_measures
from service.detection.scoring.tying import Pairs
from service.model.decision import Reason, reasons_of

HELD_BY = 12  # identifiers named for a ring
LEAST_POINTS = 0.5  # of a reason that is told; smaller ones are part of where the score starts
LEAST_LIFT = 0.05  # points that members lift a ring's score by, from which they are told
RING_STARTS = "Where the score of every group starts, and what is too small to tell."
ACCOUNT_STARTS = "Where the score of every account starts, and what is too small to tell."
OF_MEMBERS = "Its accounts are surer to be fake, on average, than what is known of it as a group says."


def as_json(reasons: list[Reason]) -> str:
    """Reasons as the JSON text that the graph keeps."""
    return orjson.dumps(reasons).decode()


def points_of(table: Table, facts: Mapping[str, Floats]) -> tuple[dict[str, Floats], Floats]:
    """What each term adds to the scores (0 to 100) that a table gives facts, by code, and what they all start from.

    Aumann-Shapley shares (Sundararajan and others, Axiomatic attribution for deep networks, 2017), which for a sigmoid
    of a sum are each term's part of the sum: none has another sign than its part, and they add up.
    """
    parts = table.parts(facts)
    start = table.start
    end = start + np.sum(list(parts.values()), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (sigmoid(end) - sigmoid(np.full_like(end, start))) / (end - start)
    flat = sigmoid(np.array([start]))[0]
    slope = np.where(np.abs(end - start) < 1e-6, flat * (1 - flat), slope)
    return {code: 100 * part * slope for code, part in parts.items()}, np.full_like(end, 100 * flat)


def ring_reasons(table: Table, facts: RingFacts, score: Floats) -> list[list[Reason]]:
    """The reasons of each ring (R) by a table, strongest first; points add up to its score (0 to 1)."""
    by_term, shown = ring_facts(facts), ring_measures(facts)
    points, start = points_of(table, by_term)
    total = start + np.sum(list(points.values()), axis=0)
    reasons = []
    for ring in range(len(score)):
        found = told(terms.RINGS, points, shown, ring, Reason("start", RING_STARTS, float(start[ring])))
        lifted = 100 * float(score[ring]) - float(total[ring])
        if lifted >= LEAST_LIFT:
            found.append(Reason("members", OF_MEMBERS, lifted))
        reasons.append(reasons_of(100 * float(score[ring]), sorted(found, key=lambda reason: -reason.points)))
    return reasons


def told(
    known: Mapping[str, terms.Term],
    points: Mapping[str, Floats],
    shown: Mapping[str, Floats],
    place: int,
    start: Reason,
) -> list[Reason]:
    """The reasons of one ring or account: a sentence by what was measured (`shown`), of no side where its points are on
    the other; where the score starts comes first. Points are exact: `reasons_of` makes them those that are told."""
    found, rest = [], start.points
    by_code: dict[str, float] = {}
    for code, values in points.items():
        code = known[code].told_with or code
        by_code[code] = by_code.get(code, 0.0) + float(values[place])
    for code, given in by_code.items():
        if abs(given) < LEAST_POINTS:
            rest += given
            continue
        value, term = float(shown[code][place]), known[code]
        evidence: dict[str, int | float | str] = {} if np.isnan(value) else {term.measure: round(value, 3)}
        found.append(Reason(code, term.sentence(value, given), given, evidence))
    return [Reason(start.code, start.text, rest), *found]


def held_by(snapshot: Snapshot, pairs: Pairs, rings: int) -> tuple[list[list[dict[str, Any]]], list[list[str]]]:
    """For each ring the identifiers that most members share (node ids for now), and the kinds that tie it together."""
    names, burst = codes().names, codes().burst
    inside = np.flatnonzero(pairs.inside & (snapshot.kind[pairs.identifier] != burst))
    rows = inside[np.lexsort((-pairs.members[inside], pairs.ring[inside]))]
    ring, kind = pairs.ring[rows], snapshot.kind[pairs.identifier[rows]]
    kinds: list[list[str]] = [[] for _ in range(rings)]
    for row in np.sort(np.unique(ring * len(names) + kind, return_index=True)[1]).tolist():
        kinds[int(ring[row])].append(names[int(kind[row])])
    place = np.arange(len(rows)) - np.searchsorted(ring, ring)
    rows = rows[place < HELD_BY]
    identifier = pairs.identifier[rows]
    top: list[list[dict[str, Any]]] = [[] for _ in range(rings)]
    columns = (
        pairs.ring[rows],
        snapshot.kind[identifier],
        snapshot.identifier_node[identifier],
        pairs.members[rows],
        snapshot.k[identifier],
    )
    for number, code, node, members, accounts in zip(*[column.tolist() for column in columns], strict=True):
        top[number].append({"kind": names[code], "node": node, "members": members, "accounts": accounts})
    return top, kinds
