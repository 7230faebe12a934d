"""Logging in to the pages with an API key."""

from __future__ import annotations

import secrets

import flask
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field

from service.errors import UnauthenticatedError
from service.security.guard import SESSION_ID, SESSION_KEY, principal
from service.security.install import SESSION_HOURS, key_store

api = APIBlueprint("session", __name__, url_prefix="/v1", abp_tags=[Tag(name="session", description="Logins")])


class Login(BaseModel):
    """What opens a session."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(max_length=200, description="An API key")


class WhoAmI(BaseModel):
    """Who the caller is."""

    name: str = Field(description="The key's name; empty without a key")
    roles: list[str]
    how: str = Field(description="key, session, or off (this server asks for no keys); none: not logged in")


@api.post("/session", responses={204: None, 401: None}, summary="Log in")
def open_session(body: Login) -> tuple[str, int]:
    """Sets a signed cookie that scripts can't read. It ends with the key, with DELETE, or after 12 hours."""
    keys = key_store()
    key = keys.check(body.key.strip()) if keys else None
    if key is None:
        raise UnauthenticatedError("the API key is wrong, expired or revoked")
    flask.session.clear()
    flask.session.permanent = True
    flask.session.update({SESSION_KEY: key.id, SESSION_ID: secrets.token_hex(16)})
    return "", 204


@api.get("/session", responses={200: WhoAmI}, summary="Who am I?")
def show_session() -> dict[str, object]:
    """The name and roles of the caller."""
    who = principal()
    return {"name": who.name, "roles": sorted(who.roles), "how": who.how if who.id else "none"}


@api.delete("/session", responses={204: None}, summary="Log out")
def close_session() -> tuple[str, int]:
    """Ends the login, also for who kept its cookie."""
    keys, session_id = key_store(), flask.session.get(SESSION_ID)
    flask.session.clear()
    if keys and session_id and principal().how == "session":
        keys.end_session(session_id, SESSION_HOURS * 3600)
    return "", 204
