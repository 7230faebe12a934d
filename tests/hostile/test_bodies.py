"""Hostile bodies of POST /v1/events: each has its status, none is an error of the server or kept by half."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from service import bootstrap
from service.api.services import EXTENSION
from service.api.views.events import EXTENSION as INTAKE
from service.settings import Settings
from tests.hostile import damaged
from tests.hostile.test_files import FILES
from tests.support import events

ARRAY, LINES = "application/json", "application/x-ndjson"
EXPECTED = {202, 400, 413, 415, 422}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    app = bootstrap.application(Settings(home=tmp_path_factory.mktemp("bodies"), auth="off"))
    with app.test_client() as client:
        yield client
    app.extensions[EXTENSION].close()
    app.extensions[INTAKE].log.close()


def send(client: FlaskClient, data: bytes, kind: str, encoding: str = "identity") -> int:
    answer = client.post("/v1/events", data=data, content_type=kind, headers={"Content-Encoding": encoding})
    assert answer.status_code in EXPECTED, (answer.status_code, data[:200], kind)
    found = answer.get_json()
    if answer.status_code == 202:
        assert found["accepted"] > 0
    else:
        assert answer.mimetype == "application/problem+json" and found["detail"]
    for told in [*found.get("refused", []), *found.get("refused_values", [])]:
        assert told["field"] and told["reason"] and told["remedy"]
    return answer.status_code


@pytest.mark.parametrize("kind", [ARRAY, LINES])
@pytest.mark.parametrize("name", FILES)
def test_the_content_of_a_hostile_file_as_a_body(client: FlaskClient, name: str, kind: str) -> None:
    send(client, FILES[name], kind)
    send(client, FILES[name], kind, "gzip")


@pytest.mark.parametrize("kind", [ARRAY, LINES])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_damaged_body(client: FlaskClient, kind: str, encoding: str) -> None:
    rows = events.stream(20)
    data = json.dumps(rows).encode() if kind == ARRAY else events.lines(rows)
    for body in damaged(gzip.compress(data) if encoding == "gzip" else data, seed=2):
        send(client, body, kind, encoding)


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "multipart/form-data", "application/json; charset=utf-16", "a" * 5000]
)
@pytest.mark.parametrize("encoding", ["identity", "GZIP", "gzip, gzip", "br", "\tgzip", "x" * 500])
def test_odd_types_and_encodings(client: FlaskClient, kind: str, encoding: str) -> None:
    send(client, json.dumps(events.stream(2)).encode(), kind, encoding)


@pytest.mark.parametrize("inner", [b"0" * 70_000_000, b"[" * 70_000_000, b"{}\n" * 20_000_000])
def test_a_body_that_unpacks_to_too_much_is_too_large(client: FlaskClient, inner: bytes) -> None:
    assert send(client, gzip.compress(inner, 1), LINES, "gzip") == 413
