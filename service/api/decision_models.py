"""What several endpoints answer about decisions, for the OpenAPI document, and a kept decision in that form."""

from __future__ import annotations

import time
from typing import Any

import orjson
from pydantic import BaseModel, Field

from service.api.words import ActionName, EventName, Level


class ReasonAnswer(BaseModel):
    """One reason."""

    code: str
    text: str = Field(description="One plain sentence")
    points: float = Field(description="Its share of the score; negative if it lowers it")
    evidence: dict[str, int | float | str] = Field(description="Counts that support it")


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


class KeptDecision(BaseModel):
    """A decision as it was made, with what it was made from."""

    id: str
    at: str = Field(description="When, RFC 3339")
    event: EventName
    account: str | None
    inputs: list[list[str]] = Field(description="[kind, token] of each identifier that a signup came with")
    score: float
    level: Level
    action: ActionName = Field(description="What was answered, by the enforced policy")
    shadow_action: ActionName | None = Field(description="What the shadow policy would have answered")
    ring: str | None
    reasons: list[ReasonAnswer]
    model_version: str
    run_id: str | None
    policy_version: str
    degraded: bool
    source: str = Field(description="index or graph")


def shown(entry: dict[str, Any]) -> dict[str, Any]:
    """A kept decision as answers have it."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(entry["at"] // 1000))
    return {
        **entry,
        "at": f"{at}.{entry['at'] % 1000:03d}Z",
        "inputs": orjson.loads(entry["inputs"]),
        "reasons": orjson.loads(entry["reasons"]),
    }
