"""Every error as one shape: an RFC 9457 problem document."""

from __future__ import annotations

from typing import Any, NoReturn

import flask
from neo4j.exceptions import DriverError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import HTTPException

from service.errors import InputError, RingsightError, UnavailableError, told
from service.logs import log

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2


class FieldProblem(BaseModel):
    """One field that can't be used."""

    field: str = Field(description="Where: the path of the field in the body, path or query")
    message: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="A stable name of the kind of problem, as a URN")
    title: str
    status: int
    detail: str
    code: str = Field(description="The same stable name, short")
    request_id: str | None = None
    errors: list[FieldProblem] | None = None


def problem(
    status: int, code: str, title: str, detail: str, extra: dict[str, Any] | None = None, headers: Any = ()
) -> flask.Response:
    """A problem document as a response; None in `extra` is left out."""
    body = {"type": f"urn:ringsight:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    request_id = flask.g.get("request_id")
    extra = {"request_id": request_id, **(extra or {})}
    body.update({key: value for key, value in extra.items() if value is not None})
    return flask.Response(flask.json.dumps(body), status, headers, mimetype=MEDIA_TYPE)


def refuse_invalid(error: ValidationError) -> NoReturn:
    """Turns pydantic's findings on a request into an InputError that lists each field."""
    request = flask.request
    if request.mimetype and request.is_json and request.get_json(silent=True) is None and request.data != b"null":
        raise InputError("the body is not valid JSON; send one JSON object") from error
    errors = [
        {"field": ".".join(str(part) for part in found["loc"]) or "body", "message": told(found)}
        for found in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    if request.method in ("POST", "PUT", "PATCH") and not request.is_json:
        raise InputError("the body must be JSON, with the header Content-Type: application/json", errors=errors)
    first = errors[0]
    raise InputError(f"{first['field']}: {first['message']}", errors=errors) from error


def register(app: flask.Flask) -> None:
    """Sets the one handler for each family of errors."""
    app.register_error_handler(RingsightError, _ours)
    app.register_error_handler(DriverError, _driver)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _ours(error: RingsightError) -> flask.Response:
    headers = {"Retry-After": str(RETRY_AFTER_S)} if error.status == 503 else error.headers
    if error.status >= 500 and error.status != 503:
        log.error("%s %s: %s", flask.request.method, flask.request.url_rule, error.detail)
    if _for_people():
        return _page(error.status, error.title, error.detail, headers)
    extra = dict(error.extra)
    if "field" in extra and not extra.get("errors"):
        extra["errors"] = [{"field": extra.pop("field"), "message": error.detail}]
    return problem(error.status, error.code, error.title, error.detail, extra, headers)


def _driver(error: DriverError) -> flask.Response:
    log.warning("%s %s: graph: %s", flask.request.method, flask.request.url_rule, error)
    return _ours(UnavailableError("the graph database does not answer; try again shortly"))


def _http(error: HTTPException) -> flask.Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    detail = error.description or error.name
    headers = [(key, value) for key, value in error.get_headers() if key not in ("Content-Type", "Content-Length")]
    if _for_people():
        missing = ("There is no such page", "The list of rings and its search lead to everything.")
        return _page(error.code, *(missing if error.code == 404 else (error.name, detail)), headers)
    code = (error.name or "error").lower().replace(" ", "_")
    return problem(error.code, code, error.name, detail, None, headers)


def _page(status: int, title: str, detail: str, headers: Any = ()) -> flask.Response:
    text = flask.render_template("problem.html", title=title, detail=detail, status=status)
    return flask.Response(text, status, headers)


def _for_people() -> bool:
    """Whether a browser asks for a page: programs, and all of the API, get a problem document."""
    request = flask.request
    if request.path.startswith("/v1/") or "pages" not in flask.current_app.blueprints:
        return False
    return request.accept_mimetypes.best_match([MEDIA_TYPE, "text/html"]) == "text/html"


def _unexpected(error: Exception) -> flask.Response:
    log.error("%s %s failed", flask.request.method, flask.request.url_rule, exc_info=error)
    return problem(500, "internal", "Something went wrong", "an unexpected error; the log has it under the request id")
