"""How fast events get into the graph, beside what the bare engine does with the same links on the same machine.

    python bench/ingest.py --case first-load|online|seed|http

first-load  events in Parquet through `ringsight backfill`, against the bulk importer on files that are ready
online      events in Parquet through `ringsight ingest`, against one hand-written UNWIND/MERGE statement (batch 5,000)
seed        16 million single-use events: seconds, whether the uses add up exactly, memory of the process
http        POST /v1/events: events a second made durable with 1 and 8 clients, and times of a one-event request

The last line is one JSON object of figures. first-load and online alternate the two sides over the rounds and give the
ratio of the medians: the machine's mood then falls on both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
import psutil
from load import requests, run
from neo4j import ManagedTransaction
from product import end_in_order, product

from service.bootstrap import open_graph
from service.cli.backfill import read_all
from service.engine import admin, local
from service.graph import schema
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.bulk import write_files
from service.loading.files import FileIngest
from service.net import free_port
from service.security.keys import KeyStore
from service.security.roles import Role
from service.settings import Settings, load_settings
from service.simulation.simulate import simulate
from service.sources.files import open_events

HAND_WRITTEN = Path(__file__).with_name("hand_written.cypher")
HAND_BATCH = 5000
WIPE = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
START = np.datetime64("2026-01-01", "us")


def make_events(path: Path, links: int, seed: int) -> pl.DataFrame:
    """Signups with a card, a device and an IP each: three links an account; some identifiers are shared."""
    dice = np.random.default_rng(seed)
    count = links // 3

    def numbers(below: int) -> pl.Series:
        return pl.Series(dice.integers(0, below, count))

    at = pl.Series(START + dice.integers(0, 86_400 * 200, count).astype("timedelta64[s]"))
    frame = pl.DataFrame({"number": dice.permutation(count)}).select(
        pl.format("acct-{}", "number").alias("account_id"),
        at.dt.replace_time_zone("UTC").alias("occurred_at"),
        pl.lit("signup").alias("type"),
        pl.format("21.{}.{}.{}", numbers(20), numbers(256), numbers(250) + 1).alias("ip"),
        pl.format("device-{}", numbers(count * 4 // 5)).alias("device_id"),
        pl.format("card-{}", numbers(count * 9 // 10)).alias("payment_fingerprint"),
    )
    frame.write_parquet(path)
    return frame


def first_load(links: int, rounds: int) -> dict[str, Any]:
    """Ours: from Parquet to the end of the import. Bare: only the import. The engine's restart is in neither."""
    ours, bare = [], []
    with tempfile.TemporaryDirectory(prefix="ringsight-bench-") as folder:
        settings = load_settings().model_copy(update={"home": Path(folder), "neo4j_uri": None})
        path = Path(folder) / "events.parquet"
        make_events(path, links, 1)
        tokeniser = load_tokeniser(settings.home, settings.ip_plain)
        for _ in range(rounds):
            started = time.monotonic()
            _, aggregate, known = read_all(settings, tokeniser, [open_events(path)])
            files = write_files(*aggregate.tables(), known, Path(folder))
            del aggregate
            admin.import_full(settings, files.nodes, files.relationships)
            ours.append(time.monotonic() - started)
            started = time.monotonic()
            admin.import_full(settings, files.nodes, files.relationships)
            bare.append(time.monotonic() - started)
            print(f"ours {ours[-1]:.1f} s, bare importer {bare[-1]:.1f} s")
        local.start(settings)
        try:
            with open_graph(settings) as graph:
                schema.apply(graph)
                found = graph.read("ingest/total_uses")[0]["uses"] * 3
        finally:
            local.stop(settings.home)
    assert found == links // 3 * 3, found
    return _compared(ours, bare, links // 3 * 3)


def online(links: int, rounds: int) -> dict[str, Any]:
    """Ours: the whole of `ringsight ingest`, from Parquet. By hand: the statement alone, its rows ready in memory."""
    ours, hand = [], []
    with product() as running, tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            path = Path(folder) / f"{number}.parquet"
            rows = _hand_rows(make_events(path, links, number))
            by_hand = timed(running.graph, partial(_write_by_hand, running.graph, rows))
            by_us = timed(running.graph, partial(_ingest, running.graph, running.settings, path))
            if number:  # the first round warms both up
                hand.append(by_hand)
                ours.append(by_us)
            print(f"ours {by_us:.1f} s, by hand {by_hand:.1f} s{'' if number else ' (warming up)'}")
    return _compared(ours, hand, links // 3 * 3)


def timed(graph: Graph, work: Callable[[], None]) -> float:
    with graph.driver.session() as session:
        session.run(WIPE).consume()
    schema.apply(graph)
    started = time.monotonic()
    work()
    return time.monotonic() - started


def _hand_rows(events: pl.DataFrame) -> list[dict[str, Any]]:
    names = {"account_id": "account", "occurred_at": "at", "device_id": "device", "payment_fingerprint": "card"}
    return events.drop("type").rename(names).to_dicts()


def _write_by_hand(graph: Graph, rows: list[dict[str, Any]]) -> None:
    text = HAND_WRITTEN.read_text(encoding="utf-8")
    with graph.driver.session() as session:
        for low in range(0, len(rows), HAND_BATCH):
            part = rows[low : low + HAND_BATCH]
            session.execute_write(_run, text, part)


def _run(tx: ManagedTransaction, text: str, rows: list[dict[str, Any]]) -> None:
    tx.run(text, rows=rows).consume()


def _ingest(graph: Graph, settings: Settings, path: Path) -> None:
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    FileIngest(graph, tokeniser, settings.home, settings.batch_size).run([path])


def _compared(ours: list[float], bare: list[float], links: int) -> dict[str, Any]:
    our_s, bare_s = statistics.median(ours), statistics.median(bare)
    return {
        "links": links,
        "seconds": round(our_s, 2),
        "links_per_s": round(links / our_s),
        "bare_seconds": round(bare_s, 2),
        "bare_links_per_s": round(links / bare_s),
        "ratio": round(bare_s / our_s, 3),
    }


def seed_case(accounts: int) -> dict[str, Any]:
    """`ringsight ingest` as a process, watched from outside."""
    with product() as running, tempfile.TemporaryDirectory() as folder:
        simulate(Path(folder), 1, "main", accounts, single_uses=True)
        path = Path(folder) / "events.parquet"
        wanted = pl.scan_parquet(path).select(pl.len().alias("events"), pl.col("uses").sum()).collect().row(0)
        home = {"RINGSIGHT_HOME": str(running.settings.home)}
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "ingest", str(path)], env={**os.environ, **home}
        )
        peak = _watch(process)
        seconds = time.monotonic() - started
        found = running.graph.read("ingest/total_uses")[0]["uses"]
    return {
        "events": wanted[0],
        "seconds": round(seconds, 1),
        "uses": found,
        "uses_exact": found == wanted[1] and process.returncode == 0,
        "peak_mb": peak >> 20,
    }


def _watch(process: subprocess.Popen[bytes]) -> int:
    """The most memory that a process had while it ran."""
    peak, seen = 0, psutil.Process(process.pid)
    while process.poll() is None:
        try:
            peak = max(peak, seen.memory_info().rss)
        except psutil.NoSuchProcess:
            break
        time.sleep(0.05)
    process.wait()
    return peak


def http(seconds: float) -> dict[str, Any]:
    """gunicorn on the loopback; the generator's own share of the two cores is part of the figures."""
    with tempfile.TemporaryDirectory(prefix="ringsight-bench-") as folder:
        key = KeyStore(Path(folder)).create("bench", [Role.INGEST], 3600)[1]
        port = free_port(0)
        no_limits = {"RINGSIGHT_EVENTLOG_MAX_WAITING": str(10**9), "RINGSIGHT_RATE_PER_KEY": "1000000"}
        server = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "serve", "--port", str(port)],
            env={**os.environ, **no_limits, "RINGSIGHT_HOME": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return _measure(port, key, seconds)
        finally:
            server.terminate()
            server.wait(30)


def _measure(port: int, key: str, seconds: float) -> dict[str, Any]:
    one = requests("/v1/events", [_body(1, n) for n in range(200)], key)
    many = requests("/v1/events", [_body(1000, n) for n in range(20)], key)
    deadline = time.monotonic() + 60
    while True:
        try:
            run(port, one, 1, 1.0)
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    figures: dict[str, Any] = {}
    for clients in (1, 8):
        done = run(port, many, clients, seconds)
        single = run(port, one, clients, seconds)
        figures |= {
            f"events_per_s_{clients}": round(1000 * done.per_s),
            f"one_event_per_s_{clients}": round(single.per_s),
            f"one_event_p50_ms_{clients}": round(single.ms(0.5), 2),
            f"one_event_p99_ms_{clients}": round(single.ms(0.99), 2),
            f"errors_{clients}": done.errors + single.errors,
        }
    return figures


def _body(events: int, seed: int) -> bytes:
    at = datetime.fromisoformat("2026-06-01T00:00:00+00:00").isoformat()
    return orjson.dumps(
        [
            {"account_id": f"a{n}", "occurred_at": at, "ip": f"21.{seed}.{n % 250}.9", "device_id": f"d{seed}-{n}"}
            for n in range(events)
        ]
    )


def main() -> None:
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", required=True, choices=("first-load", "online", "seed", "http"))
    parser.add_argument("--links", type=int, help="first-load (default 5,000,000) and online (default 150,000)")
    parser.add_argument("--rounds", type=int, default=3, help="of first-load and online")
    parser.add_argument("--accounts", type=int, default=224_000, help="of seed; 224,000 make 16 million events")
    parser.add_argument("--seconds", type=float, default=8, help="of each measurement of http")
    chosen = parser.parse_args()
    if chosen.case == "first-load":
        figures = first_load(chosen.links or 5_000_000, chosen.rounds)
    elif chosen.case == "online":
        figures = online(chosen.links or 150_000, chosen.rounds)
    elif chosen.case == "seed":
        figures = seed_case(chosen.accounts)
    else:
        figures = http(chosen.seconds)
    for name, value in figures.items():
        print(f"{name:24} {value:>14,}" if type(value) is int else f"{name:24} {value!s:>14}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
