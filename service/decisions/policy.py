"""The policy: from which score on an action is taken, for each type of event. Format: docs/decisions.md."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from service.errors import SettingsError, told
from service.textfile import read_text

EventType = Literal["signup", "account"]
# A number only: `block = true` would block from 1 on.
Score = Annotated[float, Field(strict=True, ge=0, le=100)]


class Thresholds(BaseModel):
    """The lowest score (0 to 100) of each action; an action that is left out is never taken. Below all: allow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    review: Score | None = None
    challenge: Score | None = None
    block: Score | None = None

    @model_validator(mode="after")
    def _ascending(self) -> Thresholds:
        given = [bound for bound in (self.review, self.challenge, self.block) if bound is not None]
        if given != sorted(given):
            raise ValueError("a harder action needs a higher score: review <= challenge <= block")
        return self

    def action(self, score: float) -> str:
        """The hardest action whose threshold the score reaches."""
        if self.block is not None and score >= self.block:
            return "block"
        if self.challenge is not None and score >= self.challenge:
            return "challenge"
        if self.review is not None and score >= self.review:
            return "review"
        return "allow"


class Rules(BaseModel):
    """Thresholds for each type of event; a type that is left out is always allowed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    signup: Thresholds = Thresholds()
    account: Thresholds = Thresholds()

    def action(self, event: EventType, score: float) -> str:
        """The action for an event with this score."""
        thresholds: Thresholds = getattr(self, event)
        return thresholds.action(score)


class Policy(BaseModel):
    """A policy file. `enforce` is what answers say (left out: always allow, to begin safely); `shadow` is worked out
    beside it, and where the two differ is counted and listed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1, max_length=64, description="Your name for this policy; kept with each decision")
    enforce: Rules = Rules()
    shadow: Rules | None = None


_USUAL = Thresholds(review=50, challenge=60, block=90)
BUILT_IN = Policy(version="built-in-2", enforce=Rules(signup=_USUAL, account=_USUAL))


def load(path: Path | None) -> Policy:
    """Reads a policy file; None is the built-in policy. Raises SettingsError that names the file and the field."""
    if path is None:
        return BUILT_IN
    try:
        return Policy.model_validate(tomllib.loads(read_text(path)))
    except OSError as error:
        raise SettingsError(f"the policy file {path} can't be read ({error.strerror}); see RINGSIGHT_POLICY") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the policy file {path} is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise SettingsError(f"the policy file {path}: {where}: {told(first)}; see docs/decisions.md") from error
