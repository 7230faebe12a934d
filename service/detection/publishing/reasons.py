"""Says why in plain words: the reasons of rings and of accounts, with points that add up to the score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import orjson

from service.detection import parameters
from service.detection.reading.snapshot import BURST, KIND_NAMES, Floats, Ints, Snapshot
from service.detection.scoring import ring_signals
from service.detection.scoring.ring_features import Pairs, RingFacts
from service.model.decision import Reason

HELD_BY = 12  # identifiers named for a ring


def as_json(reasons: list[Reason]) -> str:
    """Reasons as the JSON text that the graph keeps."""
    return orjson.dumps(reasons).decode()


def sentence(function: Callable[..., Any]) -> str:
    """The first line of a signal's docstring: the sentence that an analyst reads."""
    return (function.__doc__ or "").strip().splitlines()[0]


def ring_reasons(facts: RingFacts, score: Floats) -> list[list[Reason]]:
    """The reasons of each ring (R), strongest first; points add up to the score less what every ring starts from."""
    parts = ring_signals.contributions(facts)
    total = np.sum(list(parts.values()), axis=0)
    scale = np.where(np.abs(total) > 1e-9, 100 * score / np.where(np.abs(total) > 1e-9, total, 1.0), 0.0)
    evidence = {code: _evidence(code, facts) for code in parts}
    texts = {code: sentence(ring_signals.SIGNALS[code]) for code in parts}
    reasons = []
    for ring in range(len(score)):
        found = []
        for code, part in parts.items():
            if abs(part[ring]) >= 0.05:
                counts = {name: values[ring] for name, values in evidence[code].items()}
                found.append(Reason(code, texts[code], round(float(part[ring] * scale[ring]), 1), counts))
        reasons.append(sorted(found, key=lambda reason: -reason.points))
    return reasons


def _evidence(code: str, facts: RingFacts) -> dict[str, list[Any]]:
    """What supports a signal: numbers by name, one for each ring (R)."""
    values: dict[str, dict[str, Ints | Floats]] = {
        "coverage": {"covered_share": facts.covered},
        "births_together": {"nats": facts.nats, "days": (facts.born_to - facts.born_from) / parameters.DAY_S},
        "reuse": {"doublings": facts.reuse},
        "kinds": {"kinds": facts.kinds.astype(np.int64)},
        "no_anchor": {"excess": np.nan_to_num(facts.unanchored)},
        "no_address": {"excess": np.nan_to_num(facts.unaddressed)},
        "scripted": {"share_in_step": facts.in_step},
        "size": {"accounts": facts.size},
        "short_life": {"excess": np.nan_to_num(facts.short)},
        "born_with_links": {"excess": facts.birth_share},
        "acting_in_step": {"share_in_step": np.nan_to_num(facts.acting)},
        "synchrony": {"share_in_step": np.minimum(facts.in_step, np.nan_to_num(facts.acting))},
        "in_step": {"share_in_step": facts.in_step},
        "fresh": {"share": facts.fresh},
    }
    return {name: [round(value, 3) for value in column.tolist()] for name, column in values[code].items()}


def held_by(snapshot: Snapshot, pairs: Pairs, rings: int) -> tuple[list[list[dict[str, Any]]], list[list[str]]]:
    """For each ring the identifiers that most members share (node ids for now), and the kinds that tie it together."""
    inside = np.flatnonzero(pairs.inside & (snapshot.kind[pairs.identifier] != BURST))
    rows = inside[np.lexsort((-pairs.members[inside], pairs.ring[inside]))]
    ring, kind = pairs.ring[rows], snapshot.kind[pairs.identifier[rows]]
    kinds: list[list[str]] = [[] for _ in range(rings)]
    for row in np.sort(np.unique(ring * len(KIND_NAMES) + kind, return_index=True)[1]).tolist():
        kinds[int(ring[row])].append(KIND_NAMES[int(kind[row])])
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
        top[number].append({"kind": KIND_NAMES[code], "node": node, "members": members, "accounts": accounts})
    return top, kinds
