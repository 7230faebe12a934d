"""What the endpoints about accounts answer, for the OpenAPI document; tests hold real answers against these."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from service.api.decision_models import Judgement
from service.api.ring_models import Action, ReasonOut, Within
from service.api.words import Label, Level, Status


class Membership(BaseModel):
    """The ring that an account is in."""

    id: str
    score: float
    level: Level
    size: int
    status: Status
    strength: float | None = Field(description="How firmly the account belongs, 0 to 1")


class Use(BaseModel):
    """An identifier that an account uses."""

    kind: str
    id: str
    accounts: int = Field(description="Accounts that use it")
    within: list[Within] = Field(description="What it is part of: an address of its network, a mailbox of its domain")
    uses: int | None
    first_seen: datetime | None
    last_seen: datetime | None


class Account(BaseModel):
    """One account."""

    id: str
    created_at: datetime | None
    created_from: str | None = Field(description="signup, or event if no signup was seen")
    risk: float | None
    level: Level
    label: Label | None
    reasons: list[ReasonOut]
    ring: Membership | None
    links: list[Use]
    total_links: int
    actions: list[Action]
    decision: Judgement | None = Field(
        description="What would be answered about it now; null if neither the index nor the graph can say in time"
    )
