"""How quick a decision is, beside an empty route of the same application and the same decision from Neo4j.

    python bench/risk.py --connections 1        p50 and p99 of one connection (and, with 8, requests a second)
    python bench/risk.py --case busy            the same while a detection run and a worker are at work
    python bench/risk.py --case index           seconds and MB of an index build (--accounts 1000000)
    python bench/risk.py --case freshness       from POST /v1/events to a changed decision
    python bench/risk.py --case ring            from the fifth signup to a ring in GET /v1/changes and in a decision

Gunicorn runs as in production (service/gunicorn_conf.py), on the loopback address, with an API key. It needs no running
engine: it starts one in a home of its own and stops all it started. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import load
import polars as pl
import requests
from product import end_in_order

from service.net import free_port
from service.security.keys import KeyStore
from service.security.roles import Role

ROOT = Path(__file__).resolve().parents[1]
BENCH = Path(__file__).resolve().parent
TARGETS = {"empty": "/bench/empty", "decision": "/v1/risk/signup", "neo4j": "/bench/graph"}
ROUNDS = 4
BODIES = 2000


@dataclass(frozen=True, slots=True)
class World:
    """A home with events, a graph, a published run and an index; and a key for its API."""

    home: Path
    events: Path
    env: dict[str, str]
    key: str

    def command(self, *arguments: str) -> str:
        """Runs a ringsight command; returns its last line."""
        done = subprocess.run(
            [sys.executable, "-m", "service.cli", *arguments],
            env=self.env, cwd=ROOT, check=False, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode != 0:
            raise SystemExit(f"ringsight {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Starts a ringsight command beside."""
        return subprocess.Popen(
            [sys.executable, "-m", "service.cli", *arguments],
            env=self.env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip


def main() -> None:
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--case", choices=("plain", "busy", "index", "freshness", "ring"), default="plain")
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each target in each of 4 rounds")
    options = parser.parse_args()
    with world(options.accounts, detect=options.case != "index") as made:
        if options.case == "index":
            figures = index_case(made)
        else:
            with server(made) as port:
                if options.case == "plain":
                    figures = compare(made, port, options.connections, options.seconds)
                elif options.case == "busy":
                    figures = busy(made, port, options.connections, options.seconds)
                elif options.case == "freshness":
                    figures = freshness(made, port)
                else:
                    figures = ring(made, port)
    print(json.dumps({"case": options.case, "accounts": options.accounts, **figures}))


@contextmanager
def world(accounts: int, detect: bool) -> Iterator[World]:
    """Everything, in a temporary home."""
    with tempfile.TemporaryDirectory(prefix="ringsight-risk-") as folder:
        home = Path(folder)
        env = {**os.environ, "RINGSIGHT_HOME": folder, "RINGSIGHT_AUTH": "keys"}
        env.pop("RINGSIGHT_NEO4J_URI", None)
        roles = [Role.SCORE, Role.INGEST, Role.ANALYST]
        _, key = KeyStore(home).create("bench", roles, None)
        made = World(home, home / "events", env, key)
        made.command("engine", "start")
        try:
            say(made.command("simulate", "--out", str(made.events), "--accounts", str(accounts)))
            say(made.command("ingest", str(made.events / "events.parquet")))
            if detect:
                say(made.command("detect"))
                say(made.command("index", "rebuild"))
            yield made
        finally:
            made.command("engine", "stop")


@contextmanager
def server(made: World) -> Iterator[int]:
    """The application under gunicorn's production settings."""
    port = free_port(8790)
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "service/gunicorn_conf.py", "-b", f"127.0.0.1:{port}",
         "risk_app:app"],
        env={**made.env, "PYTHONPATH": str(BENCH)},
        cwd=ROOT,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200:
                    break
            except requests.ConnectionError:
                pass
            time.sleep(0.2)
        else:
            raise SystemExit("the server was not ready in 60 s")
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def bodies(made: World) -> list[bytes]:
    """Signups of the simulated week after the history: identifiers of rings, of honest people, and new ones."""
    columns = ["ip", "device_id", "payment_fingerprint"]
    rows = pl.read_parquet(made.events / "signups_next.parquet", columns=columns).head(BODIES).to_dicts()
    filled = [{name: value for name, value in row.items() if value} for row in rows]
    return [json.dumps(row).encode() for row in filled if row]


def compare(made: World, port: int, connections: int, seconds: float) -> dict[str, Any]:
    """The three targets in turn, several rounds, so that the machine's moods hit all alike."""
    prepared = {name: load.requests(path, bodies(made), made.key) for name, path in TARGETS.items()}
    results = {name: load.Result() for name in TARGETS}
    for name in TARGETS:
        load.run(port, prepared[name], connections, 1.0)  # warm
    for _ in range(ROUNDS):
        for name in TARGETS:
            results[name].add(load.run(port, prepared[name], connections, seconds))
    return table(results, connections)


def table(results: dict[str, load.Result], connections: int) -> dict[str, Any]:
    print(f"{connections} connection(s)   p50 ms   p99 ms   p99.9 ms   requests/s   errors")
    for name, result in results.items():
        print(
            f"{name:>16} {result.ms(0.5):8.2f} {result.ms(0.99):8.2f} {result.ms(0.999):10.2f} "
            f"{result.per_s:12.0f} {result.errors:8d}"
        )
    decision = results["decision"]
    figures: dict[str, Any] = {
        "connections": connections,
        "p50_ms": round(decision.ms(0.5), 3),
        "p99_ms": round(decision.ms(0.99), 3),
        "per_s": round(decision.per_s),
        "errors": sum(result.errors for result in results.values()),
    }
    for name in ("empty", "neo4j"):
        if name in results:
            figures[f"ratio_to_{name}"] = round(decision.per_s / results[name].per_s, 3)
            figures[f"{name}_p50_ms"] = round(results[name].ms(0.5), 3)
            figures[f"{name}_p99_ms"] = round(results[name].ms(0.99), 3)
            figures[f"{name}_per_s"] = round(results[name].per_s)
    return figures


def busy(made: World, port: int, connections: int, seconds: float) -> dict[str, Any]:
    """Decisions and the empty route in turn while a detection run and a worker are at work."""
    prepared = {name: load.requests(TARGETS[name], bodies(made), made.key) for name in ("empty", "decision")}
    results = {name: load.Result() for name in prepared}
    detect, worker = made.start("detect"), made.start("worker")
    sent = 0
    try:
        while detect.poll() is None:
            for name in prepared:
                results[name].add(load.run(port, prepared[name], connections, min(seconds, 2.0)))
                sent += post_events(made, port, [event(f"busy-{sent + n}", f"busy-{n % 50}") for n in range(500)])
    finally:
        worker.terminate()
        worker.wait(timeout=30)
        if detect.poll() is None:
            detect.terminate()
            detect.wait(timeout=60)
    return table(results, connections) | {"events_sent": sent, "detect_exit": detect.returncode}


def event(account: str, device: str) -> dict[str, str]:
    """A signup now."""
    return {"account_id": account, "type": "signup", "occurred_at": datetime.now(UTC).isoformat(), "device_id": device}


def post_events(made: World, port: int, events: list[dict[str, str]]) -> int:
    """POST /v1/events; returns how many were taken."""
    answer = requests.post(
        f"http://127.0.0.1:{port}/v1/events", json=events, headers={"Authorization": f"Bearer {made.key}"}, timeout=30
    )
    if answer.status_code != 202:
        raise SystemExit(f"POST /v1/events: {answer.status_code} {answer.text}")
    return len(events)


def freshness(made: World, port: int) -> dict[str, Any]:
    """Thirty signups on a device that nobody has seen: how long until a decision about it changes?"""
    worker = made.start("worker")
    headers = {"Authorization": f"Bearer {made.key}"}
    took = []
    try:
        time.sleep(5)  # the worker starts
        for _ in range(5):
            device = f"fresh-{secrets.token_hex(4)}"
            started = time.monotonic()
            post_events(made, port, [event(f"{device}-{n}", device) for n in range(30)])
            while time.monotonic() - started < 60:
                answer = requests.post(
                    f"http://127.0.0.1:{port}/v1/risk/signup", json={"device_id": device}, headers=headers, timeout=10
                )
                if answer.json()["level"] in ("high", "critical"):
                    break
                time.sleep(0.01)
            took.append(time.monotonic() - started)
    finally:
        worker.terminate()
        worker.wait(timeout=30)
    print("from POST /v1/events to a changed decision, s: " + ", ".join(f"{value:.2f}" for value in took))
    return {"seconds": round(max(took), 3), "seconds_median": round(sorted(took)[len(took) // 2], 3)}


def ring(made: World, port: int) -> dict[str, Any]:
    """Five signups of eight minutes on a device, a card and an address that nobody has seen: how long until the change
    feed tells of the ring, and until a decision about the sixth names it? The first time warms the engine's plans."""
    worker = made.start("worker")
    base, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {made.key}"}
    told, named = [], []
    try:
        time.sleep(5)  # the worker starts
        for number in range(6):
            name, now = secrets.token_hex(4), datetime.now(UTC)
            uses = {"device_id": f"d-{name}", "payment_fingerprint": f"p-{name}", "ip": f"198.51.100.{number + 1}"}
            seq = requests.get(f"{base}/v1/changes?limit=1000", headers=headers, timeout=30).json()["next"]
            five = [
                event(f"{name}-{n}", "") | uses | {"occurred_at": (now - timedelta(minutes=8 - 2 * n)).isoformat()}
                for n in range(5)
            ]
            post_events(made, port, five[:4])
            time.sleep(3)
            started = time.monotonic()
            post_events(made, port, five[4:])
            feed = f"{base}/v1/changes?since={seq}"
            while not requests.get(feed, headers=headers, timeout=30).json()["changes"]:
                if time.monotonic() - started > 60:
                    raise SystemExit("no ring was told within 60 s")
                time.sleep(0.05)
            told.append(time.monotonic() - started)
            while not requests.post(f"{base}/v1/risk/signup", json=uses, headers=headers, timeout=10).json()["ring"]:
                time.sleep(0.05)
            named.append(time.monotonic() - started)
            time.sleep(2)
    finally:
        worker.terminate()
        worker.wait(timeout=30)
    for what, took in (("GET /v1/changes", told), ("a decision", named)):
        print(f"from the fifth signup to {what}, s: " + ", ".join(f"{value:.2f}" for value in took))
    warm = sorted(named[1:])
    return {
        "seconds": round(max(warm), 2),
        "seconds_median": round(warm[len(warm) // 2], 2),
        "seconds_feed": round(max(told[1:]), 2),
        "seconds_cold": round(named[0], 2),
    }


def index_case(made: World) -> dict[str, Any]:
    """Builds the index twice; the second build is the figure."""
    say(made.command("index", "rebuild"))
    started = time.monotonic()
    say(made.command("index", "rebuild"))
    took = time.monotonic() - started
    current = (made.home / "index" / "current").read_text()
    size = (made.home / "index" / current / "data.mdb").stat().st_size
    return {"seconds": round(took, 1), "mb": round(size / 1e6, 1)}


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
