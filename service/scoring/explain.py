"""Says why in plain words: the reasons of rings and of accounts, with points that add up to the score."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from service.detection.snapshot import KIND_NAMES, MOMENT, Floats, Snapshot
from service.model.decision import Reason
from service.scoring import ring_signals, weights
from service.scoring.facts import Pairs, RingFacts

HELD_BY = 12  # identifiers named for a ring


def as_json(reasons: list[Reason]) -> str:
    """Reasons as the JSON text that the graph keeps."""
    return json.dumps([asdict(reason) for reason in reasons], separators=(",", ":"))


def sentence(function: Callable[..., Any]) -> str:
    """The first line of a signal's docstring: the sentence that an analyst reads."""
    return (function.__doc__ or "").strip().splitlines()[0]


def ring_reasons(facts: RingFacts, score: Floats) -> list[list[Reason]]:
    """The reasons of each ring (R), strongest first; points add up to the score less what every ring starts from."""
    parts = ring_signals.contributions(facts)
    total = np.sum(list(parts.values()), axis=0)
    scale = np.where(np.abs(total) > 1e-9, 100 * score / np.where(np.abs(total) > 1e-9, total, 1.0), 0.0)
    reasons = []
    for ring in range(len(score)):
        found = [
            Reason(code, sentence(ring_signals.SIGNALS[code]), round(float(part[ring] * scale[ring]), 1), evidence)
            for code, part in parts.items()
            if abs(part[ring]) >= 0.05 and (evidence := _evidence(code, facts, ring)) is not None
        ]
        reasons.append(sorted(found, key=lambda reason: -reason.points))
    return reasons


def _evidence(code: str, facts: RingFacts, ring: int) -> dict[str, int | float | str]:
    values: dict[str, dict[str, int | float | str]] = {
        "coverage": {"covered_share": _round(facts.covered[ring])},
        "births_together": {
            "nats": _round(facts.nats[ring]),
            "days": _round((facts.born_to[ring] - facts.born_from[ring]) / weights.DAY_S),
        },
        "reuse": {"doublings": _round(facts.reuse[ring])},
        "kinds": {"kinds": int(facts.kinds[ring])},
        "no_anchor": {"excess": _round(facts.unanchored[ring])},
        "no_address": {"excess": _round(facts.unaddressed[ring])},
        "scripted": {"share_in_step": _round(facts.in_step[ring])},
        "size": {"accounts": int(facts.size[ring])},
        "short_life": {"excess": _round(facts.short[ring])},
        "born_with_links": {"excess": _round(facts.birth_share[ring])},
        "acting_in_step": {"share_in_step": _round(np.nan_to_num(facts.acting[ring]))},
        "in_step": {"share_in_step": _round(facts.in_step[ring])},
    }
    return values[code]


def _round(value: Any) -> float:
    return round(float(value), 3)


def held_by(snapshot: Snapshot, pairs: Pairs, rings: int) -> tuple[list[list[dict[str, Any]]], list[list[str]]]:
    """For each ring the identifiers that most members share (node ids for now), and the kinds that tie it together."""
    top: list[list[dict[str, Any]]] = [[] for _ in range(rings)]
    kinds: list[list[str]] = [[] for _ in range(rings)]
    inside = np.flatnonzero(pairs.inside & (snapshot.kind[pairs.identifier] != MOMENT))
    order = inside[np.lexsort((-pairs.members[inside], pairs.ring[inside]))]
    for row in order:
        ring, identifier = int(pairs.ring[row]), int(pairs.identifier[row])
        kind = KIND_NAMES[snapshot.kind[identifier]]
        if kind not in kinds[ring]:
            kinds[ring].append(kind)
        if len(top[ring]) < HELD_BY:
            top[ring].append(
                {
                    "kind": kind,
                    "node": int(snapshot.identifier_node[identifier]),
                    "members": int(pairs.members[row]),
                    "accounts": int(snapshot.k[identifier]),
                }
            )
    return top, kinds
