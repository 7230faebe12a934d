"""The model behind the scores."""

from __future__ import annotations

from typing import Any

import flask
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from service.decisions.model_card import model_card

api = APIBlueprint("model", __name__, url_prefix="/v1", abp_tags=[Tag(name="detection", description="Detection runs")])


class TermAnswer(BaseModel):
    """One term of the model."""

    code: str
    measure: str = Field(description="What is measured, as reasons name it in their evidence")
    adds: str = Field(description="The sentence of its suspicious side")
    takes: str = Field(description="The sentence of its other side")
    knots: list[float] = Field(description="Values of the fact, rising")
    nats: list[float] = Field(description="What is added to the logit at each knot, in straight lines between")
    nats_unknown: float = Field(description="What is added where the fact is not known")
    nats_usual: float = Field(description="The mean of what is added, over what it was fitted on")
    range: float = Field(description="Nats between its lowest and highest value")
    error: float = Field(description="Standard error of the range: bootstrap over worlds")


class TableAnswer(BaseModel):
    """The terms of rings, or of accounts."""

    base: float
    score_usual: float = Field(description="0 to 100, where every term is as usual")
    terms: list[TermAnswer]


class TablesAnswer(BaseModel):
    """The tables that belong together."""

    rings: TableAnswer
    accounts: TableAnswer


class ModelAnswer(BaseModel):
    """The model card."""

    version: str
    formula: str
    fitted_on: dict[str, Any]
    use: str
    limits: str
    with_addresses: TablesAnswer = Field(description="For data that tells addresses")
    without_addresses: TablesAnswer = Field(description="For data that does not")
    signups: dict[str, dict[str, float]] = Field(
        description="By role of an identifier (strong, place): the risk of a newcomer where all on it are fake by "
        "births or a ring, or where so many came at once (births, ring, burst; 0 to 1)"
    )


@api.get("/model", responses={200: ModelAnswer}, summary="The model: every term with its sentences and learned values")
def show_model() -> flask.Response:
    """As `ringsight model` prints it."""
    return flask.jsonify(model_card())
