"""Is the process alive, and can it do its work?"""

from __future__ import annotations

import flask
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from service.api import readiness
from service.api.services import services
from service.security.guard import principal

EXTENSION = "ringsight.ready"

api = APIBlueprint("health", __name__, abp_tags=[Tag(name="health", description="For load balancers and operators")])


class Health(BaseModel):
    """The process answers."""

    status: str = Field(examples=["ok"])


class Readiness(BaseModel):
    """Whether each part that the product needs is there; `missing` says what is not, and what to do."""

    ready: bool
    decides: bool = Field(description="Decisions can be made, if only from one of the two stores")
    run_id: str | None = Field(description="The detection run that decisions come from")
    index_age_s: int | None = Field(description="Seconds since the read index was built")
    missing: list[str]


@api.get("/healthz", responses={200: Health}, summary="Is the process alive?")
def healthz() -> dict[str, str]:
    """Answers without touching any store."""
    return {"status": "ok"}


@api.get("/readyz", responses={200: Readiness, 503: None}, summary="Can it do its work?")
def readyz() -> flask.Response:
    """200 if all is there, else 503 with what is missing; with a key, in detail. Looked at once a second."""
    watched: readiness.Watched = flask.current_app.extensions.setdefault(EXTENSION, readiness.Watched())
    state = watched.now(services())
    response = flask.jsonify(
        ready=not state.missing,
        decides=state.decides,
        run_id=state.run_id,
        index_age_s=state.index_age_s,
        missing=list(state.details if principal().id else state.missing),
    )
    response.status_code = 503 if state.missing else 200
    return response
