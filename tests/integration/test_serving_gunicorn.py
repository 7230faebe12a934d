"""`ringsight serve` as it runs in production: its workers, metrics of all of them, and its end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from service.net import free_port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    home = tmp_path_factory.mktemp("serve")
    port = free_port(8900)
    env = {**os.environ, "RINGSIGHT_HOME": str(home), "RINGSIGHT_AUTH": "off"}
    env.pop("RINGSIGHT_NEO4J_URI", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "serve", "--port", str(port), "--workers", "2"], env=env
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    try:
        while True:
            try:
                requests.get(f"{url}/healthz", timeout=5)
                break
            except requests.ConnectionError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield url, process
    finally:
        process.kill()
        process.wait()


def test_both_workers_answer_and_count(server: tuple[str, subprocess.Popen[bytes]]) -> None:
    url, process = server
    deadline = time.monotonic() + 20
    while len(psutil.Process(process.pid).children()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    for _ in range(40):
        requests.get(f"{url}/healthz", timeout=5)  # a connection each, so that both workers get some
    text = requests.get(f"{url}/metrics", timeout=10).text
    found = re.search(r'ringsight_requests_total\{method="GET",route="/healthz",status="200"\} ([0-9.]+)', text)
    assert found is not None
    assert float(found[1]) >= 40
    assert "ringsight_graph_up 0.0" in text
    assert "ringsight_index_up 0.0" in text


def test_without_any_store_it_refuses_soon(server: tuple[str, subprocess.Popen[bytes]]) -> None:
    url, _ = server
    started = time.monotonic()
    answer = requests.post(f"{url}/v1/risk/signup", json={"ip": "203.0.113.7"}, timeout=10)
    assert answer.status_code == 503
    assert time.monotonic() - started < 2
    ready = requests.get(f"{url}/readyz", timeout=10)
    assert (ready.status_code, ready.json()["decides"]) == (503, False)


def test_a_worker_that_dies_is_replaced(server: tuple[str, subprocess.Popen[bytes]]) -> None:
    url, process = server
    victim = psutil.Process(process.pid).children()[0]
    victim.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while len([c for c in psutil.Process(process.pid).children() if c.pid != victim.pid]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert requests.get(f"{url}/healthz", timeout=20).status_code == 200


def test_it_stops_and_leaves_nothing(server: tuple[str, subprocess.Popen[bytes]]) -> None:
    _, process = server
    shared = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path("/tmp")
    children = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    assert process.wait(timeout=20) == 0
    assert not [child for child in children if child.is_running()]
    assert not list(shared.glob(f"ringsight-metrics-{process.pid}-*"))


def test_a_wrong_policy_stops_the_start(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("version = 7\n")
    env = {**os.environ, "RINGSIGHT_HOME": str(tmp_path), "RINGSIGHT_POLICY": str(policy), "RINGSIGHT_AUTH": "off"}
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "serve", "--port", str(free_port(8950))],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "policy.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_a_killed_server_left_is_cleared(tmp_path: Path) -> None:
    shared = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = shared / f"ringsight-metrics-{gone.pid}-test"
    left.mkdir()
    configuration = Path(__file__).resolve().parents[2] / "service" / "gunicorn_conf.py"
    command = [sys.executable, "-m", "gunicorn", "--check-config", "-c", str(configuration), "service.wsgi:app"]
    env = {**os.environ, "RINGSIGHT_HOME": str(tmp_path)}
    assert subprocess.run(command, env=env, timeout=60, check=False).returncode == 0
    assert not left.exists()
