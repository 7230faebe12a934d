"""The application factory: routes, errors, request ids, security headers, and hooks for pages and role checks."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import flask
import orjson
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask_openapi3 import APIBlueprint, Info, OpenAPI

from service import tracing
from service.api import (
    accounts,
    actions,
    changes,
    decisions,
    erase,
    events,
    health,
    metrics,
    problems,
    rings,
    risk,
    runs,
    search,
    session,
)
from service.api.docs import docs
from service.logs import request_id
from service.serving.metrics import count_request, time_request
from service.serving.services import EXTENSION, Holder, Services
from service.settings import Settings

Guard = Callable[[], ResponseReturnValue | None]

# One line for each file of routes.
APIS = (
    erase.api,
    health.api,
    metrics.api,
    decisions.api,
    runs.api,
    risk.api,
    events.api,
    accounts.api,
    changes.api,
    rings.api,
    search.api,
    actions.api,
    session.api,
)

MAX_BODY_BYTES = 16 * 1024 * 1024
REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Orjson(DefaultJSONProvider):
    """JSON by orjson: a few times quicker, which the risk endpoints feel."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj, default=str, option=orjson.OPT_NON_STR_KEYS).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)


class Application(OpenAPI):
    """The Flask application."""

    json_provider_class = Orjson


def create_app(
    settings: Settings,
    make_services: Callable[[], Services],
    *,
    pages: Sequence[flask.Blueprint] = (),
    guards: Sequence[Guard] = (),
) -> Application:
    """The application. `make_services` is called once in each process, on first use. `pages` are further blueprints
    (the web pages); `guards` run before each request, in order, and may answer it or raise (role checks)."""
    app = Application(
        "service.api",
        info=Info(title="Ringsight", version=version("ringsight"), description="Rings of fake accounts."),
        doc_ui=False,
        static_folder=None,
        validation_error_model=problems.Problem,
        validation_error_callback=problems.refuse_invalid,
    )
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["SETTINGS"] = settings
    app.extensions[EXTENSION] = Holder(make_services)
    app.before_request(_name_request)
    for guard in guards:
        app.before_request(guard)
    app.after_request(_set_headers)
    app.after_request(_count)
    app.teardown_request(_end_span)
    problems.register(app)
    for api in APIS:
        _register(app, api)
    for blueprint in (docs, *pages):
        app.register_blueprint(blueprint)
    return app


def _register(app: Application, api: APIBlueprint) -> None:
    """Adds routes. A path that another file has too (reading an account, erasing it) keeps the methods of both in the
    OpenAPI document; Flask-OpenAPI3 would keep the last one's."""
    before = dict(app.paths)
    app.register_api(api)
    for path in before.keys() & api.paths.keys():
        added = {name: getattr(api.paths[path], name) for name in api.paths[path].model_fields_set}
        app.paths[path] = before[path].model_copy(update=added)


def _name_request() -> None:
    flask.g.started = time.perf_counter()
    given = flask.request.headers.get("X-Request-Id", "")
    flask.g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    request_id.set(flask.g.request_id)
    rule = flask.request.url_rule
    method, route = (flask.request.method, rule.rule) if rule else ("other", "none")
    flask.g.opened = tracing.span(
        f"{method} {route}", flask.request.headers.get("traceparent", ""), request_id=flask.g.request_id
    )
    flask.g.span = flask.g.opened.__enter__()


def _set_headers(response: flask.Response) -> flask.Response:
    headers = response.headers
    headers["X-Request-Id"] = flask.g.get("request_id", "")
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    return response


def _count(response: flask.Response) -> flask.Response:
    request = flask.request
    rule = request.url_rule
    route = rule.rule if rule else "none"
    # Methods and statuses are few; made-up methods are not worth a series each.
    count_request(request.method if rule else "other", route, response.status_code)()
    flask.g.span.set_attribute("http.response.status_code", response.status_code)
    if response.status_code >= 500:
        flask.g.span.fail(str(response.status_code))
    time_request(route)(time.perf_counter() - flask.g.started)
    return response


def _end_span(error: BaseException | None) -> None:
    opened = flask.g.pop("opened", None)
    if opened is not None:
        opened.__exit__(type(error) if error else None, error, None)
