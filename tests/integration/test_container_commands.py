"""The compose file's commands run outside containers, with its settings and secrets, on a real Neo4j, Kafka and
Valkey: the worker drains the log, the scheduler makes a run, the API passes the health check."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from confluent_kafka import Producer

from service.engine import state
from service.engine.state import EngineState
from service.graph.client import Graph
from service.net import free_port
from tests.support.kafka import Broker
from tests.support.valkey import Server

DOCKER = Path(__file__).resolve().parents[2] / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
EVENT = {"account_id": "a", "occurred_at": "2026-01-01T00:00:00Z", "type": "signup", "ip": "203.0.113.7"}

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def environment(service: str, addresses: dict[str, str], home: Path) -> dict[str, str]:
    """A service's environment with the addresses of this machine in the place of the containers'."""
    found = {}
    for name, value in COMPOSE["services"][service]["environment"].items():
        for inside, outside in addresses.items():
            value = value.replace(inside, outside)
        found[name] = value
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": os.environ["HOME"], "RINGSIGHT_HOME": str(home), **found}


def test_worker_scheduler_and_api(
    graph: Graph, engine: EngineState, home: Path, kafka: Broker, valkey: Server, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text(state.password(home))
    addresses = {
        "bolt://neo4j:7687": engine.bolt_uri,
        "/run/secrets/neo4j_password": str(tmp_path / "password"),
        "kafka:9092": kafka.address,
        "redis://valkey:6379/0": valkey.url,
    }
    topic = COMPOSE["services"]["kafka-topic"]["command"]
    kafka.make_topic(topic[topic.index("--topic") + 1], int(topic[topic.index("--partitions") + 1]))
    producer = Producer({"bootstrap.servers": kafka.address})
    producer.produce("ringsight.events", key="a", value=json.dumps(EVENT))
    assert producer.flush(30) == 0

    worker = environment("worker", addresses, tmp_path / "home")
    call = ["sh", str(DOCKER / "entrypoint.sh"), *COMPOSE["services"]["worker"]["command"], "--drain"]
    done = subprocess.run(call, env=worker, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert graph.driver.execute_query("MATCH (n:Account) RETURN n.id AS id", database_="neo4j").records[0]["id"] == "a"

    _one_turn(environment("detect", addresses, tmp_path / "home"))
    _healthy(environment("api", addresses, tmp_path / "home"))


def _one_turn(variables: dict[str, str]) -> None:
    """The scheduler makes a run, waits, and stops at a signal, also while it waits."""
    call = ["sh", str(DOCKER / "entrypoint.sh"), "sh", str(DOCKER / "detect-loop.sh")]
    with subprocess.Popen(call, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None and child.stdout.readline() != ""
        time.sleep(1)
        child.send_signal(signal.SIGTERM)
        _, told = child.communicate(timeout=60)
    assert child.returncode == 0
    assert "failed" not in told


def _healthy(variables: dict[str, str]) -> None:
    port = free_port(0)
    part = COMPOSE["services"]["api"]
    call = ["sh", str(DOCKER / "entrypoint.sh"), *part["command"], "--host", "127.0.0.1", "--port", str(port)]
    check = [word.replace(":8000", f":{port}") for word in part["healthcheck"]["test"][1:]]
    with subprocess.Popen(call, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            deadline = time.monotonic() + 60
            while subprocess.run(check, env=variables, capture_output=True, check=False).returncode != 0:
                assert time.monotonic() < deadline and child.poll() is None
                time.sleep(0.5)
        finally:
            child.terminate()
    assert child.returncode == 0
