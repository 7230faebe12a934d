"""/metrics for Prometheus."""

from __future__ import annotations

import flask
from flask_openapi3 import APIBlueprint, Tag
from prometheus_client import CONTENT_TYPE_LATEST

from service.api import monitoring
from service.api.services import services

api = APIBlueprint("metrics", __name__, abp_tags=[Tag(name="health", description="For load balancers and operators")])


TEXT = {"description": "The Prometheus text format", "content": {"text/plain": {"schema": {"type": "string"}}}}


@api.get("/metrics", responses={200: TEXT}, summary="Prometheus metrics of all workers")
def show() -> flask.Response:
    """Requests, decisions, shadow differences, the age of the run and the index, and whether the graph answers."""
    return flask.Response(monitoring.text(services()), content_type=CONTENT_TYPE_LATEST)
