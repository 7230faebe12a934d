"""Detection runs."""

from __future__ import annotations

from typing import Any

import flask
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from service.api.query import Query
from service.api.services import services
from service.rings import runs

api = APIBlueprint(
    "runs", __name__, url_prefix="/v1/detection", abp_tags=[Tag(name="detection", description="Detection runs")]
)


class RunPath(BaseModel):
    """Which run."""

    id: str = Field(min_length=1, max_length=80)


class RunsQuery(Query):
    """How many."""

    limit: int = Field(default=20, ge=1, le=200)


class RunAnswer(BaseModel):
    """A detection run."""

    id: str
    state: str = Field(description="running, published, failed or retired")
    published: bool = Field(description="Whether readers see this one now")
    started_at: str | None
    finished_at: str | None = Field(description="null while it goes on, and if its process ended without a word")
    model_version: str | None
    parameters: dict[str, Any]
    counts: dict[str, Any]
    timings: dict[str, Any] = Field(description="Seconds by stage")
    error: str | None


class RunsAnswer(BaseModel):
    """Runs, latest first."""

    runs: list[RunAnswer]


@api.post("/runs", responses={202: RunAnswer, 409: None, 503: None}, summary="Start a detection run")
def start() -> tuple[flask.Response, int, dict[str, str]]:
    """One at a time; it goes on by itself and is published when complete."""
    parts = services()
    run = runs.start(parts.graph, parts.settings.home)
    return flask.jsonify(run), 202, {"Location": f"/v1/detection/runs/{run['id']}"}


@api.get("/runs", responses={200: RunsAnswer, 503: None}, summary="The latest detection runs")
def show_runs(query: RunsQuery) -> flask.Response:
    """Latest first."""
    return flask.jsonify(runs=runs.latest(services().graph, query.limit))


@api.get("/runs/<id>", responses={200: RunAnswer, 404: None, 503: None}, summary="One detection run")
def show_run(path: RunPath) -> flask.Response:
    """Its state, parameters, counts and timings."""
    return flask.jsonify(runs.one(services().graph, path.id))
