"""How long a detection run takes, on simulated populations of growing size, and with one address that very many share.

    python bench/detection.py --accounts 100000 224000 1000000
    python bench/detection.py --accounts 1000000 --activities 0.38
    python bench/detection.py --accounts 224000 --case supernode

Each size gets an engine in a home of its own (its heap is RINGSIGHT_ENGINE_HEAP_MB's), is loaded through `ringsight
backfill`, and has two runs of `ringsight detect`: the first on an engine that was just started (cold), the second on a
warm one. A simulated account has 6.8 links; with `--activities 0.38`, of which that share is kept, it has 5. `--case
supernode` does it again with one address that 50,000 accounts use besides. `gds_seconds` is the sum of GDS's own
compute times; `peak_mb` the most memory that this process held in a run, `engine_mb` the most that the
engine held. The last line is one JSON object of the figures of the last run printed.
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
from service.detection.pipeline import RunResult, detect
from service.engine import local, state
from service.settings import load_settings

MEGABYTE = 1 << 20
SUPERNODE = 50_000  # accounts on one address, in the case of that name


@contextmanager
def peak_memory(pids: list[int]) -> Iterator[list[int]]:
    """The most bytes that each of these processes held while the block ran."""
    most, done = [0] * len(pids), threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            for at, pid in enumerate(pids):
                if psutil.pid_exists(pid):
                    most[at] = max(most[at], psutil.Process(pid).memory_info().rss)

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


def keep_activities(events: Path, share: float) -> None:
    """Leaves out all but a share of the events that are neither signups nor payments, at random."""
    frame = pl.read_parquet(events)
    kept = np.random.default_rng(1).random(frame.height) < share
    frame.filter((pl.col("type") != "activity") | pl.Series(kept)).write_parquet(events)


def measure(accounts: int, activities: float, supernode: int, label: str) -> dict[str, float]:
    """One population, loaded and detected twice; prints both runs and returns the figures of the second."""
    with tempfile.TemporaryDirectory(prefix="ringsight-bench-") as folder:
        settings = load_settings().model_copy(update={"home": Path(folder) / "home", "neo4j_uri": None})
        environment = {**os.environ, "RINGSIGHT_HOME": str(settings.home)}
        command = [sys.executable, "-m", "service.cli"]
        events = Path(folder) / "events.parquet"
        try:
            # In processes of their own, whose memory is not counted.
            population = ["simulate", "--out", folder, "--seed", "1", "--accounts", str(accounts)]
            subprocess.run([*command, *population], check=True, env=environment)
            if activities < 1:
                keep_activities(events, activities)
            if supernode:
                add_supernode(events, supernode)
            subprocess.run([*command, "backfill", str(events)], check=True, env=environment)
            running = state.read(settings.home)
            assert running is not None
            figures: dict[str, float] = {}
            for state_of_engine in ("cold", "warm"):
                with open_graph(settings) as graph, peak_memory([os.getpid(), running.pid]) as most:
                    result = detect(graph, settings.home)
                figures = tell(f"{label} {state_of_engine}", result, *most)
            return figures
        finally:
            local.stop(settings.home)


def tell(label: str, result: RunResult, own: int, engine: int) -> dict[str, float]:
    """Prints one run and its stages. Returns its figures."""
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in result.stages.items())
    print(
        f"{label:>24} {result.accounts:>10,} {result.seconds:>8.1f} {result.gds_seconds:>7.1f} {own / MEGABYTE:>8,.0f} "
        f"{engine / MEGABYTE:>10,.0f} {result.members:>9,}   {stages}",
        flush=True,
    )
    return {
        "accounts": result.accounts,
        "seconds": result.seconds,
        "gds_seconds": result.gds_seconds,
        "peak_mb": round(own / MEGABYTE, 1),
        "engine_mb": round(engine / MEGABYTE, 1),
    }


def main() -> None:
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, nargs="+", default=[224_000], help="one size or more")
    parser.add_argument("--activities", type=float, default=1.0, help="share of activity events that is kept (0 to 1)")
    parser.add_argument("--case", choices=("growth", "supernode"), default="growth", help="see above")
    arguments = parser.parse_args()
    figures: dict[str, float] = {}
    titles = f"{'accounts':>10} {'seconds':>8} {'in GDS':>7} {'peak MB':>8} {'engine MB':>10} {'in rings':>9}"
    print(f"{'':>24} {titles}   stages")
    for accounts in sorted(arguments.accounts):
        figures = measure(accounts, arguments.activities, 0, "plain")
        if arguments.case == "supernode":
            figures = measure(accounts, arguments.activities, SUPERNODE, "supernode")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
