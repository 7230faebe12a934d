"""Workers on the embedded log and the real engine: each event once, shared partitions, rejects and replay."""

from __future__ import annotations

import json
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service import tracing
from service.cli import worker as worker_command
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.loading.logstatus import log_status
from service.settings import Settings
from service.sources.eventlog import Entry
from service.sources.open import open_log
from service.worker.replay import replay_rejects
from service.worker.start import make_worker
from tests.support import events, work
from tests.support.collector import attributes, collecting
from tests.support.database import wipe
from tests.support.digest import digest


@pytest.fixture
def own(graph: Graph, settings: Settings, tmp_path: Path) -> Settings:
    wipe(graph)
    return work.own_home(settings, graph, tmp_path, worker_batch_events=300)


def test_the_log_gives_the_same_graph_as_the_file(graph: Graph, own: Settings) -> None:
    rows = events.stream(1200)
    tokeniser = load_tokeniser(own.home, True)
    FileIngest(graph, tokeniser, own.home, 500).run([events.write(own.home / "f", rows)])
    clean = digest(graph)
    wipe(graph)
    for low in range(0, 1200, 400):
        assert work.append(own, rows[low : low + 400]).accepted == 400
    counts = work.drain(own, graph)
    assert digest(graph) == clean
    assert (counts.events, counts.refused, counts.duplicates) == (1200, 0, 0)
    assert counts.batches >= 4
    assert work.lag(own, graph) == 0


def test_an_event_id_counts_once_at_the_door_and_behind_it(graph: Graph, own: Settings) -> None:
    rows = events.stream(200)
    assert work.append(own, rows).duplicates == 0
    assert work.append(own, rows[:50]).duplicates == 50
    assert work.drain(own, graph).duplicates == 0
    # What came into the log twice all the same (as Kafka lets it) is found by the worker, also a later one.
    with closing(open_log(own)) as log:
        log.append([Entry(row["account_id"], None, json.dumps(row).encode()) for row in rows[:80]])
    assert work.drain(own, graph).duplicates == 80
    with closing(open_log(own)) as log:
        log.append([Entry(row["account_id"], None, json.dumps(row).encode()) for row in [*rows[:80], *rows[:80]]])
    assert work.drain(own, graph).duplicates == 160
    assert digest(graph).uses == events.uses(rows)


def test_each_batch_is_a_trace_without_accounts(graph: Graph, own: Settings) -> None:
    rows = events.stream(500)
    work.append(own, rows)
    with collecting() as collector:
        tracing.start(collector.endpoint)
        try:
            counts = work.drain(own, graph)
        finally:
            tracing.stop()
    batches = collector.named("worker batch")
    found = [attributes(batch) for batch in batches]
    assert len(found) == counts.batches >= 2
    assert sum(int(batch["ringsight.events"]) for batch in found) == 500
    assert all(int(batch["ringsight.links"]) > 0 for batch in found)
    assert {batch["ringsight.partition"] for batch in found} == set(range(own.eventlog_partitions))
    assert not any(row["account_id"] in str(batches) for row in rows)


def test_a_small_window_forgets_old_ids_only(graph: Graph, own: Settings) -> None:
    small = own.model_copy(update={"dedup_window": 20, "eventlog_partitions": 1, "worker_batch_events": 30})
    rows = events.stream(100)
    with closing(open_log(small)) as log:
        log.append([Entry("one", None, json.dumps(row).encode()) for row in [*rows, *rows[-10:], *rows[:10]]])
    assert work.drain(small, graph).duplicates == 10


def test_foreign_and_broken_records_are_kept_with_their_offset(graph: Graph, own: Settings) -> None:
    good = {"account_id": "a", "occurred_at": "2026-03-01T00:00:00Z", "ip": "1.2.3.4", "device_id": "secret"}
    good |= {"uses": "many", "client_ip": "1.2.3.4"}
    bodies = [json.dumps(good, indent=2).encode(), b"", b"\n", b"no json", b"[1]", b'{"account_id":"a"}', b"\xff\xfe"]
    with closing(open_log(own)) as log:
        log.append([Entry("a", None, body) for body in bodies])
    counts = work.drain(own, graph)
    assert (counts.events, counts.refused) == (7, 6)
    assert (counts.fields.refused, counts.fields.ignored) == ({"uses": 1}, {"client_ip": 1})
    with closing(open_log(own)) as log:
        status = log_status(graph, log)
    assert [sum(getattr(row, name) for row in status) for name in ("refused_values", "ignored_fields")] == [1, 1]
    assert digest(graph).counts["links"] == 2
    kept = [json.loads(line) for file in (own.home / "rejects").iterdir() for line in file.read_text().splitlines()]
    assert [line["offset"] for line in kept] == [2, 3, 4, 5, 6, 7, 1], "refused events, then values"
    assert {line["partition"] for line in kept} == {kept[0]["partition"]}
    assert all(line["source"].startswith("embedded-") and line["reason"] for line in kept)


def test_refused_events_are_replayed_once_they_pass(graph: Graph, own: Settings) -> None:
    soon = (datetime.now(UTC) + timedelta(days=1, seconds=3)).isoformat()
    rows: list[dict[str, Any]] = [
        {"account_id": "a", "occurred_at": soon, "device_id": "secret-device", "ip": "1.2.3.4", "event_id": "e"},
        {"account_id": "a", "occurred_at": soon, "ip": "999.9.9.9"},
    ]
    assert len(work.append(own, rows).refused) == 2
    tokeniser = load_tokeniser(own.home, True)
    (file,) = (own.home / "rejects").glob("*.jsonl")
    assert "secret" not in file.read_text()
    before = file.read_text()
    time.sleep(3.1)
    with closing(open_log(own)) as log:
        first = replay_rejects(own.home, log, tokeniser)
        assert (first.accepted, first.refused, first.unreadable) == (1, 1, 0)
        file.write_text(before)  # as if it had crashed before the file was written
        again = replay_rejects(own.home, log, tokeniser)
        assert (again.accepted, again.refused) == (1, 1)
    assert work.drain(own, graph).events == 1, "the log has it once"
    found = digest(graph)
    assert (found.uses, found.counts["links"]) == (1, 2)
    (file,) = (own.home / "rejects").iterdir()
    assert len(file.read_text().splitlines()) == 1


def test_an_event_that_the_database_refuses_does_not_stop_the_others(graph: Graph, own: Settings) -> None:
    one = own.model_copy(update={"eventlog_partitions": 1})
    rows = events.stream(40, ids=False)
    with graph.driver.session() as session:
        # A link whose count is no number: adding to it is refused by the database.
        session.run("MERGE (a:Account {id: 'odd'}) SET a.uses = true").consume()
    odd = {"account_id": "odd", "occurred_at": "2026-03-01T00:00:00Z", "ip": "1.2.3.4"}
    work.append(one, [*rows[:20], odd, *rows[20:]])
    counts = work.drain(one, graph)
    assert (counts.events, counts.refused) == (41, 1)
    with graph.driver.session() as session:
        session.run("MATCH (a:Account {id: 'odd'}) DETACH DELETE a").consume()
    assert digest(graph).uses == events.uses(rows)
    (file,) = (own.home / "rejects").iterdir()
    kept = json.loads(file.read_text())
    assert kept["event"]["account_id"] == "odd" and "the database refused it" in kept["reason"]


def test_workers_share_partitions_and_take_over_those_of_a_dead_one(graph: Graph, own: Settings) -> None:
    rows = events.stream(2000)
    work.append(own, rows)
    stops = [threading.Event() for _ in range(2)]
    workers = [make_worker(own.model_copy(update={"worker_batch_events": 50}), graph, stop) for stop in stops]
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    dead = work.start(own)
    try:
        with closing(open_log(own)) as log:
            work.until(lambda: len({row.owner for row in log_status(graph, log)} - {None}) == 3)
            dead.kill()
            dead.wait()
            work.append(own, events.stream(500, seed=2))
            work.until(lambda: sum(row.lag for row in log_status(graph, log)) == 0)
            work.until(lambda: all(len(worker.leases.held) == 2 for worker in workers))
    finally:
        dead.kill()
        dead.wait()
        for stop in stops:
            stop.set()
        for thread in threads:
            thread.join()
        for worker in workers:
            worker.log.close()
    assert digest(graph).uses == events.uses(rows) + events.uses(events.stream(500, seed=2))
    shares = [worker.writer.counts.events for worker in workers]
    assert all(shares), f"each had a part: {shares}"


def test_status_shows_the_lag_and_who_reads(graph: Graph, own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in work.environment(own).items():
        if name.startswith("RINGSIGHT_"):
            monkeypatch.setenv(name, value)
    work.append(own, events.stream(30))
    before = CliRunner().invoke(worker_command.command, ["--status"])
    assert before.exit_code == 0 and "in 4 partitions, 0 workers" in before.output and "nobody" in before.output
    worked = CliRunner().invoke(worker_command.command, ["--drain"])
    assert worked.exit_code == 0 and "worked through 30 events (0 refused" in worked.output
    after = CliRunner().invoke(worker_command.command, ["--status"])
    assert "lag 0 in 4 partitions, 0 workers" in after.output
    assert CliRunner().invoke(worker_command.command, ["--status", "--drain"]).exit_code == 2
