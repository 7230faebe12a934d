"""Neo4j is really stopped and started again: decisions go on from the index, and everything else comes back."""

from __future__ import annotations

import time
from pathlib import Path

from service import bootstrap
from service.api.services import EXTENSION, Services
from service.engine import local
from service.graph.client import Graph
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
