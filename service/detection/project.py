"""Projections into GDS: two views of the shared identifiers, as context managers that drop them, also on error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from graphdatascience import GraphDataScience
from graphdatascience.graph.graph_api import Graph as Projection

from service.detection.evidence import BIRTHS, Evidence, priors
from service.detection.parameters import EvidenceParameters, GroupParameters
from service.detection.snapshot import IP, Floats, Ints, Snapshot
from service.graph.client import Graph


def connect(graph: Graph) -> GraphDataScience:
    """A GDS client on the graph's own driver: it lives and closes with it, and must not cross a fork."""
    return GraphDataScience(graph.driver, database=graph.address.database, arrow=False, show_progress=False)


@dataclass(frozen=True, slots=True)
class View:
    """What a projection query needs, by parameter name, and how many rows of it."""

    query: str
    rows: int
    parameters: dict[str, Any]


@contextmanager
def projected(graph: Graph, gds: GraphDataScience, name: str, view: View) -> Iterator[Projection | None]:
    """The projection of a view under a name, None if nothing is in it. Dropped at the end, whatever happens."""
    gds.graph.drop(name, fail_if_missing=False)
    try:
        if view.rows:
            graph.read(view.query, graph=name, **view.parameters)
        yield gds.graph.get(name) if view.rows and gds.graph.exists(name) else None
    finally:
        gds.graph.drop(name, fail_if_missing=False)


def kept_links(snapshot: Snapshot, evidence: Evidence, kept: float) -> np.ndarray:
    """Which links the pruned view keeps (L): strong enough, on an identifier that keeps two or more."""
    strong = np.maximum(evidence.link, evidence.static[snapshot.identifier]) >= kept
    counts = np.bincount(snapshot.identifier[strong], minlength=snapshot.identifiers)
    keep: np.ndarray = strong & (counts >= 2)[snapshot.identifier]
    return keep


def pruned_view(snapshot: Snapshot, evidence: Evidence, weights: EvidenceParameters, groups: GroupParameters) -> View:
    """Only links with evidence; weight = prior max(s, static) (1 if a birth link) / sqrt(log2(1 + k kept))."""
    kept = np.bincount(snapshot.identifier[kept_links(snapshot, evidence, groups.kept)], minlength=snapshot.identifiers)
    scale = np.where(kept >= 2, priors(snapshot, weights) / np.sqrt(np.log2(1 + np.maximum(kept, 1))), 0.0)
    window = _windows(snapshot, evidence, scale, groups.kept)
    return View(
        "detect/project_pruned",
        len(window["weight"]),
        {**window, "late_link": groups.late_link, "birth_s": weights.birth_s},
    )


def soft_view(snapshot: Snapshot, evidence: Evidence, weights: EvidenceParameters, groups: GroupParameters) -> View:
    """All links of shared cards, devices and IPs: prior floor / sqrt(k - 1), plus what evidence there is."""
    prior = priors(snapshot, weights)
    shared = np.flatnonzero((snapshot.k >= 2) & (snapshot.kind <= IP))
    near = np.bincount(snapshot.identifier[evidence.link > groups.soft_evidence], minlength=snapshot.identifiers)
    scale = prior / np.sqrt(np.log2(1 + np.maximum(near, 1)))
    window = _windows(snapshot, evidence, scale, groups.soft_evidence)
    return View(
        "detect/project_soft",
        len(shared),
        {
            "identifier": snapshot.identifier_node[shared].tolist(),
            "weight": (prior[shared] * groups.soft_floor / np.sqrt(snapshot.k[shared] - 1)).tolist(),
            "window_weight": window.pop("weight"),
            "window_identifier": window.pop("identifier"),
            **window,
            "late_link": groups.late_link,
            "birth_s": weights.birth_s,
        },
    )


def _windows(snapshot: Snapshot, evidence: Evidence, scale: Floats, least: float) -> dict[str, Any]:
    """Windows of at least this strength as rows of a projection query; static evidence is a window without bounds."""
    windows = evidence.windows
    chosen = np.flatnonzero((windows.strength >= least) & (scale[windows.identifier] > 0))
    static = np.flatnonzero((evidence.static >= least) & (scale > 0))
    identifier: Ints = np.concatenate([windows.identifier[chosen], static])
    real: Ints = np.concatenate([evidence.real[chosen], static])
    endless = np.full(len(static), 2**60)
    strength = np.concatenate([windows.strength[chosen], evidence.static[static]])
    return {
        "identifier": snapshot.identifier_node[real].tolist(),
        "target": snapshot.identifier_node[identifier].tolist(),
        "from_s": np.concatenate([windows.from_s[chosen], -endless]).tolist(),
        "to_s": np.concatenate([windows.to_s[chosen], endless]).tolist(),
        "rule": np.concatenate([windows.rule[chosen], np.full(len(static), BIRTHS)]).tolist(),
        "weight": (strength * scale[identifier]).tolist(),
    }
