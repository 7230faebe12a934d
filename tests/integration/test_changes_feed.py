"""The change feed pushed to a real HTTP receiver, and printed by `ringsight rings watch`."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from click.testing import CliRunner

from service.cli import cli
from service.errors import SettingsError, UnavailableError
from service.graph.client import Graph
from service.rings import actions, changes, webhooks
from tests.support import rings
from tests.support.rings import SMALL

SECRET = "a secret of the test"


@dataclass
class Received:
    """What came in; `failures` answers are 500 first."""

    url: str = ""
    failures: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    valid: list[bool] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Received]:
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if received.failures:
                received.failures -= 1
                self.send_response(500)
                self.end_headers()
                return
            at, _, given = self.headers[webhooks.SIGNATURE].removeprefix("t=").partition(",v1=")
            wanted = hmac.new(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
            received.valid.append(hmac.compare_digest(given, wanted))
            received.bodies.append(json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    received.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield received
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def ringed(graph: Graph) -> Graph:
    """The graph with one ring in it."""
    rings.write(graph, SMALL, honest=0)
    return graph


def test_changes_are_pushed_once_in_order_and_signed(ringed: Graph, receiver: Received) -> None:
    hook = webhooks.Webhook(receiver.url, SECRET, first_wait_s=0.01)
    receiver.failures = 2
    assert webhooks.deliver(ringed, hook) == 1
    actions.set_status(ringed, [SMALL.id], "confirmed", "ada", "")
    actions.set_status(ringed, [SMALL.id], "reviewing", "ada", "")
    assert webhooks.deliver(ringed, hook) == 2
    assert webhooks.deliver(ringed, hook) == 0
    kinds = [change["kind"] for body in receiver.bodies for change in body["changes"]]
    assert kinds == ["opened", "status", "status"]
    assert receiver.valid == [True, True]


def test_a_receiver_that_is_down_loses_nothing(ringed: Graph, receiver: Received) -> None:
    webhooks.deliver(ringed, webhooks.Webhook(receiver.url, SECRET))
    actions.set_status(ringed, [SMALL.id], "open", "ada", "")
    receiver.failures = webhooks.TRIES
    hook = webhooks.Webhook(receiver.url, SECRET, first_wait_s=0.01)
    assert webhooks.deliver(ringed, hook) == 0
    assert webhooks.deliver(ringed, hook) == 1
    assert receiver.bodies[-1]["changes"][0]["status"] == "open"


def test_watch_prints_what_changed_and_sends_it(
    ringed: Graph, receiver: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.set_status(ringed, [SMALL.id], "dismissed", "ada", "")
    monkeypatch.setenv("RINGSIGHT_WEBHOOK_URL", receiver.url)
    with pytest.raises(SettingsError, match="RINGSIGHT_WEBHOOK_SECRET"):
        CliRunner().invoke(cli, ["rings", "watch", "--once"], catch_exceptions=False)
    monkeypatch.setenv("RINGSIGHT_WEBHOOK_SECRET", SECRET)
    output = CliRunner().invoke(cli, ["rings", "watch", "--once"], catch_exceptions=False).output
    assert f"{SMALL.id}  opened: 12 accounts, critical" in output
    assert "open -> dismissed by ada" in output
    assert "1 sent to the webhook" in output
    assert changes.last(ringed) == int(ringed.read("serve/feed_sent")[0]["seq"])
    actions.set_status(ringed, [SMALL.id], "open", "ada", "")
    monkeypatch.setattr(webhooks, "TRIES", 1)
    receiver.failures = 2  # once for what is new, once after it
    with pytest.raises(UnavailableError, match="did not take all changes"):
        CliRunner().invoke(cli, ["rings", "watch", "--once"], catch_exceptions=False)
    assert CliRunner().invoke(cli, ["rings", "watch", "--once"], catch_exceptions=False).exit_code == 0


def test_rings_list_and_show_tell_what_the_graph_has(ringed: Graph) -> None:
    listed = CliRunner().invoke(cli, ["rings", "list", "--level", "critical"], catch_exceptions=False).output
    assert SMALL.id in listed
    assert "1 of 1 rings" in listed
    command = ["rings", "show", SMALL.id.lower(), "--members", "3"]
    shown = CliRunner().invoke(cli, command, catch_exceptions=False).output
    assert "12 accounts share nearly all of their cards" in shown
    assert "3 of 12 members" in shown
