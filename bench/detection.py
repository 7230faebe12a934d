"""How long a detection run takes, on simulated populations of growing size, and with one address that very many share.

    python bench/detection.py --accounts 1000000
    python bench/detection.py --accounts 100000 --supernode 50000

Each size gets an engine in a home of its own, is loaded through `ringsight backfill`, and has one run of
`ringsight detect`. `gds_seconds` is the sum of GDS's own compute times; `peak_mb` the most memory that this process and
the engine held together. The last line is one JSON object of the figures of the largest size.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
import psutil
from product import end_in_order

from service.bootstrap import open_graph
from service.engine import local, state
from service.scoring.run import RunResult, detect
from service.settings import load_settings
from service.simulation.simulate import simulate

MEGABYTE = 1 << 20


@contextmanager
def peak_memory(pids: list[int]) -> Iterator[list[int]]:
    """The most bytes that these processes held together, in a list of one, while the block ran."""
    most, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            most[0] = max(most[0], sum(psutil.Process(pid).memory_info().rss for pid in pids if psutil.pid_exists(pid)))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        done.set()
        thread.join()


def add_supernode(events: Path, accounts: int) -> None:
    """Lets so many accounts be seen once more, at any time of the year, on one address."""
    frame = pl.read_parquet(events)
    names = frame["account_id"].unique(maintain_order=True).head(accounts)
    last = frame.group_by("account_id").agg(pl.col("occurred_at").max())
    rows = pl.DataFrame({"account_id": names}).join(last, on="account_id", maintain_order="left")
    extra = rows.with_columns(type=pl.lit("activity"), ip=pl.lit("198.51.100.7"))
    pl.concat([frame, extra], how="diagonal_relaxed").write_parquet(events)


def run_once(accounts: int, supernode: int) -> tuple[RunResult, float]:
    """One population, loaded and detected. Returns the run and its peak memory in MB."""
    with tempfile.TemporaryDirectory(prefix="ringsight-bench-") as folder:
        settings = load_settings().model_copy(update={"home": Path(folder) / "home", "neo4j_uri": None})
        simulate(Path(folder), 1, "main", accounts)
        events = Path(folder) / "events.parquet"
        if supernode:
            add_supernode(events, supernode)
        environment = {**os.environ, "RINGSIGHT_HOME": str(settings.home)}
        try:
            subprocess.run([sys.executable, "-m", "service.cli", "backfill", str(events)], check=True, env=environment)
            running = state.read(settings.home)
            assert running is not None
            with open_graph(settings) as graph, peak_memory([os.getpid(), running.pid]) as most:
                result = detect(graph, settings.home)
            return result, most[0] / MEGABYTE
        finally:
            local.stop(settings.home)


def main() -> None:
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, nargs="+", default=[224_000], help="one size or more")
    parser.add_argument("--supernode", type=int, default=0, help="accounts that share one address besides")
    arguments = parser.parse_args()
    figures: dict[str, float] = {}
    print(f"{'accounts':>10} {'seconds':>9} {'in GDS':>8} {'peak MB':>9} {'in rings':>9}")
    for accounts in np.sort(arguments.accounts).tolist():
        result, peak = run_once(accounts, arguments.supernode)
        print(f"{accounts:>10,} {result.seconds:>9.1f} {result.gds_seconds:>8.1f} {peak:>9,.0f} {result.members:>9,}")
        figures = {"seconds": result.seconds, "gds_seconds": result.gds_seconds, "peak_mb": round(peak, 1)}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
