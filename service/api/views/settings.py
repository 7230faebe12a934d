"""The settings in use."""

from __future__ import annotations

import flask
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from service.api.services import services
from service.settings import in_use

api = APIBlueprint("settings", __name__, url_prefix="/v1", abp_tags=[Tag(name="operation", description="Operation")])


class SettingAnswer(BaseModel):
    """One setting."""

    name: str = Field(description="The environment variable")
    value: str | None = Field(
        description="As text; of an address the scheme, host and port only, of a secret `(set)`; null: empty"
    )
    given: bool = Field(description="Whether the environment has it; else it is the default")


class SettingsAnswer(BaseModel):
    """All of them."""

    settings: list[SettingAnswer]


@api.get("/settings", responses={200: SettingsAnswer}, summary="The settings in use, without secrets")
def show_settings() -> flask.Response:
    """Of the process that answers; docs/settings.md says what each is."""
    return flask.jsonify(settings=in_use(services().settings))
