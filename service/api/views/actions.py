"""Taking back what people did: the status of a ring, the label of an account."""

from __future__ import annotations

import flask
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from service.api.services import services
from service.rings import actions
from service.security.guard import about, actor

api = APIBlueprint("actions", __name__, url_prefix="/v1", abp_tags=[Tag(name="actions", description="What people did")])


class ActionPath(BaseModel):
    """Which action."""

    id: str = Field(max_length=400)


class Undone(BaseModel):
    """What the ring or account is again."""

    subject: str
    kind: str
    value: str | None


@api.post("/actions/<id>/undo", responses={200: Undone, 404: None, 409: None}, summary="Takes a status or a label back")
def undo(path: ActionPath) -> flask.Response:
    """409 if it was changed since."""
    undone = actions.undo(services().graph, path.id, actor())
    if undone["kind"] == "status":
        services().ring_status(undone["subject"], undone["value"])
    else:
        services().labelled(undone["subject"])
    about("rings" if undone["kind"] == "status" else "accounts", [undone["subject"]])
    return flask.jsonify(undone)
