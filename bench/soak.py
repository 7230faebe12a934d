"""Everything at once for a while: intake, a worker, detection runs, risk requests, an analyst's reads and exports.

    python bench/soak.py                 15 minutes
    python bench/soak.py --minutes 2     a short one

It needs no running engine: it starts all that it needs in a home of its own, on the loopback address, and stops it.
The last line is one JSON object; the exit code is 1 if a request failed, an event was lost, or memory kept growing.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import requests
from product import end_in_order
from risk import World, server, world

from service import bootstrap
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[1]

EVENTS_EACH_S = 200
RISK_EACH_S = 50
DETECT_EVERY_S = 180
SAMPLE_EVERY_S = 5
MEMORY_GROWTH = 1.15  # the last quarter's median over the second quarter's, above which memory counts as growing
LEAST_MINUTES = 5  # below, processes are still warming up and growth says nothing
DRAIN_WITHIN_S = 300
COUNT = "MATCH (a:Account) WHERE a.id STARTS WITH 'soak-' RETURN count(a) AS accounts, sum(a.uses) AS uses"


@dataclass(slots=True)
class Seen:
    """What happened, from all threads. `memory`: MB by process and sample."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    risk_ms: list[float] = field(default_factory=list)
    memory: dict[str, list[float]] = field(default_factory=dict)
    sent: int = 0

    def fail(self, what: str) -> None:
        self.counts["errors"] += 1
        if len(self.failures) < 20:
            self.failures.append(what)


@dataclass(slots=True)
class Soak:
    """One soak: its parts run in threads until `stop` is set."""

    made: World
    port: int
    seconds: float
    seen: Seen = field(default_factory=Seen)
    stop: threading.Event = field(default_factory=threading.Event)

    def ask(self, session: requests.Session, method: str, path: str, **more: Any) -> requests.Response | None:
        """One request; anything but success is a failure."""
        try:
            answer = session.request(method, f"http://127.0.0.1:{self.port}{path}", timeout=60, **more)
        except requests.RequestException as error:
            self.seen.fail(f"{method} {path}: {error}")
            return None
        if answer.status_code >= 400:
            self.seen.fail(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            return None
        return answer

    def session(self) -> requests.Session:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {self.made.key}"
        return session

    def intake(self) -> None:
        """New accounts, each with one event; a few share devices, as fakes do."""
        session = self.session()
        while self._each(1.0):
            now = datetime.now(UTC).isoformat()
            first = self.seen.sent
            events = [
                {
                    "account_id": f"soak-{n}",
                    "occurred_at": now,
                    "type": "signup",
                    "device_id": f"soak-device-{n // 20 if n % 10 == 0 else n}",
                    "ip": f"11.{n // 65536 % 256}.{n // 256 % 256}.{n % 256}",
                }
                for n in range(first, first + EVENTS_EACH_S)
            ]
            if self.ask(session, "POST", "/v1/events", json=events) is not None:
                self.seen.sent += EVENTS_EACH_S

    def risk(self) -> None:
        """Signups at a steady rate."""
        session, dice = self.session(), random.Random(1)
        while self._each(1 / RISK_EACH_S):
            body = {
                "ip": f"11.0.{dice.randrange(256)}.{dice.randrange(256)}",
                "device_id": f"soak-device-{dice.randrange(9999)}",
            }
            started = time.perf_counter()
            if self.ask(session, "POST", "/v1/risk/signup", json=body) is not None:
                self.seen.risk_ms.append(1000 * (time.perf_counter() - started))

    def analyst(self) -> None:
        """The list, then a ring with all its views, and an export."""
        session = self.session()
        while self._each(3.0):
            answer = self.ask(session, "GET", "/v1/rings")
            for ring in (answer.json()["rings"] if answer else [])[:3]:
                for view in ("", "/members", "/graph", "/timeline", "/journal", "/export?format=json"):
                    self.ask(session, "GET", f"/v1/rings/{ring['id']}{view}")
                    self.seen.counts["analyst"] += 1

    def detection(self) -> None:
        """A run every few minutes, at least one in a short soak."""
        while self._each(min(DETECT_EVERY_S, self.seconds / 4)):
            done = subprocess.run(
                [sys.executable, "-m", "service.cli", "detect"],
                env=self.made.env, cwd=ROOT, check=False, capture_output=True, text=True,
            )  # fmt: skip
            self.seen.counts["detections"] += done.returncode == 0
            if done.returncode != 0:
                self.seen.fail(f"detect: {done.stderr[-300:]}")

    def memory(self, processes: dict[str, psutil.Process]) -> None:
        """Memory of each process with its children: what they don't share, so that mapped files do not count."""
        while self._each(SAMPLE_EVERY_S):
            for name, process in processes.items():
                with suppress(psutil.NoSuchProcess):  # a child may leave between the two looks
                    family = [process, *process.children(recursive=True)]
                    used = sum(member.memory_full_info().uss for member in family) / 1e6
                    self.seen.memory.setdefault(name, []).append(used)

    def _each(self, seconds: float) -> bool:
        """Waits; false once it is time to stop."""
        return not self.stop.wait(seconds)


def main() -> int:
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--accounts", type=int, default=20_000, help="of the population that is there at the start")
    options = parser.parse_args()
    with world(options.accounts, detect=True) as made, server(made) as port:
        worker = made.start("worker")
        try:
            soak = Soak(made, port, options.minutes * 60)
            gunicorn = next(c for c in psutil.Process().children() if "gunicorn" in " ".join(c.cmdline()))
            run(soak, {"server": gunicorn, "worker": psutil.Process(worker.pid)})
            counted = drained(soak)
        finally:
            worker.terminate()
            worker.wait(timeout=60)
    return report(soak.seen, counted, options.minutes)


def run(soak: Soak, processes: dict[str, psutil.Process]) -> None:
    """All parts, for as long as was asked."""
    parts: list[Callable[[], None]] = [soak.intake, soak.risk, soak.analyst, soak.detection]
    threads = [threading.Thread(target=part) for part in [*parts, lambda: soak.memory(processes)]]
    for thread in threads:
        thread.start()
    time.sleep(soak.seconds)
    soak.stop.set()
    for thread in threads:
        thread.join()


def drained(soak: Soak) -> dict[str, int]:
    """Accounts and uses in the graph, once the worker has caught up or time is over."""
    deadline = time.monotonic() + DRAIN_WITHIN_S
    with bootstrap.open_graph(Settings(home=soak.made.home)) as graph:
        while True:
            records, _, _ = graph.driver.execute_query(COUNT, database_=graph.address.database)
            found = {"accounts": int(records[0]["accounts"]), "uses": int(records[0]["uses"])}
            if found["uses"] >= soak.seen.sent or time.monotonic() > deadline:
                return found
            time.sleep(1)


def growth(samples: list[float]) -> float:
    """The last quarter's median over the second quarter's: what came up at the start does not count."""
    quarter = max(1, len(samples) // 4)
    return statistics.median(samples[-quarter:]) / statistics.median(samples[quarter : 2 * quarter] or samples)


def report(seen: Seen, counted: dict[str, int], minutes: float) -> int:
    """Prints the figures; 1 if the soak failed."""
    risk = sorted(seen.risk_ms) or [0.0]
    figures = {
        "minutes": minutes,
        "events": seen.sent,
        "lost": seen.sent - counted["accounts"],
        "doubled": counted["uses"] - counted["accounts"],
        "errors": seen.counts["errors"],
        "risk_requests": len(seen.risk_ms),
        "risk_p50_ms": round(risk[len(risk) // 2], 2),
        "risk_p99_ms": round(risk[int(len(risk) * 0.99)], 2),
        "analyst_requests": seen.counts["analyst"],
        "detections": seen.counts["detections"],
        **{f"{name}_mb": round(statistics.median(samples[-5:]), 1) for name, samples in seen.memory.items()},
        **{f"{name}_growth": round(growth(samples), 3) for name, samples in seen.memory.items()},
    }
    for name, value in figures.items():
        print(f"{name:18}{value:>14,}")
    for failure in seen.failures:
        print(f"failed: {failure}")
    judged = seen.memory if minutes >= LEAST_MINUTES else ()
    grows = any(figures[f"{name}_growth"] > MEMORY_GROWTH for name in judged)
    failed = bool(figures["lost"] or figures["doubled"] or figures["errors"] or grows)
    print(json.dumps({**figures, "ok": not failed}))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
