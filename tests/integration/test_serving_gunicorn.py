"""`ringsight serve` as it runs in production: its workers, metrics of all of them, and its end."""

from __future__ import annotations

import json
import os
import re
import resource
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

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


HALVES = [
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
    b"\r\n\r\n",
    b"POST /v1/risk/signup HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{",
    b"POST /v1/session HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"",
]


def connected(url: str) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=30)


@pytest.mark.parametrize("half", HALVES)
def test_clients_that_send_half_a_request_hold_up_nobody(
    server: tuple[str, subprocess.Popen[bytes]], half: bytes
) -> None:
    url, _ = server
    with ExitStack() as stack:
        slow = [stack.enter_context(connected(url)) for _ in range(60)]
        for one in slow:
            one.sendall(half)
        time.sleep(0.5)
        for _ in range(10):
            started = time.monotonic()
            assert requests.get(f"{url}/healthz", timeout=20).status_code == 200
            assert time.monotonic() - started < 2
        if half == HALVES[0]:
            started = time.monotonic()
            assert slow[0].recv(100) == b""  # the server gives up
            assert time.monotonic() - started < 20


def test_a_thousand_slow_clients_are_held_and_throw_out_nobody(
    server: tuple[str, subprocess.Popen[bytes]],
) -> None:
    url, _ = server
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1500), hard))  # of this process, which holds their other ends
    with ExitStack() as stack, selectors.DefaultSelector() as closed:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        first = time.monotonic()
        for _ in range(1000):
            one = stack.enter_context(connected(url))
            one.sendall(HALVES[0])
            closed.register(one, selectors.EVENT_READ)
        for _ in range(20):
            assert requests.get(f"{url}/healthz", timeout=20).status_code == 200
        assert not closed.select(0) or time.monotonic() - first > 9, "they are held until their time is over"


def test_a_request_in_pieces_and_two_in_one_are_answered(server: tuple[str, subprocess.Popen[bytes]]) -> None:
    url, _ = server
    whole = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    body = b'{"ip":"203.0.113.7"}'
    head = b"POST /v1/risk/signup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with connected(url) as one, one.makefile("rb") as answers:
        for number in range(len(whole)):
            one.sendall(whole[number : number + 1])
            time.sleep(0.01)
        assert status(answers) == 200
        one.sendall(whole + whole[:30])
        assert status(answers) == 200
        one.sendall(whole[30:] + head + b"Content-Length: %d\r\n\r\n" % len(body) + body[:5])
        assert status(answers) == 200
        one.sendall(body[5:])
        assert status(answers) == 503  # there is no index
        one.sendall(head + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        assert status(answers) == 100
        one.sendall(body)
        assert [found for found in (status(answers), status(answers)) if found != 100] == [503]  # a second 100 is fine


def test_a_connection_is_kept_though_a_view_does_not_read_the_body(
    server: tuple[str, subprocess.Popen[bytes]],
) -> None:
    """However busy the server is: its threads wait for each other."""
    url, _ = server
    body = b"x" * 5000
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    def ask() -> set[int]:
        found = set()
        with connected(url) as one, one.makefile("rb") as answers:
            for _ in range(300):
                one.sendall(request)
                found.add(status(answers))
        return found

    with ThreadPoolExecutor(16) as pool:
        assert [done.result() for done in [pool.submit(ask) for _ in range(16)]] == [{200}] * 16


def test_a_head_without_end_is_not_collected(server: tuple[str, subprocess.Popen[bytes]]) -> None:
    url, _ = server
    with connected(url) as one, suppress(ConnectionError):
        one.sendall(b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 200_000)
        assert one.recv(100) == b""


def test_large_and_chunked_bodies_are_read(server: tuple[str, subprocess.Popen[bytes]]) -> None:
    url, _ = server
    event = {"account_id": "a", "occurred_at": "2026-03-01T12:00:00Z", "ip": "203.0.113.7"}
    rows = [{**event, "account_id": f"a{number}"} for number in range(2000)]
    assert requests.post(f"{url}/v1/events", json=rows, timeout=30).json()["accepted"] == 2000
    pieces = (json.dumps(row).encode() + b"\n" for row in rows)
    answer = requests.post(
        f"{url}/v1/events", data=pieces, headers={"Content-Type": "application/x-ndjson"}, timeout=30
    )
    assert answer.json()["accepted"] == 2000


def test_the_log_of_a_request_that_broke_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def app(environ, start_response):\n    raise RuntimeError('broken')\n")
    port = free_port(8960)
    call = [sys.executable, "-m", "gunicorn", "-k", "service.patient_worker.PatientWorker", "-b", f"127.0.0.1:{port}"]
    root = Path(__file__).resolve().parents[2]
    env = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{tmp_path}"}
    with subprocess.Popen([*call, "broken:app"], env=env, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while True:
            try:
                assert requests.get(f"http://127.0.0.1:{port}/v1/accounts/ana?q=ben", timeout=5).status_code == 500
                break
            except requests.ConnectionError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        process.terminate()
        assert process.stderr is not None
        told = process.stderr.read()
    assert "RuntimeError: broken" in told and "path left out" in told
    assert "ana" not in told.replace(str(tmp_path), "") and "q=ben" not in told


def status(answers: BinaryIO) -> int:
    """Reads one answer of a connection; returns its status."""
    line, length = answers.readline(), 0
    while (header := answers.readline().strip()) != b"":
        name, _, value = header.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    answers.read(length)
    return int(line.split()[1])


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


def test_a_hard_limit_of_open_files_that_is_too_low_is_said_at_the_start(tmp_path: Path) -> None:
    env = {**os.environ, "RINGSIGHT_HOME": str(tmp_path), "RINGSIGHT_AUTH": "off"}
    serve = f"{sys.executable} -m service.cli serve --port {free_port(8950)} --workers 1"
    call = ["bash", "-c", f"ulimit -Sn 1024 && ulimit -Hn 1024 && exec {serve}"]
    with subprocess.Popen(call, env=env, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = next((line for line in process.stderr if "raise the hard limit" in line), "")
        process.terminate()
    assert "for 800 connections instead of 2000" in said and "to 2224 (`ulimit -Hn`" in said
