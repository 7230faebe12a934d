"""The base of query models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

_SCHEMAS: dict[type[BaseModel], dict[str, Any]] = {}


class Query(BaseModel):
    """A query's members; others are refused. Flask-OpenAPI3 asks for the schema at every request, which takes longer
    than a decision: it is made once."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def model_json_schema(cls, *arguments: Any, **named: Any) -> dict[str, Any]:
        if arguments or named:
            return super().model_json_schema(*arguments, **named)
        if cls not in _SCHEMAS:
            _SCHEMAS[cls] = super().model_json_schema()
        return _SCHEMAS[cls]
