"""Decisions: for a signup that the graph has not seen, and for a known account."""

from __future__ import annotations

import time

import flask
import orjson
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field, model_validator

from service.errors import NotFoundError
from service.ingest.identifiers import identifiers_of
from service.ingest.normalise import ACCOUNT_ID_CHARS, VALUE_CHARS
from service.model.decision import Decision
from service.model.kinds import BY_NAME
from service.serving import decide
from service.serving.services import services

api = APIBlueprint("risk", __name__, url_prefix="/v1", abp_tags=[Tag(name="risk", description="Decisions")])


class Signup(BaseModel):
    """The identifiers of a signup; at least one."""

    model_config = ConfigDict(extra="forbid")

    ip: str | None = Field(default=None, max_length=64, examples=["203.0.113.7"])
    device_id: str | None = Field(default=None, max_length=VALUE_CHARS)
    payment_fingerprint: str | None = Field(
        default=None, max_length=VALUE_CHARS, description="The processor's fingerprint, never a card number"
    )

    @model_validator(mode="after")
    def _one_at_least(self) -> Signup:
        if not (self.ip or self.device_id or self.payment_fingerprint):
            raise ValueError("send at least one of ip, device_id and payment_fingerprint")
        return self


class AccountPath(BaseModel):
    """Which account."""

    id: str = Field(min_length=1, max_length=ACCOUNT_ID_CHARS, description="The account's id")


class ReasonAnswer(BaseModel):
    """One reason."""

    code: str
    text: str = Field(description="One plain sentence")
    points: float = Field(description="Its share of the score; negative if it lowers it")
    evidence: dict[str, int | float | str] = Field(description="Counts that support it")


class DecisionAnswer(BaseModel):
    """A decision."""

    score: float = Field(ge=0, le=100)
    level: str = Field(description="low, medium, high or critical")
    action: str = Field(description="allow, review, challenge or block, by the policy")
    ring: str | None = Field(description="The ring that speaks against it")
    reasons: list[ReasonAnswer]
    model_version: str
    run_id: str | None = Field(description="The detection run that it comes from; null before the first one")
    degraded: bool = Field(description="True if a store was missing: the answer may be older than usual")


@api.post("/risk/signup", responses={200: DecisionAnswer, 503: None}, summary="Decide about a signup")
def signup(body: Signup) -> flask.Response:
    """Judges identifiers that may never have been seen together; nothing is stored in the graph."""
    parts = services()
    found = identifiers_of(
        parts.tokeniser, ip=body.ip, device_id=body.device_id, payment_fingerprint=body.payment_fingerprint
    )
    identifiers = [pair for pair in found if pair[0] in BY_NAME]
    return _answer(decide.signup(parts.lookup, parts.policy, identifiers, int(time.time()), False))


@api.get(
    "/accounts/<path:id>/risk",
    responses={200: DecisionAnswer, 404: None, 503: None},
    summary="Decide about a known account",
)
def account(path: AccountPath) -> flask.Response:
    """The account's decision, from the published run."""
    parts = services()
    decision = decide.account(parts.lookup, parts.policy, path.id, False)
    if decision is None:
        raise NotFoundError(f"there is no account {path.id!r}")
    return _answer(decision)


def _answer(decision: Decision) -> flask.Response:
    return flask.Response(orjson.dumps(decision), mimetype="application/json")
