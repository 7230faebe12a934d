"""The change feed, for systems that follow what happens to rings."""

from __future__ import annotations

from datetime import datetime

import flask
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field

from service.api.services import services
from service.rings import changes

api = APIBlueprint("changes", __name__, url_prefix="/v1", abp_tags=[Tag(name="changes", description="The change feed")])


class ChangesQuery(BaseModel):
    """From where on."""

    model_config = ConfigDict(extra="forbid")

    since: int = Field(default=0, ge=0, lt=2**63, description="`next` of the answer before; 0 is the beginning")
    limit: int = Field(default=200, ge=1, le=1000)


class Change(BaseModel):
    """One change of a ring."""

    seq: int = Field(description="Its number in the feed")
    id: str
    kind: str = Field(description=f"One of {', '.join(changes.KINDS)}")
    at: datetime
    ring: str
    run: str | None
    size: int | None
    size_before: int | None
    other: str | None = Field(description="The ring that was taken in, or that this one split off")
    score: float | None
    level: str | None
    status: str | None
    status_before: str | None
    who: str | None = Field(description="Who changed the status")


class Changes(BaseModel):
    """Some changes, in order."""

    changes: list[Change]
    next: int = Field(description="Send as `since` for what comes after")


@api.get("/changes", responses={200: Changes}, summary="What changed about rings")
def show_changes(query: ChangesQuery) -> flask.Response:
    """In the order in which it became visible; ask again with `next` for what comes after."""
    graph = services().graph
    changes.note(graph)
    found = changes.since(graph, query.since, query.limit)
    return flask.jsonify(changes=found, next=found[-1]["seq"] if found else query.since)
