"""Erasure of a person's account."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from service.api.services import services
from service.errors import NotFoundError
from service.ingest.normalise import ACCOUNT_ID_CHARS
from service.privacy import erase

api = APIBlueprint("erase", __name__, url_prefix="/v1", abp_tags=[Tag(name="privacy", description="Erasure")])


class ErasePath(BaseModel):
    """Which account."""

    id: str = Field(min_length=1, max_length=ACCOUNT_ID_CHARS, description="The account's id")


class ErasedAnswer(BaseModel):
    """What was removed."""

    accounts: int = Field(description="1 if the graph held the account")
    links: int = Field(description="Its links to identifiers")
    actions: int = Field(description="What people did and noted about it")
    identifiers: int = Field(description="Identifiers and networks that nobody else used")
    rings: dict[str, int] = Field(description="Rings it was in, with their size now; the next run scores them again")
    events: int | None = Field(description="Its events in the event log; null: that is Kafka, whose retention decides")
    rejects: int = Field(description="Its refused events")
    decisions: int = Field(description="Kept decisions about it")
    index: bool = Field(description="False: the read index forgets it when it is next built, with the next run")


@api.delete(
    "/accounts/<account:id>",
    responses={200: ErasedAnswer, 404: None, 409: None, 503: None},
    summary="Erase an account from every store",
)
def erase_account(path: ErasePath) -> dict[str, Any]:
    """409 while a detection run goes on. May be repeated; 404 once there is nothing left."""
    parts = services()
    found = erase.erase(parts.settings, parts.graph, parts.index, [path.id])
    if found.nothing:
        raise NotFoundError(f"no store holds anything about the account {path.id!r}")
    return asdict(found)
