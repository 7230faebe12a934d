"""A probe and a scrape are answered soon though the graph database takes a connection and then says nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.api import monitoring, readiness
from tests.support import security

SOON_S = 3.0


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    monkeypatch.setattr(readiness, "GRAPH_S", 0.2)
    monkeypatch.setattr(monitoring, "LOG_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield security.client(tmp_path, auth="off", neo4j_uri=f"bolt://127.0.0.1:{silent.getsockname()[1]}")
    security.close_all()


def test_a_graph_database_that_hangs_holds_no_probe_and_no_scrape(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    began = time.monotonic()
    ready = client.get("/readyz").get_json()
    assert "ringsight_graph_up" in client.get("/metrics").text
    assert time.monotonic() - began < SOON_S
    assert "the graph database gave no answer" in ready["missing"][1]
    assert "no metrics of the event log: no answer within" in caplog.text
