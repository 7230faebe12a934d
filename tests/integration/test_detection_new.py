"""Looks between runs: a new ring shows within seconds and keeps its id; a day looked at is as a run finds it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from service.cli.scores import read_scores
from service.errors import ConflictError
from service.graph.client import Graph
from service.graph.load import FileIngest
from service.ingest.tokens import load_tokeniser
from service.scoring.incremental import Looker
from service.scoring.run import detect
from service.settings import Settings
from service.simulation.simulate import simulate
from tests.support import database

ACCOUNTS = 12_000
DAY = 330


def load(graph: Graph, settings: Settings, path: Path) -> None:
    FileIngest(graph, load_tokeniser(settings.home, settings.ip_plain), settings.home, settings.batch_size).run([path])


def sizes_hold(graph: Graph) -> bool:
    with graph.driver.session(database=graph.address.database) as session:
        wrong = session.run(
            "MATCH (p:Pointer {name: 'published'}) MATCH (r:Ring {run: p.run_id}) "
            "WHERE COUNT { (r)<-[:MEMBER_OF {run: p.run_id}]-() } <> r.size RETURN count(*) AS n"
        ).single(strict=True)["n"]
    return bool(wrong == 0)


def test_without_a_run_there_is_nothing_to_compare_with(graph: Graph, settings: Settings) -> None:
    with pytest.raises(ConflictError, match="ringsight detect"):
        Looker(graph).at_new()


@pytest.fixture(scope="module")
def day(
    graph: Graph, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Accounts of a day on which campaigns go on: as looks leave them, and as a run after that does."""
    folder = tmp_path_factory.mktemp("day")
    simulate(folder, 3, "main", ACCOUNTS, "parquet", False)
    events = pl.read_parquet(folder / "events.parquet")
    number = (events["occurred_at"] - events["occurred_at"].min()).dt.total_days()
    for name, chosen in (("before", number < DAY), ("day", number == DAY)):
        events.filter(chosen).write_parquet(folder / f"{name}.parquet")
    load(graph, settings, folder / "before.parquet")
    detect(graph, settings.home)
    ids = read_scores(graph)["id"]
    load(graph, settings, folder / "day.parquet")
    assert Looker(graph).at_new().joined > 0
    assert sizes_hold(graph)
    looked = read_scores(graph)
    assert Looker(graph).at_new().joined == 0, "the same look again changes nothing"
    assert read_scores(graph).equals(looked)
    detect(graph, settings.home)
    new = ~looked["id"].is_in(ids.implode())
    return looked.filter(new), read_scores(graph)


def test_a_day_looked_at_is_as_a_run_finds_it(day: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    looked, full = day
    both = looked.join(full, on="id", suffix="_full")
    in_rings = both.filter(pl.col("ring_full").is_not_null())
    assert both.height > 50 and in_rings.height > 25
    assert (in_rings["ring"] == in_rings["ring_full"]).mean() >= 0.95  # type: ignore[operator]
    assert both["ring"].eq_missing(both["ring_full"]).mean() >= 0.95  # type: ignore[operator]
    flagged = in_rings.filter((pl.col("level") != "low") & (pl.col("level_full") != "low"))
    assert flagged.height >= 0.95 * in_rings.height


def test_a_ring_shows_within_seconds_and_keeps_its_id(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    database.wipe(graph)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = []
    for person in range(600):
        at = start + timedelta(hours=12 * person)
        own = {"device_id": f"phone {person}", "ip": f"198.18.{person // 100}.{person % 100}"}
        rows += [
            {"account_id": f"p{person}", "occurred_at": (at + timedelta(days=20 * n)).isoformat(), **own}
            | {"type": "activity" if n else "signup"}
            for n in range(2)
        ]
    path = tmp_path / "before.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    load(graph, settings, path)
    detect(graph, settings.home)
    now = start + timedelta(days=320, hours=5)
    seen = []
    for number in range(10):
        at = now + timedelta(minutes=3 * number)
        shared = {"device_id": "burner", "ip": "203.0.113.9", "payment_fingerprint": f"card {number // 5}"}
        row = {"account_id": f"s{number}", "type": "signup", "occurred_at": at.isoformat(), **shared}
        path = tmp_path / f"s{number}.jsonl"
        path.write_text(json.dumps(row) + "\n", encoding="utf-8")
        began = time.monotonic()
        load(graph, settings, path)
        result = Looker(graph).at_new()
        seen.append((result.joined, result.rings, time.monotonic() - began))
    assert sizes_hold(graph)
    found = [rings for _, rings, _ in seen if rings]
    assert len(found) == 1 and len(found[0]) == 1
    assert max(seconds for *_, seconds in seen) < 5.0
    ours = read_scores(graph).filter(pl.col("id").str.starts_with("s") & pl.col("ring").is_not_null())
    assert ours.height >= 8 and set(ours["ring"]) == set(found[0]) and float(ours["score"].to_numpy().min()) >= 50
    detect(graph, settings.home)
    after = ours.join(read_scores(graph), on="id", suffix="_after")
    assert after["ring"].to_list() == after["ring_after"].to_list()
