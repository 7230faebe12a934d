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
from werkzeug.exceptions import RequestEntityTooLarge

from service import tracing
from service.api import account_ids, problems
from service.api.monitoring import count_request, time_request
from service.api.query import refuse_strays
from service.api.services import EXTENSION, Holder, Services
from service.api.views import (
    accounts,
    actions,
    changes,
    decisions,
    erase,
    events,
    health,
    metrics,
    model,
    rings,
    risk,
    runs,
    search,
    session,
)
from service.api.views import (
    settings as settings_view,
)
from service.api.views.docs import docs
from service.logs import request_id
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
    model.api,
    session.api,
    settings_view.api,
)

# JSON takes up to 60 times its size in memory, and is parsed whole: what an endpoint has no use for is not read.
BODY_BYTES = 64 * 1024
LARGE_BODY_BYTES = {
    "events.send": 16 * 1024 * 1024,
    "accounts.set_labels": 1024 * 1024,
    "rings.set_statuses": 1024 * 1024,
}
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


class Request(flask.Request):
    """Refuses a body over the limit also if its length was not said before: Werkzeug would cut it without a word."""

    def get_data(self, *args: Any, **kwargs: Any) -> Any:
        data = super().get_data(*args, **kwargs)
        limit = self.max_content_length
        if limit is not None and len(data) >= limit and self.environ["wsgi.input"].read(1):
            raise RequestEntityTooLarge
        return data


class Application(OpenAPI):
    """The Flask application."""

    request_class = Request
    json_provider_class = Orjson

    def register_api(self, api: APIBlueprint, **options: Any) -> None:
        """A path may have methods in several files of routes: the document names them all."""
        for path, item in api.paths.items():
            if (known := self.paths.get(path)) is not None:
                for method in known.model_fields_set - item.model_fields_set:
                    setattr(item, method, getattr(known, method))
        super().register_api(api, **options)


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
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES
    app.config["SETTINGS"] = settings
    app.extensions[EXTENSION] = Holder(make_services)
    account_ids.install(app)
    app.before_request(_begin)
    for guard in guards:
        app.before_request(guard)
    app.after_request(_set_headers)
    app.after_request(_count)
    app.teardown_request(_end_span)
    problems.register(app)
    for api in APIS:
        app.register_api(api)
    refuse_strays(app)
    for blueprint in (docs, *pages):
        app.register_blueprint(blueprint)
    return app


def _begin() -> None:
    flask.g.started = time.perf_counter()
    given = flask.request.headers.get("X-Request-Id", "")
    flask.request.max_content_length = LARGE_BODY_BYTES.get(flask.request.endpoint or "", BODY_BYTES)
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
