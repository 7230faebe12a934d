"""Everything about a ring that a summary tells, with ids redacted by a profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from service.errors import ConflictError
from service.export.redact import Profile
from service.graph.client import Graph
from service.rings import actions, changes, graphview, rings

MEMBERS = 40

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dossier:
    """A ring with its firmest members, drawing, timeline, journal and the run that found it. `held_left_out`: of what
    holds it together, how many the profile leaves out."""

    ring: Row
    run: Row
    members: list[Row]
    drawing: Row
    timeline: Row
    changes: list[Row]
    actions: list[Row]
    profile: Profile
    held_left_out: int = 0


def gather(graph: Graph, ring_id: str, profile: Profile) -> Dossier:
    """Reads the dossier of a ring, as one run found it. Raises NotFoundError, or ConflictError if another run is
    published meanwhile."""
    dossier = _gather(graph, ring_id, profile)
    now = rings.ring(graph, ring_id)["published_run"] or {}
    if now.get("id") != dossier.run.get("id"):
        raise ConflictError("another detection run was published during the export; export again")
    return dossier


def _gather(graph: Graph, ring_id: str, profile: Profile) -> Dossier:
    ring = dict(rings.ring(graph, ring_id))
    run = ring.pop("published_run") or {}
    every = ring["held_by"]
    renamed = [(held, profile.rename(held["kind"], held["id"])) for held in every]
    ring["held_by"] = [{**held, "id": name} for held, name in renamed if name is not None]
    members = [
        {**member, "id": profile.named("account", member["id"])}
        for member in rings.members(graph, ring_id, limit=MEMBERS)
    ]
    done = [
        {**action, "subject": profile.named("account", action["subject"])} if action["kind"] == "label" else action
        for action in actions.of_ring(graph, ring_id)
    ]
    return Dossier(
        ring=ring,
        run=run,
        members=members,
        drawing=graphview.ring_graph(graph, ring),
        timeline=rings.timeline(graph, ring_id),
        changes=changes.of_ring(graph, ring_id),
        actions=done,
        profile=profile,
        held_left_out=len(every) - len(ring["held_by"]),
    )
