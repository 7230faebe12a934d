"""Neo4j is really stopped and started again: decisions go on from the index, and everything else comes back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from service import bootstrap
from service.api.services import EXTENSION, Services
from service.engine import local
from service.graph.client import Graph
from service.net import free_port
from service.settings import Settings
from tests.support import rings


def test_decisions_go_on_while_neo4j_is_stopped(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    rings.write(graph, rings.SMALL, honest=20)
    bootstrap.rebuild_index(settings, graph)
    running = local.running(settings.home)
    assert running is not None
    app = bootstrap.application(settings)
    parts: Services = app.extensions[EXTENSION].get()
    body = {"device_id": "never-seen", "ip": "192.0.2.9"}

    def wait_for(up: bool) -> None:
        deadline = time.monotonic() + 60
        while parts.health.up is not up and time.monotonic() < deadline:
            time.sleep(0.05)
        assert parts.health.up is up

    with app.test_client() as client:
        before = client.get("/v1/accounts/sm-00001/risk").get_json()
        assert (before["degraded"], before["ring"]) == (False, rings.SMALL.id)
        local.stop(settings.home)
        try:
            wait_for(up=False)
            found = client.get("/v1/accounts/sm-00001/risk").get_json()
            assert (found["degraded"], found["ring"], found["score"]) == (True, rings.SMALL.id, before["score"])
            assert client.post("/v1/risk/signup", json=body).get_json()["degraded"] is True
            assert client.get("/v1/rings").status_code == 503
        finally:
            local.start(settings.model_copy(update={"engine_bolt_port": running.bolt_port}))
        wait_for(up=True)
        again = client.get("/v1/accounts/sm-00001/risk").get_json()
        assert (again["degraded"], again["score"]) == (False, before["score"])
        assert client.get("/v1/rings").get_json()["rings"][0]["id"] == rings.SMALL.id
    app.extensions[EXTENSION].close()


@contextmanager
def serving(home: Path, said: Path) -> Iterator[str]:
    """A server of one process, whose address it gives; what it says goes into a file."""
    port = free_port(8900)
    env = {**os.environ, "RINGSIGHT_HOME": str(home), "RINGSIGHT_AUTH": "off", "RINGSIGHT_LOG_FORMAT": "json"}
    command = [sys.executable, "-m", "service.cli", "serve", "--port", str(port), "--workers", "1"]
    with said.open("wb") as file:
        process = subprocess.Popen(command, env=env, stderr=file, stdout=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def test_an_outage_is_two_lines_of_the_log(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    rings.write(graph, rings.SMALL, honest=20)
    running = local.running(settings.home)
    assert running is not None
    said = tmp_path / "said"
    with serving(settings.home, said) as url:

        def wait_for(found: Callable[[], bool]) -> None:
            deadline = time.monotonic() + 90
            while not found():
                assert time.monotonic() < deadline
                time.sleep(0.2)

        def up(wanted: int) -> bool:
            with suppress(requests.ConnectionError):
                requests.get(f"{url}/v1/accounts/sm-00001/risk", timeout=20)
                return f"ringsight_graph_up {wanted}.0" in requests.get(f"{url}/metrics", timeout=20).text
            return False

        wait_for(lambda: up(1))
        local.stop(settings.home)
        try:
            wait_for(lambda: up(0) and "does not answer" in said.read_text())
        finally:
            local.start(settings.model_copy(update={"engine_bolt_port": running.bolt_port}))
        wait_for(lambda: up(1) and "answers again" in said.read_text())
    lines = [json.loads(line) for line in said.read_text().splitlines()]
    told = [line["message"] for line in lines if line["level"] != "info"]
    of_graph = [message for message in told if message.startswith("the graph database")]
    assert of_graph == ["the graph database does not answer", "the graph database answers again"]
    assert len(told) <= 4, "and once, that there is no read index, and no metrics of the event log"
