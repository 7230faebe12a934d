"""Words that several requests and answers use, as enumerations of the OpenAPI document (a test holds them against the
model's), and the text that stands for a value."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from service.ingest.normalise import VALUE_CHARS
from service.sources.lines import LARGE, value_text

Level = Literal["low", "medium", "high", "critical"]
ActionName = Literal["allow", "review", "challenge", "block"]
Status = Literal["open", "reviewing", "confirmed", "dismissed"]
Label = Literal["fraud", "legitimate"]
EventName = Literal["signup", "account"]


def _text(value: object) -> str | None:
    text = value_text(value)
    if text is None and value is not None:
        raise PydanticCustomError("value", "Input should be text or a whole number below 2^63")
    return text


_Short = Annotated[str, Field(max_length=VALUE_CHARS)]
_Whole = Annotated[int, Field(gt=-LARGE, lt=LARGE)]
# A value that events may bring too: a whole number becomes its digits, as there.
Text = Annotated[_Short, BeforeValidator(_text, json_schema_input_type=_Short | _Whole)]
