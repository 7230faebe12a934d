"""Accounts: one with its links and ring, its neighbourhood, and labels."""

from __future__ import annotations

from typing import Literal

import flask
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field

from service.api import account_models as models
from service.api.notes import Note
from service.api.ring_models import Actions, Drawing
from service.api.rings import actor
from service.serving import accounts, actions
from service.serving.services import services

api = APIBlueprint("accounts", __name__, url_prefix="/v1", abp_tags=[Tag(name="accounts", description="Accounts")])

Label = Literal["fraud", "legitimate"]


class AccountPath(BaseModel):
    """Which account."""

    id: str = Field(min_length=1, max_length=256)


class LabelBody(BaseModel):
    """What people know about an account; null takes the label away."""

    model_config = ConfigDict(extra="forbid")

    label: Label | None
    note: Note = ""


class LabelsBody(LabelBody):
    """The same label for many accounts."""

    ids: list[str] = Field(min_length=1, max_length=1000)


@api.post("/accounts/labels", responses={200: Actions}, summary="Labels many accounts")
def set_labels(body: LabelsBody) -> flask.Response:
    """All or none: an unknown id changes nothing. The next detection run learns from it."""
    return _label(list(dict.fromkeys(body.ids)), body)


@api.get("/accounts/<account:id>", responses={200: models.Account}, summary="One account")
def show_account(path: AccountPath) -> flask.Response:
    """With its ring, its reasons, its journal and up to 200 of its links, the most shared first."""
    graph = services().graph
    return flask.jsonify(**accounts.account(graph, path.id), actions=accounts.journal(graph, path.id))


@api.get("/accounts/<account:id>/graph", responses={200: Drawing}, summary="What is around an account")
def show_graph(path: AccountPath) -> flask.Response:
    """Its identifiers and accounts that share them, bounded: 40 identifiers, 120 accounts."""
    return flask.jsonify(accounts.neighbourhood(services().graph, path.id))


@api.post("/accounts/<account:id>/label", responses={200: Actions}, summary="Labels an account")
def set_label(path: AccountPath, body: LabelBody) -> flask.Response:
    """fraud, legitimate, or null to take the label away."""
    return _label([path.id], body)


def _label(ids: list[str], body: LabelBody) -> flask.Response:
    changed = actions.set_label(services().graph, ids, body.label, actor(), body.note)
    for account_id in ids:
        services().labelled(account_id)
    return flask.jsonify(actions=changed)
