"""What a signup may come with: a field for each kind of identifier in the table of kinds."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from service.api.words import Text
from service.model.kinds import Table

EXAMPLE = {"ip": "203.0.113.7", "device_id": "d-81", "payment_fingerprint": "f-2"}


class Signup(BaseModel):
    """The identifiers of a signup by their fields; at least one."""  # views/docs.py puts the fields into the document

    model_config = ConfigDict(extra="allow")


class _AnySignup(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="after")
    def _one_at_least(self) -> _AnySignup:
        fields = type(self).model_fields
        if not any(getattr(self, field) for field in fields):
            *others, last = fields
            raise ValueError(f"send at least one of {', '.join(others)} and {last}" if others else f"send {last}")
        return self


@cache
def signup_model(table: Table) -> type[BaseModel]:
    """The fields that a signup may have: one for each kind of identifier."""
    fields: dict[str, Any] = {
        field: (Text | None, Field(default=None, description=kind.about)) for field, kind in table.fields.items()
    }
    return create_model(Signup.__name__, __doc__=Signup.__doc__, __base__=_AnySignup, **fields)


def signup_schema(table: Table) -> dict[str, Any]:
    """The same for the OpenAPI document, with an example of the built-in kinds that the table has."""
    example = {field: value for field, value in EXAMPLE.items() if field in table.fields}
    return {**signup_model(table).model_json_schema(), **({"examples": [example]} if example else {})}
