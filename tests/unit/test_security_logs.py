"""Log lines: JSON with request ids, and no key, secret or name of an account in them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.logs import JsonLines, TextLines, log, request_id
from service.security.roles import Role
from tests.support.security import client, key


class Kept(logging.Handler):
    """Keeps formatted lines."""

    def __init__(self, form: logging.Formatter) -> None:
        super().__init__()
        self.setFormatter(form)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler = Kept(JsonLines())
    level = log.level
    log.addHandler(handler)
    log.setLevel("INFO")
    yield handler
    log.removeHandler(handler)
    log.setLevel(level)
    request_id.set("")


def test_a_request_is_one_line_with_its_id_and_without_its_subject(tmp_path: Path, kept: Kept) -> None:
    text = key(tmp_path, [Role.ADMIN], "ana")
    headers = {"Authorization": f"Bearer {text}", "X-Request-Id": "req-1"}
    client(tmp_path, log_format="json").get("/v1/accounts/someone@example.org/risk?x=secret", headers=headers)
    line = next(found for found in map(json.loads, kept.lines) if found["message"] == "request")
    assert (line["request_id"], line["status"], line["level"]) == ("req-1", 422, "info")  # the query is not known
    assert line["route"] == "/v1/accounts/<account:id>/risk"
    assert line["key"] == text[: len("rsk_") + 12]
    assert line["ms"] >= 0
    everything = "\n".join(kept.lines)
    assert "someone" not in everything and "secret" not in everything and text not in everything


def test_an_error_is_one_line_with_its_trace(kept: Kept) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        log.error("it failed", exc_info=error)
    line = json.loads(kept.lines[-1])
    assert line["message"] == "it failed" and "Traceback" in line["error"]
    assert "request_id" not in line


def test_lines_for_people_end_with_the_request_id() -> None:
    record = logging.LogRecord("ringsight", logging.INFO, "", 0, "done: %d", (3,), None)
    form = TextLines("%(levelname)s %(message)s")
    request_id.set("")
    assert form.format(record) == "INFO done: 3"
    request_id.set("req-2")
    assert form.format(record) == "INFO done: 3 [req-2]"
    request_id.set("")


def test_no_request_by_a_key_leaves_it_in_any_file_or_line(tmp_path: Path, kept: Kept) -> None:
    """Logs in, asks, changes, fails; then greps all that the home and the log hold."""
    text = key(tmp_path, [Role.ADMIN], "ana")
    asking = client(tmp_path, log_format="json")
    change = {"X-Ringsight-Request": "1"}
    asking.post("/v1/session", json={"key": text})
    asking.post("/v1/session", json={"key": text + "x"}, headers=change)
    asking.get("/v1/accounts/someone@example.org")
    asking.post("/v1/risk/signup", json={"device_id": "device-of-someone"})
    asking.post("/v1/accounts/someone@example.org/label", json={"label": "fraud"}, headers=change)
    asking.delete("/v1/session", headers=change)
    secret = text[len("rsk_") + 13 :]
    everything = "\n".join(kept.lines)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            everything += path.read_bytes().decode("latin-1")
    assert secret not in everything
    assert "someone@example.org" not in everything
    assert "device-of-someone" not in everything
