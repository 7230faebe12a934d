"""What a query may have: the base of query models, and a refusal where no query is read."""

from __future__ import annotations

import re
from typing import Any

import flask
from flask_openapi3 import OpenAPI
from pydantic import BaseModel, ConfigDict

from service.errors import InputError

_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
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


def refuse_strays(app: OpenAPI) -> None:
    """Operations under /v1 that read no query refuse one, as the others refuse what they do not know: what is ignored
    without a word is taken for done."""
    without = {
        (path, method.upper())
        for path, item in app.paths.items()
        for method in item.model_fields_set
        if path.startswith("/v1/") and not _reads_query(getattr(item, method))
    }

    def refuse() -> None:
        request = flask.request
        if not request.args or request.url_rule is None:
            return
        path, method = _VARIABLE.sub(r"{\1}", request.url_rule.rule), request.method.replace("HEAD", "GET")
        if (path, method) in without:
            name = next(iter(request.args))
            raise InputError(f"{name}: nothing is read from the query here; is it for another path?", field=name)

    app.before_request(refuse)


def _reads_query(operation: Any) -> bool:
    return any(parameter.param_in.value == "query" for parameter in operation.parameters or ())
