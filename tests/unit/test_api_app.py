"""The application without a database: documents, errors, headers, hooks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import flask
import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from service import bootstrap
from service.api import readiness, words
from service.api.app import create_app
from service.api.services import EXTENSION, Services
from service.api.views import docs
from service.api.views.docs import document
from service.decisions.index import records
from service.errors import ConflictError
from service.export.redact import PROFILES
from service.export.ring import FORMATS
from service.model import decision
from service.security.roles import Role
from service.settings import Settings
from service.sources.lines import json_objects
from tests.support import security


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def client(settings: Settings) -> Iterator[FlaskClient]:
    app = bootstrap.application(settings)
    with app.test_client() as client:
        yield client
    app.extensions[EXTENSION].close()


def test_health_needs_no_store(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_readiness_says_what_is_missing(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    missing = answer.get_json()["missing"]
    assert "ringsight index rebuild" in missing[0]
    assert "ringsight engine start" in missing[1]
    assert answer.get_json()["decides"] is False


def test_readiness_tells_paths_and_addresses_to_those_with_a_key(tmp_path: Path) -> None:
    asking = security.client(tmp_path)
    answer = asking.get("/readyz")
    assert (answer.status_code, answer.get_json()["missing"]) == (503, ["the read index", "the graph database"])
    known = asking.get("/readyz", headers=security.bearer(tmp_path, Role.MONITOR)).get_json()
    assert str(tmp_path) in known["missing"][0]


def test_readiness_needs_a_home_that_can_be_written(
    client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # tests may run as root, whom no mode stops
    missing = client.get("/readyz").get_json()["missing"]
    assert missing[-1] == f"{settings.home} can't be written: no event and no change is taken"


def test_readiness_and_the_document_are_made_once_for_many(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    check, write = readiness.check, docs.document

    def counted(parts: Services) -> readiness.Readiness:
        made.append("ready")
        return check(parts)

    def counted_document(app: OpenAPI) -> dict[str, Any]:
        made.append("document")
        return write(app)

    monkeypatch.setattr(readiness, "check", counted)
    monkeypatch.setattr(docs, "document", counted_document)
    for _ in range(20):
        assert client.get("/readyz").status_code == 503
        assert client.get("/openapi.json").get_json()["openapi"].startswith("3.1")
    assert made.count("document") == 1
    assert made.count("ready") <= 3


def test_unknown_path_is_a_problem_document(client: FlaskClient) -> None:
    answer = client.get("/nope", headers={"X-Request-Id": "abc-1"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert {"type", "title", "status", "detail", "code", "request_id"} <= answer.get_json().keys()
    assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"] == "abc-1"


def test_people_get_a_page_where_there_is_none_and_the_api_a_problem(client: FlaskClient) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
    browser = {"Accept": accept}  # as Chromium sends it
    page = client.get("/nope", headers=browser)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert 'href="/"' in page.text
    assert client.get("/v1/nope", headers=browser).mimetype == "application/problem+json"
    assert client.get("/nope", headers={"Accept": "*/*"}).mimetype == "application/problem+json"


def test_wrong_method_keeps_the_allow_header(client: FlaskClient) -> None:
    answer = client.post("/healthz")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>"])
def test_a_strange_request_id_is_replaced(client: FlaskClient, given: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-Id": given})
    assert len(answer.headers["X-Request-Id"]) == 32


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        ("{", "application/json", "not valid JSON"),
        ("{}", "application/json", "body: send at least one of payment_fingerprint"),
        ("[]", "application/json", "body: it has to be an object"),
        ("null", "application/json", "body: it has to be an object"),
        ('{"ip": 7}', "application/json", "ip"),
        ('{"ip": "999.1.1.1"}', "application/json", "ip is not"),
        ('{"device": "x"}', "application/json", "device: nothing here has this name"),
        ('{"device_id": "a\\u0000b"}', "application/json", "control character"),
        ('{"ip": "1.2.3.4"}', "text/plain", "Content-Type"),
        ("\xff\xfe", "application/json", "not valid JSON"),
    ],
)
def test_a_bad_signup_is_refused_with_the_field(
    client: FlaskClient, body: str, content_type: str, expected: str
) -> None:
    answer = client.post("/v1/risk/signup", data=body.encode("latin-1"), content_type=content_type)
    assert answer.status_code == 422, answer.get_json()
    assert answer.get_json()["code"] == "invalid_input"
    assert expected in answer.get_json()["detail"]


def test_a_large_body_is_refused(client: FlaskClient) -> None:
    answer = client.post("/v1/risk/signup", data=b" " * (17 << 20), content_type="application/json")
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/v1/session", "/v1/risk/signup", "/v1/rings/R-2345-6/status", "/v1/events"])
def test_a_body_larger_than_an_endpoint_can_use_is_not_parsed(client: FlaskClient, path: str) -> None:
    many = b"[" + b"{}," * 22_000 + b"{}]"
    answer = client.post(path, data=b'{"key":' + many + b"}", content_type="application/json")
    assert answer.status_code == (422 if path == "/v1/events" else 413)


def test_no_store_at_all_is_503_with_retry_after(client: FlaskClient) -> None:
    answer = client.post("/v1/risk/signup", json={"ip": "203.0.113.7"})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.get_json()["code"] == "unavailable"


def test_the_document_is_openapi_3_1_with_problem_documents(settings: Settings) -> None:
    app = bootstrap.application(settings)
    with app.app_context():
        spec = document(app)
    assert spec["openapi"].startswith("3.1")
    operation = spec["paths"]["/v1/risk/signup"]["post"]
    assert list(operation["responses"]["422"]["content"]) == ["application/problem+json"]
    routes = {
        (re.sub("<[a-z]+:", "<", str(rule)), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if str(rule).startswith("/v1/")
    }
    documented = {
        (path.replace("{", "<").replace("}", ">"), method) for path, found in spec["paths"].items() for method in found
    }
    assert routes <= documented
    for path, found in spec["paths"].items():
        for method, operation in found.items():
            good = [response for status, response in operation["responses"].items() if status < "300"]
            assert good, (method, path)
            assert any("content" in response or "204" in operation["responses"] for response in good), (method, path)
    export = spec["paths"]["/v1/rings/{id}/export"]["get"]
    assert set(export["responses"]["200"]["content"]) == {form.media_type.split(";")[0] for form in FORMATS.values()}
    enums = {one["name"]: one["schema"].get("enum") for one in export["parameters"]}
    assert (enums["format"], enums["profile"]) == ([*FORMATS], [*PROFILES])
    assert "X-Deadline-Ms" in [one["name"] for one in operation_of(spec, "/v1/risk/signup")["parameters"]]
    assert "X-Deadline-Ms" in [one["name"] for one in spec["paths"]["/v1/accounts/{id}/risk"]["get"]["parameters"]]
    assert {tag["name"] for tag in spec["tags"]} == {
        tag for found in spec["paths"].values() for operation in found.values() for tag in operation["tags"]
    }


def operation_of(spec: dict[str, Any], path: str) -> dict[str, Any]:
    operation: dict[str, Any] = spec["paths"][path]["post"]
    return operation


def test_the_documents_words_are_the_models() -> None:
    assert get_args(words.Level) == decision.LEVELS
    assert get_args(words.ActionName) == decision.ACTIONS
    assert get_args(words.Status) == records.STATUSES
    assert get_args(words.Label) == records.LABELS[1:]


def test_a_bad_field_is_listed_in_errors(client: FlaskClient) -> None:
    answer = client.post("/v1/risk/signup", json={"ip": "999.1.1.1"}).get_json()
    assert [one["field"] for one in answer["errors"]] == ["ip"]
    assert "field" not in answer


@pytest.mark.parametrize("value", [5, 0, -1, 2**63 - 1, 2**63, -(2**63), 1.5, 5.0, True, "5", "", None, [], {}])
@pytest.mark.parametrize("field", ["device_id", "payment_fingerprint"])
def test_what_is_a_value_is_one_rule_for_events_and_signups(client: FlaskClient, field: str, value: object) -> None:
    row = {"account_id": "a", "occurred_at": "2026-03-01T12:00:00Z", field: value}
    untyped = json_objects([row], 1).get_column("untyped").to_list() == [field]
    answer = client.post("/v1/risk/signup", json={field: value, "ip": "203.0.113.7"})
    assert (answer.status_code == 422) == untyped, answer.text
    if untyped:
        assert "should be text or a whole number below 2^63" in answer.get_json()["detail"]
        labels = client.post("/v1/accounts/labels", json={"ids": [value], "label": "fraud"})
        assert "ids.0" in labels.get_json()["detail"]


def test_the_document_says_that_a_value_may_be_a_number(settings: Settings) -> None:
    app = bootstrap.application(settings)
    with app.app_context():
        schema = document(app)["components"]["schemas"]["Signup"]["properties"]["device_id"]
    assert [one["type"] for one in schema["anyOf"]] == ["string", "integer", "null"]


def test_the_docs_page_uses_this_host_only(client: FlaskClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "http" not in page.text
    assert "unsafe-eval" not in page.headers["Content-Security-Policy"]
    for asset in ("/docs/start.js", "/docs/swagger/js/swagger-ui-bundle.js", "/docs/swagger/css/swagger-ui.css"):
        with client.get(asset) as answer:
            assert answer.status_code == 200


def test_a_guard_may_refuse_and_pages_are_added(settings: Settings) -> None:
    pages = flask.Blueprint("pages", __name__)

    @pages.get("/")
    def index() -> str:
        return "a page"

    def guard() -> None:
        if flask.request.path == "/healthz":
            raise ConflictError("not now")

    app = create_app(settings, lambda: bootstrap.services(settings), pages=[pages], guards=[guard])
    client = app.test_client()
    assert client.get("/").text == "a page"
    assert client.get("/healthz").status_code == 409


def test_an_unexpected_error_tells_nothing_but_its_id(settings: Settings) -> None:
    pages = flask.Blueprint("pages", __name__)

    @pages.get("/broken")
    def broken() -> str:
        raise KeyError("secret detail")

    app = create_app(settings, lambda: bootstrap.services(settings), pages=[pages])
    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"]


def test_a_query_member_that_does_not_exist_is_refused(client: FlaskClient) -> None:
    answer = client.get("/v1/accounts/a1/risk?explian=true")
    assert answer.status_code == 422
    assert "explian" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/accounts/a/b?explain=true"),
        ("GET", "/v1/accounts/a1/graph?depth=2"),
        ("GET", "/v1/rings/R-2345-6/timeline?limit=9"),
        ("POST", "/v1/events?source=x"),
        ("DELETE", "/v1/accounts/a1?force=1"),
    ],
)
def test_a_query_that_nothing_reads_is_refused(client: FlaskClient, method: str, path: str) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == 422
    name = path.partition("?")[2].partition("=")[0]
    assert answer.get_json()["errors"][0]["field"] == name
    assert name in answer.get_json()["detail"]
    assert client.get("/healthz?probe=1").status_code == 200


def test_programs_get_a_problem_where_a_browser_gets_a_page(client: FlaskClient) -> None:
    answer = client.put("/docs", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype, "GET" in answer.headers["Allow"]) == (405, "text/html", True)
    answer = client.put("/docs")
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    answer = client.get("/v1/rings?nope=1", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
