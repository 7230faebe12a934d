"""Words that several answers use, as enumerations of the OpenAPI document; a test holds them against the model's."""

from __future__ import annotations

from typing import Literal

Level = Literal["low", "medium", "high", "critical"]
ActionName = Literal["allow", "review", "challenge", "block"]
Status = Literal["open", "reviewing", "confirmed", "dismissed"]
Label = Literal["fraud", "legitimate"]
EventName = Literal["signup", "account"]
