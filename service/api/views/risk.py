"""Decisions: for a signup that the graph has not seen, and for a known account."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import flask
import orjson
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator

from service.api.monitoring import NOT_KEPT, SHADOW, count_decision
from service.api.problems import refuse_invalid
from service.api.query import Query
from service.api.services import Services, services
from service.api.words import ActionName, Level
from service.decisions import explain
from service.decisions.desk import Answer
from service.decisions.journal import Journal
from service.decisions.policy import EventType
from service.errors import InputError, NotFoundError, UnavailableError
from service.ingest.identifiers import identifiers_of
from service.ingest.normalise import ACCOUNT_ID_CHARS, VALUE_CHARS
from service.logs import log
from service.model.decision import Decision
from service.model.kinds import Table, kinds

MAX_DEADLINE_MS = 60_000
EXAMPLE = {"ip": "203.0.113.7", "device_id": "d-81", "payment_fingerprint": "f-2"}

api = APIBlueprint("risk", __name__, url_prefix="/v1", abp_tags=[Tag(name="risk", description="Decisions")])


class Signup(BaseModel):
    """The identifiers of a signup by their fields; at least one."""  # docs.py puts the fields into the document

    model_config = ConfigDict(extra="allow")


class _AnySignup(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="after")
    def _one_at_least(self) -> _AnySignup:
        fields = type(self).model_fields
        if not any(getattr(self, field) for field in fields):
            *others, last = fields
            raise ValueError(f"send at least one of {', '.join(others)} and {last}" if others else f"send {last}")
        return self


@cache
def signup_model(table: Table) -> type[BaseModel]:
    """The fields that a signup may have: one for each kind of identifier."""
    fields: dict[str, Any] = {
        field: (str | None, Field(default=None, max_length=VALUE_CHARS, description=kind.about))
        for field, kind in table.fields.items()
    }
    return create_model(Signup.__name__, __doc__=Signup.__doc__, __base__=_AnySignup, **fields)


def signup_schema(table: Table) -> dict[str, Any]:
    """The same for the OpenAPI document, with an example of the built-in kinds that the table has."""
    example = {field: value for field, value in EXAMPLE.items() if field in table.fields}
    return {**signup_model(table).model_json_schema(), **({"examples": [example]} if example else {})}


class AccountPath(BaseModel):
    """Which account."""

    id: str = Field(min_length=1, max_length=ACCOUNT_ID_CHARS, description="The account's id")


class ReasonAnswer(BaseModel):
    """One reason."""

    code: str
    text: str = Field(description="One plain sentence")
    points: float = Field(description="Its share of the score; negative if it lowers it")
    evidence: dict[str, int | float | str] = Field(description="Counts that support it")


class WouldChangeAnswer(BaseModel):
    """An identifier that the level hangs by."""

    kind: str
    identifier: str
    score: float = Field(description="The account's score without it, if its ring stays as it is")
    level: Level


class Judgement(BaseModel):
    """What is answered, and why."""

    score: float = Field(ge=0, le=100)
    level: Level
    action: ActionName = Field(description="By the policy")
    ring: str | None = Field(description="The ring that speaks against it")
    reasons: list[ReasonAnswer]
    model_version: str
    run_id: str | None = Field(description="The detection run that it comes from; null before the first one")
    run_age_s: int | None = Field(description="Seconds since that run finished")
    policy_version: str
    degraded: bool = Field(description="True while the graph database does not answer: what it would add is missing")


class DecisionAnswer(Judgement):
    """A decision."""

    id: str | None = Field(
        description="Names this decision: GET /v1/decisions/{id} explains it later; null if it could not be kept"
    )
    would_change: list[WouldChangeAnswer] | None = Field(
        default=None, description="With explain=true: single identifiers whose removal would change the level"
    )


@api.post("/risk/signup", responses={200: DecisionAnswer, 503: None}, summary="Decide about a signup")
def signup(body: Signup) -> flask.Response:
    """Judges identifiers that may never have been seen together; nothing is stored in the graph."""
    parts = services()
    deadline = _deadline(parts)
    table = kinds()
    try:
        sent = signup_model(table)(**(body.model_extra or {})).model_dump()
    except ValidationError as error:
        refuse_invalid(error)
    spoken = {kind.name for kind in table.evidence}
    identifiers = [pair for pair in identifiers_of(parts.index_tokeniser, **sent) if pair[0] in spoken]
    answer = parts.desk.signup(identifiers, deadline - time.monotonic())
    return _answer(parts, "signup", None, identifiers, answer)


class AccountQuery(Query):
    """How much is wanted."""

    explain: bool = Field(default=False, description="Add would_change; this asks the graph and is slower")


@api.get(
    "/accounts/<account:id>/risk",
    responses={200: DecisionAnswer, 404: None, 503: None},
    summary="Decide about a known account",
)
def account(path: AccountPath, query: AccountQuery) -> flask.Response:
    """The account's decision, from the published run; one that came after it is judged by its identifiers."""
    parts = services()
    answer = parts.desk.account(path.id, _deadline(parts) - time.monotonic())
    if answer is None:
        raise NotFoundError(f"there is no account {path.id!r}")
    extra = {"would_change": explain.account(parts.graph, path.id)} if query.explain else {}
    return _answer(parts, "account", path.id, [], answer, extra)


def _deadline(parts: Services) -> float:
    """When the answer is due, on the monotonic clock."""
    given = flask.request.headers.get("X-Deadline-Ms")
    if given is None:
        return time.monotonic() + parts.settings.decision_deadline_ms / 1000
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:6]) <= MAX_DEADLINE_MS and len(given) < 6):
        raise InputError(f"the header X-Deadline-Ms must be a whole number from 1 to {MAX_DEADLINE_MS}")
    return time.monotonic() + int(given) / 1000


def judgement(parts: Services, account_id: str) -> dict[str, Any] | None:
    """What would be answered for an account now, neither kept nor counted: somebody looks. None: nothing can say."""
    try:
        answer = parts.desk.account(account_id, _deadline(parts) - time.monotonic())
    except UnavailableError:
        return None
    if answer is None:
        return None
    decision = answer.decision
    return {**_said(parts, decision), "reasons": decision.reasons, "run_age_s": _age(decision, time.time())}


def _said(parts: Services, decision: Decision) -> dict[str, Any]:
    return {
        "score": decision.score,
        "level": decision.level,
        "action": decision.action,
        "ring": decision.ring,
        "model_version": decision.model_version,
        "run_id": decision.run_id,
        "policy_version": parts.policy.version,
        "degraded": decision.degraded,
    }


def _age(decision: Decision, now: float) -> int | None:
    return max(int(now) - decision.run_finished, 0) if decision.run_id else None


def _answer(
    parts: Services,
    event: EventType,
    account_id: str | None,
    inputs: list[tuple[str, str]],
    answer: Answer,
    extra: dict[str, Any] | None = None,
) -> flask.Response:
    """Keeps the decision, then answers it."""
    decision, now = answer.decision, time.time()
    reasons = orjson.dumps(decision.reasons)
    shadow = parts.policy.shadow
    shadow_action = shadow.action(event, decision.score) if shadow else None
    said = _said(parts, decision)
    kept = {
        "at": int(1000 * now),
        "event": event,
        "account": account_id,
        "inputs": orjson.dumps(inputs).decode(),
        "shadow_action": shadow_action,
        "reasons": reasons.decode(),
        "source": answer.source,
        **said,
    }
    count_decision(event, decision.level, decision.action, answer.source, decision.degraded)()
    if shadow_action not in (None, decision.action):
        SHADOW.labels(event, decision.action, shadow_action).inc()
    body = {
        "id": _keep(parts.journal, kept),
        **said,
        "reasons": orjson.Fragment(reasons),
        "run_age_s": _age(decision, now),
        **(extra or {}),
    }
    return flask.Response(orjson.dumps(body), mimetype="application/json")


def _keep(journal: Journal, entry: dict[str, Any]) -> str | None:
    """The decision's id; None if the disk refuses: somebody waits for the answer."""
    try:
        return journal.write(entry)
    except OSError as error:
        NOT_KEPT.inc()
        log.error("a decision was not kept: %s", error)
        return None
