"""A decision is answered within its deadline, and those who watch soon, whatever the index's server does: a real one
whose answers come late."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.api import services as api_services
from service.decisions.index import records, redis_store
from service.decisions.index.redis_store import RedisStore
from service.decisions.index.store import LOOK_S, Meta
from service.model.evidence import RingSummary, RunInfo
from tests.support import security
from tests.support.relay import Relay
from tests.support.valkey import Server

RING = RingSummary("R-7F3K-Q", 97.0, "critical", 40, "open")
EVER_S = 0.15  # what a decision takes beside waiting, on a busy machine


@pytest.fixture
def relay(valkey: Server) -> Iterator[Relay]:
    with closing(RedisStore(valkey.url)) as store:
        now = int(time.time())
        device = records.Identifier(40, (40, 2.0, now - 99, now, 30.0, 28.0, now), ring=RING.id, ring_members=40)
        base = {
            records.key("account", "a"): records.pack_account(records.Account(0.97, None, RING.id, created=now - 99)),
            records.key("ring", RING.id): records.pack_ring(RING),
            records.key("ip", "8.8.8.8"): records.pack_identifier(device),
        }
        store.build(Meta(RunInfo("run-1", now, 0.02, "1"), now), base.items())
    with closing(Relay(valkey.port)) as made:
        yield made


@pytest.fixture
def asking(relay: Relay, tmp_path: Path) -> Iterator[FlaskClient]:
    """A server without a graph database, whose index is behind the relay."""
    yield security.client(
        tmp_path, auth="off", index=f"redis://127.0.0.1:{relay.port}/0", neo4j_uri="bolt://127.0.0.1:1", ip_plain=True
    )
    security.close_all()


def decided(asking: FlaskClient, deadline_ms: int) -> list[tuple[int, float]]:
    """The status of each kind of decision, and the seconds until it was there."""
    found = []
    for path, method, body in (("/v1/risk/signup", "POST", {"ip": "8.8.8.8"}), ("/v1/accounts/a/risk", "GET", None)):
        began = time.monotonic()
        answer = asking.open(path, method=method, json=body, headers={"X-Deadline-Ms": str(deadline_ms)})
        found.append((answer.status_code, time.monotonic() - began))
    return found


@pytest.mark.parametrize(("answer_s", "byte_s"), [(0.05, 0), (0.2, 0), (5.0, 0), (0, 0.1)])
def test_a_slow_server_does_not_hold_a_decision_beyond_its_deadline(
    asking: FlaskClient, relay: Relay, monkeypatch: pytest.MonkeyPatch, answer_s: float, byte_s: float
) -> None:
    monkeypatch.setattr(redis_store, "DOWN_S", 0.05)
    assert [status for status, _ in decided(asking, 1000)] == [200, 200], "while it is quick"
    relay.answer_s, relay.byte_s = answer_s, byte_s
    for deadline_ms in (50, 300, 1000):
        time.sleep(redis_store.DOWN_S + 0.1)  # each is the one that asks a server that was slow before
        for status, took in decided(asking, deadline_ms):
            assert took < deadline_ms / 1000 + EVER_S, (deadline_ms, status)
            assert status in (200, 503)


def test_a_caller_in_a_hurry_does_not_keep_others_from_the_index(asking: FlaskClient, relay: Relay) -> None:
    decided(asking, 1000)
    relay.answer_s = 0.04
    time.sleep(redis_store.LOOK_EVERY_S)
    assert [status for status, _ in decided(asking, 20)] == [503, 503]
    assert [status for status, _ in decided(asking, 2000)] == [200, 200]


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_a_server_that_sends_byte_by_byte_does_not_hold_those_who_watch(
    asking: FlaskClient, relay: Relay, path: str
) -> None:
    assert "ringsight_index_up 1.0" in asking.get("/metrics").text, "while it is quick"
    relay.byte_s = 0.1
    time.sleep(redis_store.LOOK_EVERY_S)
    began = time.monotonic()
    answer = asking.get(path)
    assert time.monotonic() - began < LOOK_S + EVER_S
    if path == "/readyz":
        assert "the read index's server" in answer.get_json()["missing"][0]
    else:
        assert "ringsight_index_up 0.0" in answer.text


def test_a_server_that_sends_byte_by_byte_does_not_hold_who_sets_a_status(
    asking: FlaskClient, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_services, "TELL_S", 0.3, raising=False)
    parts = asking.application.extensions[api_services.EXTENSION].get()
    assert parts.ring_status(RING.id, "reviewing"), "while it is quick"
    relay.byte_s = 0.1
    time.sleep(redis_store.LOOK_EVERY_S)
    began = time.monotonic()
    assert not parts.ring_status(RING.id, "dismissed")
    assert time.monotonic() - began < 0.3 + EVER_S
