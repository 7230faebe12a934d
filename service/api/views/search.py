"""Search: whatever a term leads to beside rings, which `GET /v1/rings?identifier=` finds."""

from __future__ import annotations

from datetime import datetime

import flask
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from service.api.decision_models import KeptDecision, shown
from service.api.query import Query
from service.api.services import services
from service.api.words import Label, Level
from service.errors import NotFoundError
from service.rings import search

api = APIBlueprint("search", __name__, url_prefix="/v1", abp_tags=[Tag(name="search", description="Search")])


class SearchQuery(Query):
    """What for."""

    q: str = Field(
        min_length=1,
        max_length=512,
        description="An account id or its beginning, the value of any identifier as events have it, a network or "
        "another derived value, one of their tokens, or a decision's id",
    )
    limit: int = Field(default=20, ge=1, le=1000, description="Accounts to list, also of each identifier")


class AccountHit(BaseModel):
    """An account."""

    id: str
    risk: float | None
    level: Level
    label: Label | None
    created_at: datetime | None
    ring: str | None = Field(description="The ring of the published run that it is in")


class IdentifierHit(BaseModel):
    """An identifier, also a derived one (a network)."""

    kind: str = Field(description="payment_method, device, ip, network or another kind of identifier")
    id: str
    accounts: int = Field(description="Accounts that use it")
    newest: list[AccountHit] = Field(description="The newest of them, up to `limit`")


class Hits(BaseModel):
    """What was found."""

    accounts: list[AccountHit] = Field(description="Up to `limit`, in the order of their ids")
    identifiers: list[IdentifierHit]
    decision: KeptDecision | None


@api.get("/search", responses={200: Hits}, summary="Accounts, identifiers, networks and decisions")
def find(query: SearchQuery) -> flask.Response:
    """Rings with a term are at GET /v1/rings?identifier=."""
    parts, term = services(), query.q.strip()
    graph = parts.graph
    try:
        decision = shown(parts.journal.find(term))
    except NotFoundError:
        decision = None
    return flask.jsonify(
        accounts=search.accounts(graph, term, query.limit) if term else [],
        identifiers=search.identifiers(graph, search.candidates(parts.tokeniser, term), query.limit),
        decision=decision,
    )
