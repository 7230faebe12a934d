"""Kept decisions: one of them explained, and where the shadow policy differs."""

from __future__ import annotations

import time

import flask
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from service.api.decision_models import KeptDecision, shown
from service.api.query import Query
from service.api.services import services
from service.api.words import ActionName, EventName

api = APIBlueprint(
    "decisions", __name__, url_prefix="/v1", abp_tags=[Tag(name="decisions", description="Kept decisions")]
)


class DecisionPath(BaseModel):
    """Which decision."""

    id: str = Field(min_length=1, max_length=80, description="The id that the decision's answer had")


class DifferencesQuery(Query):
    """Which differences."""

    hours: float = Field(default=24, gt=0, le=24 * 366, description="How far to look back")
    limit: int = Field(default=50, ge=1, le=1000, description="How many of the latest to list")


class DifferenceCount(BaseModel):
    """How often the two policies differed in one way."""

    event: EventName
    action: ActionName
    shadow_action: ActionName
    count: int


class Differences(BaseModel):
    """Where the shadow policy differs from the enforced one."""

    shadow: bool = Field(description="Whether the policy file has a shadow policy now")
    counts: list[DifferenceCount]
    latest: list[KeptDecision]


@api.get("/decisions/<id>", responses={200: KeptDecision, 404: None}, summary="Explain a decision")
def show(path: DecisionPath) -> flask.Response:
    """The decision with its inputs, reasons and versions."""
    return flask.jsonify(shown(services().journal.find(path.id)))


@api.get("/policy/differences", responses={200: Differences}, summary="Where the shadow policy differs")
def differences(query: DifferencesQuery) -> flask.Response:
    """Counts by event and action, and the latest decisions that would have been others."""
    parts = services()
    # Imported after the fork: Polars starts threads, which do not survive one.
    from service.decisions import history

    counts, latest = history.differences(parts.journal.folder, time.time() - 3600 * query.hours, query.limit)
    return flask.jsonify(
        shadow=parts.policy.shadow is not None, counts=counts, latest=[shown(entry) for entry in latest]
    )
