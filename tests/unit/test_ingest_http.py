"""POST /v1/events without a database: what is durable when 202 is answered, and every refusal."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service import bootstrap
from service.api import monitoring
from service.api.app import LARGE_BODY_BYTES
from service.api.services import EXTENSION
from service.api.views.events import EXTENSION as INTAKE
from service.settings import Settings
from service.sources.sqlitelog import SqliteLog
from tests.support import events

LINES = "application/x-ndjson"
NOTHING: dict[str, Any] = {
    "duplicates": 0,
    "left_out": {},
    "refused": [],
    "refused_values": [],
    "ignored_fields": {},
    "refused_kept": True,
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, auth="off")


@pytest.fixture
def client(settings: Settings) -> Iterator[FlaskClient]:
    app = bootstrap.application(settings)
    with app.test_client() as client:
        yield client
    app.extensions[EXTENSION].close()
    if INTAKE in app.extensions:
        app.extensions[INTAKE].log.close()


def kept(settings: Settings) -> list[dict[str, Any]]:
    """What another process finds in the log."""
    with closing(SqliteLog(settings.home / "eventlog" / "events.db")) as log:
        return [json.loads(record.body) for n in log.partitions() for record in log.read(n, -1, 10**6)]


def test_an_array_and_lines_are_durable_and_hold_no_secret(client: FlaskClient, settings: Settings) -> None:
    rows = events.stream(30)
    answer = client.post("/v1/events", json=rows[:10])
    assert (answer.status_code, answer.get_json()) == (
        202,
        {"accepted": 10, **NOTHING},
    )
    answer = client.post("/v1/events", data=events.lines(rows[10:]), content_type=LINES)
    assert (answer.status_code, answer.get_json()["accepted"]) == (202, 20)
    found = kept(settings)
    assert sorted(event["event_id"] for event in found) == sorted(event["event_id"] for event in rows)
    assert sum(event["uses"] for event in found) == events.uses(rows)
    text = json.dumps(found)
    assert "device-" not in text and "card-" not in text


def test_what_identifies_nobody_is_left_out_and_counted(client: FlaskClient, settings: Settings) -> None:
    rows = [events.stream(1)[0] | {"device_id": "undefined", "ip": "10.0.0.1", "event_id": f"e{n}"} for n in range(3)]
    answer = client.post("/v1/events", json=rows)
    assert answer.get_json() == NOTHING | {"accepted": 3, "left_out": {"device_id": 3, "ip": 3}}
    assert not {"device_id", "ip", "network"} & set(kept(settings)[0])


def test_gzip_is_unpacked_and_repeats_are_counted(client: FlaskClient, settings: Settings) -> None:
    data = gzip.compress(events.lines(events.stream(20)))
    headers = {"Content-Encoding": "gzip"}
    first = client.post("/v1/events", data=data, content_type=LINES, headers=headers)
    second = client.post("/v1/events", data=data, content_type=LINES, headers=headers)
    assert [first.get_json()["duplicates"], second.get_json()["duplicates"]] == [0, 20]
    assert second.status_code == 202
    assert len(kept(settings)) == 20


def test_refused_events_are_listed_and_kept_and_the_good_ones_durable(client: FlaskClient, settings: Settings) -> None:
    rows: list[Any] = events.stream(3)
    rows[1] = rows[1] | {"occurred_at": "soon", "device_id": "secret"}
    rows.append("no event")
    answer = client.post("/v1/events", json=rows)
    assert answer.status_code == 202
    refused = answer.get_json()["refused"]
    assert [(item["index"], item["field"]) for item in refused] == [(1, "occurred_at"), (3, "event")]
    assert all(item["reason"] and item["remedy"] for item in refused)
    assert len(kept(settings)) == 2
    (file,) = (settings.home / "rejects").iterdir()
    stored = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(line["source"], line["index"]) for line in stored] == [("http", 1), ("http", 3)]
    assert "secret" not in file.read_text()


def test_a_bad_value_is_listed_and_kept_and_its_event_durable(client: FlaskClient, settings: Settings) -> None:
    row = events.stream(1)[0] | {"ip": "999.1.1.1", "device_id": "secret\n", "type": "signup"}
    answer = client.post("/v1/events", json=[row, row | {"event_id": "other"}]).get_json()
    assert (answer["accepted"], answer["refused"]) == (2, [])
    listed = [(item["index"], item["field"]) for item in answer["refused_values"]]
    assert listed == [(n, name) for n in (0, 1) for name in ("device_id", "ip")]
    assert all(item["reason"] and item["remedy"] for item in answer["refused_values"])
    assert [event["type"] for event in kept(settings)] == ["signup"] * 2
    (file,) = (settings.home / "rejects").iterdir()
    stored = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["index"] for line in stored] == [0, 0, 1, 1]
    assert {tuple(sorted(line["event"])) for line in stored if line["field"] == "ip"} == {
        ("account_id", "counted", "ip", "occurred_at", "uses")
    }
    assert "secret" not in file.read_text()


@pytest.mark.parametrize("kind", ["application/json", LINES])
def test_half_a_surrogate_pair_costs_its_own_value_only(client: FlaskClient, kind: str) -> None:
    rows = [json.dumps(row) for row in events.stream(3)]
    rows[1] = json.dumps(events.stream(3)[1] | {"device_id": "\ud800x"})
    body = "[" + ",".join(rows) + "]" if kind == "application/json" else "\n".join(rows)
    answer = client.post("/v1/events", data=body, content_type=kind)
    assert answer.status_code == 202 and answer.get_json()["accepted"] == 3
    assert [(item["index"], item["field"]) for item in answer.get_json()["refused_values"]] == [(1, "device_id")]


@pytest.mark.parametrize("body", [b"[" * 100_000, b'[{"a": NaN}]', b'["\\ud800"'])
def test_a_body_that_is_no_json_array_is_422(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/v1/events", data=body, content_type="application/json")
    assert answer.status_code == 422 and "the body is not JSON" in answer.get_json()["detail"]


EVENT = b'{"account_id":"%s","occurred_at":"2026-03-01T00:00:00Z","ip":"1.2.3.4"}'


@pytest.mark.parametrize(
    "bad", [b"b\xff", b"\xc3(", b"e\xcc\x81\xe2\x82", b"\xf8\x88\x80\x80\x80", b"\xed\xa0\x80", b"\xed\xb0\x80"]
)
def test_an_array_with_bytes_that_are_not_utf_8_is_400_with_the_place_and_nothing_of_it_taken(
    client: FlaskClient, settings: Settings, bad: bytes
) -> None:
    body = b"[" + b", ".join([EVENT % b"\xc3\xa4", EVENT % bad, EVENT % b"c"]) + b"]"
    answer = client.post("/v1/events", data=body, content_type="application/json")
    detail = answer.get_json()["detail"]
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    place = int(detail.split("byte ")[1].split()[0])
    assert body.index(bad) <= place < body.index(bad) + len(bad)
    assert "in the event with index 1; nothing of it was taken" in detail
    assert "Encode it as UTF-8, or send JSON lines (application/x-ndjson)" in detail
    assert kept(settings) == []


@pytest.mark.parametrize("body", [b'[{"a": "\xff"', b"\xff\xfe[", b'{"a": "\xff"}', b'["\xff", "\xfe"]'])
def test_what_is_no_array_either_is_400_too(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/v1/events", data=body, content_type="application/json")
    assert answer.status_code == 400 and "the body is not UTF-8: byte" in answer.get_json()["detail"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_an_array_in_another_encoding_is_400_and_nothing_of_it_taken(
    client: FlaskClient, settings: Settings, encoding: str
) -> None:
    body = f"[{(EVENT % b'a').decode()}]".encode(encoding)
    answer = client.post("/v1/events", data=body, content_type="application/json")
    assert answer.status_code == 400 and "the body is not UTF-8: byte" in answer.get_json()["detail"]
    lines = client.post("/v1/events", data=body, content_type=LINES).get_json()
    assert {refused["field"] for refused in lines["refused"]} == {"event"}
    assert kept(settings) == []


def test_of_lines_the_one_that_is_not_utf_8_is_refused_and_the_others_are_taken(
    client: FlaskClient, settings: Settings
) -> None:
    body = b"\n".join([EVENT % b"a", EVENT % b"b\xff", EVENT % b"\xc3\xa4"])
    answer = client.post("/v1/events", data=body, content_type=LINES)
    assert (answer.status_code, answer.get_json()["accepted"]) == (202, 2)
    (refused,) = answer.get_json()["refused"]
    assert refused == {
        "index": 1,
        "field": "event",
        "reason": "is not UTF-8",
        "remedy": "encode the sender's text as UTF-8",
    }
    assert sorted(event["account_id"] for event in kept(settings)) == ["a", "ä"]


def test_unknown_fields_are_said_and_counted(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monitoring.FIELDS.clear()  # of the whole process: other tests send fields, too
    monkeypatch.setattr(monitoring, "_ignored", set())
    odd = '"\n\\<b>\u202e' + "x" * 1000
    rows = [event | {"client_ip": "1.2.3.4", odd: 1, "empty": None} for event in events.stream(3)]
    answer = client.post("/v1/events", json=rows).get_json()
    assert answer["ignored_fields"] == {"client_ip": 3, odd[:64]: 3}
    assert client.post("/v1/events", json=[{"user": 1}]).get_json()["ignored_fields"] == {"user": 1}
    for n in range(30):
        client.post("/v1/events", json=[events.stream(1)[0] | {f"f{n}-{m}": 1 for m in range(40)}])
    page = client.get("/metrics").get_data(as_text=True)
    lines = [line for line in page.splitlines() if line.startswith("ringsight_event_fields_total{field=")]
    ignored = [line for line in lines if 'outcome="ignored"' in line]
    assert any('field="client_ip"' in line and line.endswith(" 3.0") for line in ignored)
    assert any('field="(others)"' in line for line in ignored)
    assert len(ignored) <= 51


def test_a_request_without_a_good_event_is_422_with_the_list(client: FlaskClient, settings: Settings) -> None:
    answer = client.post("/v1/events", json=[{"account_id": "a"}])
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["refused"][0]["reason"] == "is missing"
    assert kept(settings) == []


@pytest.mark.parametrize(
    ("data", "kind", "encoding", "status"),
    [
        (b"[]", "application/json", "identity", 422),
        (b"{}", "application/json", "identity", 422),
        (b"[{]", "application/json", "identity", 422),
        (b"", "application/json", "identity", 422),
        (b"\n \n", LINES, "identity", 422),
        (b"[{}]", "text/csv", "identity", 415),
        (b"[{}]", "", "identity", 415),
        (b"[{}]", "application/json", "br", 415),
        (b"not gzip", "application/json", "gzip", 422),
        (gzip.compress(b"[{}]" * 1000)[:-9], "application/json", "gzip", 422),
        (gzip.compress(b"[{}]") + b"x", "application/json", "gzip", 422),
        (b"[" + b"{}," * 10_000 + b"{}]", "application/json", "identity", 413),
        (b"{}\n" * 10_001, LINES, "identity", 413),
        (b" " * (17 << 20), "application/json", "identity", 413),
        (gzip.compress(b" " * (65 << 20), 1), "application/json", "gzip", 413),
    ],
)
def test_each_refusal_has_its_status(
    client: FlaskClient, settings: Settings, data: bytes, kind: str, encoding: str, status: int
) -> None:
    answer = client.post("/v1/events", data=data, content_type=kind, headers={"Content-Encoding": encoding})
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["detail"]
    assert kept(settings) == []


@pytest.mark.parametrize(("over", "status"), [(-1, 202), (0, 202), (1, 413)])
def test_a_body_that_does_not_say_its_length_is_taken_whole_or_not_at_all(
    client: FlaskClient, settings: Settings, over: int, status: int
) -> None:
    data = events.lines(events.stream(9_000))
    lines = data.ljust(LARGE_BODY_BYTES["events.send"] + over - 1) + b"\n"
    chunked = {"wsgi.input": io.BytesIO(lines), "wsgi.input_terminated": True}  # as Gunicorn hands it on
    answer = client.post("/v1/events", content_type=LINES, environ_overrides=chunked)
    assert answer.status_code == status
    assert len(kept(settings)) == (9_000 if status == 202 else 0)


@pytest.mark.parametrize("part", [b"[],", b"{},", b'{"a":1},', b"1,"])
@pytest.mark.parametrize("kind", ["application/json", LINES])
def test_what_would_take_gigabytes_is_refused_before_it_is_parsed(client: FlaskClient, part: bytes, kind: str) -> None:
    data = gzip.compress(b"[" + part * (4_000_000 // len(part)) + b"0]", 1)
    tracemalloc.start()
    answer = client.post("/v1/events", data=data, content_type=kind, headers={"Content-Encoding": "gzip"})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status_code == 413
    assert "1,000,000 fields and values" in answer.get_json()["detail"]
    assert peak < 30e6


def test_a_full_request_is_taken(client: FlaskClient, settings: Settings) -> None:
    rows = events.stream(10_000)
    answer = client.post("/v1/events", data=events.lines(rows), content_type=LINES)
    assert (answer.status_code, answer.get_json()["accepted"]) == (202, 10_000)
    assert len(kept(settings)) == 10_000


def test_too_many_waiting_events_are_429(tmp_path: Path) -> None:
    app = bootstrap.application(Settings(home=tmp_path, auth="off", eventlog_max_waiting=20))
    with app.test_client() as client:
        assert client.post("/v1/events", json=events.stream(30)).status_code == 202
        app.extensions[INTAKE]._looked_at = 0.0
        answer = client.post("/v1/events", json=events.stream(1))
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
        log = app.extensions[INTAKE].log
        for number, end in log.ends().items():
            log.done(number, end)
        app.extensions[INTAKE]._looked_at = 0.0
        assert client.post("/v1/events", json=events.stream(1, seed=2)).status_code == 202
    app.extensions[EXTENSION].close()
    log.close()


def test_a_log_that_can_not_be_written_is_503_and_says_so(client: FlaskClient, settings: Settings) -> None:
    path = settings.home / "eventlog" / "events.db"
    path.parent.mkdir()
    path.write_bytes(zlib.compress(b"no database") * 100)
    answer = client.post("/v1/events", json=events.stream(1))
    assert answer.status_code == 503
    assert "events.db" in answer.get_json()["detail"]
    assert "Retry-After" in answer.headers
