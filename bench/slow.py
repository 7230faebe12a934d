"""Decisions while many clients send half a request and wait: `python bench/slow.py`.

A server on a home with a read index and no graph database, which one connection after another asks for decisions; then
the same beside slow clients on this machine, which send a byte now and then and connect again once they are thrown out.
Prints a table and a last line of JSON. Stops by itself after a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from multiprocessing import Event, Process, Value
from pathlib import Path
from typing import Any

import load
import requests

from service import formats
from service.decisions.index import records
from service.decisions.index.lmdb_store import LmdbStore
from service.decisions.index.store import Meta
from service.ingest.identifiers import identifiers_of
from service.ingest.tokens import load_tokeniser
from service.model.evidence import RunInfo
from service.net import free_port
from service.security.keys import KeyStore
from service.security.roles import Role

DEVICES = 100_000
HALF = b"POST /v1/risk/signup HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-Slow: "
BYTE_EVERY_S = 2.0
WARM_S = 2.0


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--slow", type=int, default=1000, help="slow connections")
    options.add_argument("--connections", type=int, default=4, help="connections that ask for decisions")
    options.add_argument("--seconds", type=float, default=8.0, help="of each measurement; four are made")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, key):
        bodies = [json.dumps({"device_id": f"d{number}"}).encode() for number in range(1000)]
        asked = load.requests("/v1/risk/signup", bodies, key)
        load.run(port, asked, given.connections, WARM_S)
        pairs = [measure(port, asked, given) for _ in range(2)]  # in turn: the machine has other work too
        tell(given, pairs)


def measure(port: int, asked: list[bytes], given: argparse.Namespace) -> tuple[load.Result, load.Result, int]:
    """Without and with the slow clients; and how many of them were connected at the end."""
    alone = load.run(port, asked, given.connections, given.seconds)
    with slow_clients(port, given.slow) as held:
        beside = load.run(port, asked, given.connections, given.seconds)
        return alone, beside, held.value


def tell(given: argparse.Namespace, pairs: list[tuple[load.Result, load.Result, int]]) -> None:
    alone, beside = load.Result(), load.Result()
    for one, other, _ in pairs:
        alone.add(one)
        beside.add(other)
    print(f"{'':24}{'decisions/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'longest ms':>12}{'errors':>8}")
    for name, result in (("alone", alone), (f"beside {given.slow} slow", beside)):
        times = f"{result.ms(0.5):>9.2f}{result.ms(0.99):>9.2f}{result.ms(1.0):>12.1f}"
        print(f"{name:24}{result.per_s:>12.0f}{times}{result.errors:>8}")
    found = {
        "slow": given.slow,
        "held": [held for _, _, held in pairs],
        "rate_ratio": round(beside.per_s / alone.per_s, 3),
        "p50_ratio": round(beside.ms(0.5) / alone.ms(0.5), 2),
        "p99_ratio": round(beside.ms(0.99) / alone.ms(0.99), 2),
        "errors": beside.errors,
    }
    print(json.dumps(found))


@contextmanager
def server(home: Path) -> Iterator[tuple[int, str]]:
    """A server with an index of devices; its port, and a key for decisions."""
    tokeniser, now = load_tokeniser(home, True), int(time.time())
    record = records.pack_identifier(records.Identifier(2, (5, 0.5, now - 9000, now - 900, 4.0, 1.5, now)))
    names = (identifiers_of(tokeniser, device_id=f"d{number}")[0] for number in range(DEVICES))
    build_index(home, ((records.key(*name), record) for name in names))
    with serving(home, {}) as reached:
        yield reached


def build_index(home: Path, found: Iterable[tuple[bytes, bytes]]) -> None:
    """A read index of these records, in a home that no graph database belongs to."""
    formats.note_home(home)
    run = RunInfo("run-1", int(time.time()), 0.02, "1")
    with closing(LmdbStore(home / "index")) as store:
        store.build(Meta(run, int(time.time())), found)


@contextmanager
def serving(home: Path, settings: dict[str, str]) -> Iterator[tuple[int, str]]:
    """A server with two processes on a home; its port, and a key for decisions."""
    key = KeyStore(home).create("bench", [Role.SCORE], 3600)[1]
    port = free_port(18400)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RINGSIGHT_")}
    environment |= {"RINGSIGHT_HOME": str(home), "RINGSIGHT_RATE_PER_KEY": "1000000", **settings}
    call = [sys.executable, "-m", "service.cli", "serve", "--port", str(port), "--workers", "2"]
    process = subprocess.Popen(call, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until_up(port)
        yield port, key
    finally:
        process.terminate()
        process.wait(30)


def until_up(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise SystemExit("the server did not start in 30 s")


@contextmanager
def slow_clients(port: int, count: int) -> Iterator[Any]:
    """So many slow connections from a process of its own; how many are open, all the while."""
    stop, held = Event(), Value("i", 0)
    process = Process(target=be_slow, args=(port, count, stop, held), daemon=True)
    process.start()
    try:
        deadline = time.monotonic() + 10
        while held.value < 0.95 * count and time.monotonic() < deadline:
            time.sleep(0.1)
        yield held
    finally:
        stop.set()
        process.join(10)


def be_slow(port: int, count: int, stop: Any, held: Any) -> None:
    """Keeps connections open with half a request; one that is thrown out connects again. Ends after two minutes."""
    end = time.monotonic() + 120
    with selectors.DefaultSelector() as selector:
        while not stop.is_set() and time.monotonic() < end:
            for _ in range(min(count - len(selector.get_map()), 200)):
                connect(port, selector)
            held.value = len(selector.get_map())
            next_byte = time.monotonic() + BYTE_EVERY_S
            while not stop.is_set() and time.monotonic() < next_byte:
                drop_closed(selector, 0.2)
                if len(selector.get_map()) < count:
                    break
            else:
                send_a_byte(selector)
            held.value = len(selector.get_map())
        for entry in list(selector.get_map().values()):
            close(selector, entry.fileobj)


def connect(port: int, selector: selectors.BaseSelector) -> None:
    try:
        made = socket.create_connection(("127.0.0.1", port), timeout=5)
        made.sendall(HALF)
    except OSError:
        return
    made.setblocking(False)
    selector.register(made, selectors.EVENT_READ)


def drop_closed(selector: selectors.BaseSelector, seconds: float) -> None:
    for entry, _ in selector.select(seconds):
        close(selector, entry.fileobj)  # nobody answers half a request: it was closed


def send_a_byte(selector: selectors.BaseSelector) -> None:
    for entry in list(selector.get_map().values()):
        try:
            entry.fileobj.send(b"x")  # type: ignore[union-attr]
        except OSError:
            close(selector, entry.fileobj)


def close(selector: selectors.BaseSelector, made: Any) -> None:
    selector.unregister(made)
    made.close()


if __name__ == "__main__":
    main()
