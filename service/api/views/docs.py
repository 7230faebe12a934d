"""/openapi.json and /docs: the contract, and a page to read and try it that needs no other host."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import flask
import flask_openapi3_swagger
from flask_openapi3 import OpenAPI

from service.api.judging import MAX_DEADLINE_MS
from service.api.problems import MEDIA_TYPE, Problem
from service.api.signup_models import Signup, signup_schema
from service.decisions import reason_codes
from service.ingest.normalise import DEFAULT_TYPE, TYPES
from service.model.kinds import kinds
from service.security.access import is_public

SWAGGER = Path(flask_openapi3_swagger.__file__).parent / "templates" / "swagger"
# Swagger UI writes styles into the page; its scripts come from this host only.
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key: `ringsight keys create`"},
    "login": {"type": "apiKey", "in": "cookie", "name": "ringsight", "description": "POST /v1/session sets it"},
}
EXTENSION = "ringsight.openapi"
DEADLINE = {
    "name": "X-Deadline-Ms",
    "in": "header",
    "description": "When the answer is due; else RINGSIGHT_DECISION_DEADLINE_MS",
    "schema": {"type": "integer", "minimum": 1, "maximum": MAX_DEADLINE_MS},
}
CONVERTER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Ringsight API</title>
<meta name="viewport" content="width=device-width">
<link rel="icon" href="/static/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/swagger/css/swagger-ui.css">
</head>
<body>
<p><a href="/">Ringsight: the rings</a></p>
<div id="swagger-ui"></div>
<script src="/docs/swagger/js/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
START = """SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout"});
"""

docs = flask.Blueprint("docs", __name__, static_folder=str(SWAGGER), static_url_path="/docs/swagger")


@docs.get("/docs")
def page() -> flask.Response:
    """The page."""
    response = flask.Response(PAGE, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


@docs.get("/docs/start.js")
def start() -> flask.Response:
    """What starts Swagger UI: a file of its own, since the policy allows no script in the page."""
    return flask.Response(START, mimetype="text/javascript")


@docs.get("/openapi.json")
def openapi() -> flask.Response:
    """The OpenAPI 3.1 document, made at the first request."""
    app = flask.current_app
    assert isinstance(app, OpenAPI)
    if EXTENSION not in app.extensions:
        app.extensions[EXTENSION] = flask.json.dumps(document(app))
    return flask.Response(app.extensions[EXTENSION], mimetype="application/json")


def document(app: OpenAPI) -> dict[str, Any]:
    """The application's OpenAPI document, with every error as a problem document."""
    spec: dict[str, Any] = app.api_doc
    schema = {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}
    for operations in spec["paths"].values():
        for operation in operations.values():
            responses = operation.setdefault("responses", {})
            responses.setdefault("default", {"description": "Any error"})
            for status, response in responses.items():
                if status == "default" or status >= "400":
                    response["content"] = {MEDIA_TYPE: schema}
            if "risk" in operation.get("tags", ()):
                others = [one for one in operation.get("parameters", []) if one != DEADLINE]
                operation["parameters"] = [*others, DEADLINE]
    _put_kinds(spec)
    spec["servers"] = [{"url": "/", "description": "This server"}]
    spec["components"]["securitySchemes"] = SCHEMES
    spec["security"] = [{name: []} for name in SCHEMES]
    for rule in app.url_map.iter_rules():
        for method, operation in spec["paths"].get(CONVERTER.sub(r"{\1}", str(rule)), {}).items():
            if method.upper() in (rule.methods or ()) and is_public(rule.endpoint):
                operation["security"] = []
    return spec


def _put_kinds(spec: dict[str, Any]) -> None:
    """The fields of identifiers, which the table of kinds says, in what signups and events may have; and the codes of
    reasons, some of which name a kind."""
    schemas = spec["components"]["schemas"]
    schemas[Signup.__name__] = signup_schema(kinds())
    schemas["ReasonOut"]["properties"]["code"]["enum"] = list(reason_codes.every())
    schemas["ReasonAnswer"]["properties"]["code"]["enum"] = list(reason_codes.of_accounts())
    content = spec["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/json"]
    content["schema"] = {**content["schema"], "items": _event_schema()}


def _event_schema() -> dict[str, Any]:
    """What an event may have; docs/ingest.md has the rules. Values are text, or whole numbers in its place."""
    about = {
        "account_id": "The account's own id",
        "occurred_at": "RFC 3339, such as 2026-03-01T12:00:00Z",
        "type": f"One of {', '.join(TYPES)}; {DEFAULT_TYPE} if it is missing",
        **{field: kind.about for field, kind in kinds().fields.items()},
        "event_id": "The same id counts once",
        "uses": "Of an event that stands for many requests; 1 if it is missing",
    }
    properties = {field: {"type": ["string", "integer", "null"], "description": text} for field, text in about.items()}
    return {"type": "object", "required": ["account_id", "occurred_at"], "properties": properties}
