"""Accounts: one with its links and ring, its neighbourhood, and labels."""

from __future__ import annotations

from collections.abc import Mapping

import flask
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field

from service.api import account_models as models
from service.api.judging import judgement
from service.api.notes import Note
from service.api.ring_models import Actions, Drawing
from service.api.services import services
from service.api.words import Label, Text
from service.rings import accounts, actions
from service.security.guard import about, actor

api = APIBlueprint("accounts", __name__, url_prefix="/v1", abp_tags=[Tag(name="accounts", description="Accounts")])


class AccountPath(BaseModel):
    """Which account."""

    id: str = Field(min_length=1, max_length=256)


class Labelled(BaseModel):
    """What people know about accounts; null takes the label away."""

    model_config = ConfigDict(extra="forbid")

    label: Label | None
    note: Note = ""


class LabelBody(Labelled):
    """What people know about an account."""

    seen: Label | None = Field(
        default=None,
        description="The label that you saw it with, null for none: 409 if somebody changed it since, with who and "
        "when. Left out: not checked",
    )


class LabelsBody(Labelled):
    """The same label for many accounts."""

    ids: list[Text] = Field(min_length=1, max_length=1000)
    seen: dict[str, Label | None] = Field(
        default={},
        description="The label that you saw each account with, null for none: 409 if somebody changed one since",
    )


@api.post("/accounts/labels", responses={200: Actions, 404: None, 409: None}, summary="Labels many accounts")
def set_labels(body: LabelsBody) -> flask.Response:
    """All or none: an unknown id changes nothing, nor does one that somebody else labelled since you saw it. The next
    detection run learns from it."""
    about("accounts", list(dict.fromkeys(body.ids)))
    return _label(list(dict.fromkeys(body.ids)), body, body.seen)


@api.get("/accounts/<account:id>", responses={200: models.Account, 404: None}, summary="One account")
def show_account(path: AccountPath) -> flask.Response:
    """With its ring, its reasons, its journal and up to 200 of its links, the most shared first. `decision` is what
    GET /v1/accounts/{id}/risk would answer now; looking keeps and counts none."""
    graph = services().graph
    found = accounts.account(graph, path.id)
    decision = judgement(services(), path.id)
    return flask.jsonify(**found, actions=accounts.journal(graph, path.id), decision=decision)


@api.get("/accounts/<account:id>/graph", responses={200: Drawing, 404: None}, summary="What is around an account")
def show_graph(path: AccountPath) -> flask.Response:
    """Its identifiers and accounts that share them, bounded: 40 identifiers, 120 accounts."""
    return flask.jsonify(accounts.neighbourhood(services().graph, path.id))


@api.post("/accounts/<account:id>/label", responses={200: Actions, 404: None, 409: None}, summary="Labels an account")
def set_label(path: AccountPath, body: LabelBody) -> flask.Response:
    """fraud, legitimate, or null to take the label away."""
    return _label([path.id], body, {path.id: body.seen} if "seen" in body.model_fields_set else {})


def _label(ids: list[str], body: Labelled, seen: Mapping[str, str | None]) -> flask.Response:
    changed = actions.set_label(services().graph, ids, body.label, actor(), body.note, seen)
    for account_id in ids:
        services().labelled(account_id)
    return flask.jsonify(actions=changed)
