"""Decisions: for a signup that the graph has not seen, and for a known account."""

from __future__ import annotations

import time
from typing import Any

import flask
import orjson
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field, ValidationError

from service.api.decision_models import Judgement
from service.api.judging import in_time, run_age_s, said
from service.api.monitoring import NOT_KEPT, SHADOW, count_decision
from service.api.problems import refuse_invalid
from service.api.query import Query
from service.api.services import Services, services
from service.api.signup_models import Signup, signup_model
from service.api.words import Level
from service.decisions import explain
from service.decisions.decide import throwaway
from service.decisions.desk import Answer
from service.decisions.journal import Journal
from service.decisions.policy import EventType
from service.errors import NotFoundError
from service.ingest.identifiers import identifiers_of
from service.ingest.normalise import ACCOUNT_ID_CHARS
from service.logs import log
from service.model.kinds import kinds

api = APIBlueprint("risk", __name__, url_prefix="/v1", abp_tags=[Tag(name="risk", description="Decisions")])


class AccountPath(BaseModel):
    """Which account."""

    id: str = Field(min_length=1, max_length=ACCOUNT_ID_CHARS, description="The account's id")


class WouldChangeAnswer(BaseModel):
    """An identifier that the level hangs by."""

    kind: str
    identifier: str
    score: float = Field(description="The account's score without it, if its ring stays as it is")
    level: Level


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
    table = kinds()
    with in_time(parts) as due:
        try:
            sent = signup_model(table)(**(body.model_extra or {})).model_dump()
        except ValidationError as error:
            refuse_invalid(error)
        spoken = {kind.name for kind in table.evidence}
        found = identifiers_of(parts.index_tokeniser, **sent)
        identifiers = [pair for pair in found if pair[0] in spoken or throwaway(*pair)]
        usable = {name for name, _ in found}
        left_out = [kind.name for kind in table.evidence if sent.get(kind.field or "") and kind.name not in usable]
        answer = parts.desk.signup(identifiers, due - time.monotonic(), left_out)
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
    with in_time(parts) as due:
        answer = parts.desk.account(path.id, due - time.monotonic())
    if answer is None:
        raise NotFoundError(f"there is no account {path.id!r}")
    extra = {"would_change": explain.account(parts.graph, path.id, answer.decision)} if query.explain else {}
    return _answer(parts, "account", path.id, [], answer, extra)


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
    common = said(parts, decision)
    kept = {
        "at": int(1000 * now),
        "event": event,
        "account": account_id,
        "inputs": orjson.dumps(inputs).decode(),
        "shadow_action": shadow_action,
        "reasons": reasons.decode(),
        "source": answer.source,
        **common,
    }
    count_decision(event, decision.level, decision.action, answer.source, decision.degraded)()
    if shadow_action not in (None, decision.action):
        SHADOW.labels(event, decision.action, shadow_action).inc()
    body = {
        "id": _keep(parts.journal, kept),
        **common,
        "reasons": orjson.Fragment(reasons),
        "run_age_s": run_age_s(decision, now),
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
