"""Limits: requests by key, sizes and depth of bodies, and what the blind role is told."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import flask
import pytest

from service.api.app import BODY_BYTES
from service.security.install import _hide_reasons
from service.security.limits import SLOTS, Buckets
from service.security.roles import Role
from tests.support.security import bearer, client


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_lets_through_its_rate_and_says_how_long_to_wait() -> None:
    clock = Clock()
    buckets = Buckets(10, clock)
    assert [buckets.take("a") for _ in range(20)] == [0.0] * 20
    assert buckets.take("a") == pytest.approx(0.1)
    assert buckets.take("b") == 0.0
    clock.now += 0.5
    assert [buckets.take("a") > 0 for _ in range(6)] == [False] * 5 + [True]
    clock.now += 1000
    assert [buckets.take("a") > 0 for _ in range(21)] == [False] * 20 + [True]


def test_a_cost_over_the_whole_bucket_is_let_through_when_it_is_full() -> None:
    clock = Clock()
    buckets = Buckets(1, clock)
    assert buckets.take("a", 20) == 0.0
    assert buckets.take("a", 20) == pytest.approx(2.0)
    clock.now += 2
    assert buckets.take("a", 20) == 0.0


def test_callers_without_end_are_let_through_and_a_busy_one_is_not_forgotten() -> None:
    clock = Clock()
    buckets = Buckets(1, clock)
    for n in range(3 * SLOTS):
        if n % 5 == 0:
            clock.now += 0.001
            buckets.take("busy", 2)
        assert buckets.take(str(n)) == 0.0
    assert buckets.take("busy", 2) > 0


def test_processes_of_one_server_share_the_buckets() -> None:
    buckets = Buckets(10, Clock())

    def take() -> None:
        for _ in range(100):
            buckets.take("a", 0)  # children and parent at once: none may undo what another took
        for _ in range(5):
            buckets.take("a")

    children = [multiprocessing.get_context("fork").Process(target=take) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [buckets.take("a") > 0 for _ in range(6)] == [False] * 5 + [True]


def test_a_key_over_its_rate_is_429_and_another_is_not(tmp_path: Path) -> None:
    asking = client(tmp_path, rate_per_key=5)
    first, second = bearer(tmp_path, Role.SCORE), bearer(tmp_path, Role.SCORE)
    answers = [asking.post("/v1/risk/signup", json={"ip": "203.0.113.7"}, headers=first) for _ in range(15)]
    assert answers[-1].status_code == 429
    assert answers[-1].get_json()["code"] == "too_many_requests"
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert asking.post("/v1/risk/signup", json={"ip": "203.0.113.7"}, headers=second).status_code != 429


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        b'{"a":' * 12_000,
        b"[" * 500 + b"]" * 500,
        b'{"ip": ' + b"9" * 60_000 + b"}",
        b'{"device_id": "' + b"x" * 60_000 + b'"}',
        b'{"ip": "\xed\xa0\x80"}',
        b'{"ip": "\xef\xbc\x91.1.1.1"}',
        b'{"device_id": "a", "device_id": ["b"]}',
    ],
)
def test_a_hostile_body_is_refused(tmp_path: Path, body: bytes) -> None:
    asking = client(tmp_path)
    headers = {**bearer(tmp_path, Role.SCORE), "Content-Type": "application/json"}
    answer = asking.post("/v1/risk/signup", data=body, headers=headers)
    large = len(body) > BODY_BYTES
    assert answer.status_code == (413 if large else 422), answer.text
    assert len(answer.text) < 5000
    assert answer.get_json()["code"] == ("request_entity_too_large" if large else "invalid_input")


@pytest.mark.parametrize("role", [Role.SCORE, Role.SCORE_BLIND])
def test_the_blind_role_is_told_what_to_do_and_not_why(tmp_path: Path, role: Role) -> None:
    app = client(tmp_path).application

    def answer() -> flask.Response:
        return flask.jsonify(score=67.4, level="high", action="review", ring="R-7F3K-Q", reasons=[{"code": "x"}])

    with app.test_request_context("/v1/risk/signup", method="POST", headers=bearer(tmp_path, role)):
        app.preprocess_request()
        told = _hide_reasons(answer()).get_json()
    if role is Role.SCORE:
        assert (told["score"], told["ring"], len(told["reasons"])) == (67.4, "R-7F3K-Q", 1)
    else:
        assert (told["score"], told["ring"], told["reasons"]) == (70.0, None, [])
    assert (told["level"], told["action"]) == ("high", "review")
