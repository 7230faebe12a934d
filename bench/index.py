"""How soon after a detection run is published the read index has it, beside a build of the whole index.

    python bench/index.py --accounts 200000
    python bench/index.py --accounts 1000000 --new 0.015

A simulated population is loaded through `ringsight backfill` but for its newest accounts (`--new`, a share) and all
that happens from the first of them on; then come a run and an index. The rest is ingested, and a second run published:
`update` is the seconds from its publication until the index has it, `changed` how many accounts and identifiers that
looked at; `whole` are the seconds of `ringsight index rebuild` right after, `ratio` is whole by update. `equal` says
whether both indexes have the same bytes in each record. It starts an engine in a home of its own, and stops it. The
last line is one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from itertools import chain
from pathlib import Path

import polars as pl
from product import Product, end_in_order

from service import bootstrap
from service.bootstrap import open_graph
from service.decisions.index.lmdb_store import META_KEY, LmdbStore
from service.detection.pipeline import detect
from service.engine import local
from service.settings import Settings, load_settings


def split(folder: Path, new: float) -> tuple[Path, Path]:
    """Events until the newest accounts came, and those from then on, in files of their own."""
    events = pl.read_parquet(folder / "events.parquet")
    first = events.group_by("account_id").agg(pl.col("occurred_at").min())["occurred_at"].sort()
    later = pl.col("occurred_at") >= first[int(len(first) * (1 - new))]
    before, after = folder / "before.parquet", folder / "after.parquet"
    events.filter(~later).write_parquet(before)
    events.filter(later).write_parquet(after)
    return before, after


def digest(settings: Settings) -> str:
    """A hash of all records, in the order of keys."""
    found = hashlib.blake2b()
    with closing(LmdbStore(settings.home / "index")) as store, store._current().begin() as read:
        for key, value in read.cursor():
            if bytes(key) != META_KEY:
                found.update(bytes(key) + bytes(value))
    return found.hexdigest()


def measure(settings: Settings, after: Path) -> dict[str, object]:
    """An index of a run, and of the next one, by changes and whole. The graph has all but the events of `after`."""
    with open_graph(settings) as graph:
        detect(graph, settings.home)
        bootstrap.rebuild_index(settings, graph)
        Product(settings, graph).ingest(after)
        counted: list[float] = []

        def update() -> None:
            begun = time.monotonic()
            noted = graph.read_bulk("serve/index_changes")
            changed = sum(len({*chain(*noted[name])}) for name in ("accounts", "identifiers"))
            counted.extend((changed, time.monotonic() - begun))
            bootstrap.update_index(settings, graph)

        result = detect(graph, settings.home, update)
        changed, counting = counted
        update_s = result.stages["index"] - counting
        by_changes = digest(settings)
        begun = time.monotonic()
        built = bootstrap.rebuild_index(settings, graph)
        whole = time.monotonic() - begun
    return {
        "accounts": result.accounts,
        "records": built.records,
        "changed": changed,
        "stages": result.stages,
        "update": round(update_s, 2),
        "whole": round(whole, 2),
        "ratio": round(whole / update_s, 1),
        "equal": by_changes == digest(settings),
    }


def prepared(settings: Settings, folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Simulates and loads, in processes of their own, and measures."""
    environment = {**os.environ, "RINGSIGHT_HOME": str(settings.home)}
    command = [sys.executable, "-m", "service.cli"]
    population = ["simulate", "--out", str(folder), "--seed", "1", "--accounts", str(options.accounts)]
    subprocess.run([*command, *population], check=True, env=environment)
    before, after = split(folder, options.new)
    subprocess.run([*command, "backfill", str(before)], check=True, env=environment)
    return measure(settings, after)


def main() -> None:
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=200_000)
    parser.add_argument("--new", type=float, default=0.015, help="share of the accounts that are new in the second run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ringsight-index-") as folder:
        settings = load_settings().model_copy(update={"home": Path(folder) / "home", "neo4j_uri": None, "index": None})
        try:
            figures = prepared(settings, Path(folder), options)
        finally:
            local.stop(settings.home)
    print(json.dumps({"new": options.new, **figures}))


if __name__ == "__main__":
    main()
