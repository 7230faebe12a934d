"""The change feed, for systems that follow what happens to rings."""

from __future__ import annotations

import flask
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field

from service.api.ring_models import Change
from service.api.services import services
from service.rings import changes

api = APIBlueprint("changes", __name__, url_prefix="/v1", abp_tags=[Tag(name="changes", description="The change feed")])


class ChangesQuery(BaseModel):
    """From where on."""

    model_config = ConfigDict(extra="forbid")

    since: int = Field(default=0, ge=0, lt=2**63, description="`next` of the answer before; 0 is the beginning")
    limit: int = Field(default=200, ge=1, le=1000)


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
