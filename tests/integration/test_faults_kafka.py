"""The event log in a real Kafka broker: the same guarantees, a rebalance, and a broker that is killed."""

from __future__ import annotations

import importlib.util
import json
import random
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from service import bootstrap
from service.decisions.index.index_lookup import IndexLookup
from service.decisions.index.lmdb_store import LmdbStore
from service.errors import RingsightError, UnavailableError
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.loading.logstatus import log_status
from service.settings import Settings
from service.sources.eventlog import Entry
from service.sources.kafkalog import KafkaLog
from service.sources.open import open_log
from tests.support import events, work
from tests.support.database import wipe
from tests.support.digest import digest

if TYPE_CHECKING:
    from tests.support.kafka import Broker

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.skipif(importlib.util.find_spec("confluent_kafka") is None, reason="needs the extra kafka"),
]


@pytest.fixture
def own(graph: Graph, kafka: Broker, settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """An empty graph, and a topic of its own with three partitions."""
    wipe(graph)
    topic = f"events-{uuid4().hex[:8]}"
    kafka.make_topic(topic, 3)
    changes = {"event_log": "kafka", "kafka_servers": kafka.address, "kafka_topic": topic}
    yield work.own_home(settings, graph, tmp_path, worker_batch_events=100, **changes)


def produce(settings: Settings, rows: list[dict[str, object]]) -> None:
    """Raw events, as another system sends them: device ids and cards in the clear."""
    with closing(open_log(settings)) as log:
        log.append([Entry(str(row["account_id"]), None, json.dumps(row).encode()) for row in rows])


def test_what_others_produce_and_what_http_takes_gives_the_graph_of_the_file(
    graph: Graph, own: Settings, tmp_path: Path
) -> None:
    rows = events.stream(900)
    FileIngest(graph, load_tokeniser(own.home, True), own.home, 500).run([events.write(tmp_path / "f", rows)])
    clean = digest(graph)
    wipe(graph)
    produce(own, [*rows[:450], *rows[400:450]])
    assert work.append(own, rows[450:]).accepted == 450
    with closing(open_log(own)) as log:
        assert isinstance(log, KafkaLog)
        assert sum(row.lag for row in log_status(graph, log)) == log.waiting() == 950
        assert sorted(log.ends()) == log.partitions() == [0, 1, 2]
    counts = work.drain(own, graph)
    assert (counts.events, counts.duplicates, counts.refused) == (950, 50, 0)
    assert digest(graph) == clean
    with closing(open_log(own)) as log:
        assert sum(row.lag for row in log_status(graph, log)) == 0
        work.until(lambda: log.waiting() == 0)  # by the offsets that Kafka's own tools see


@pytest.mark.faults
def test_workers_killed_and_joining_in_the_middle_lose_and_double_nothing(graph: Graph, own: Settings) -> None:
    rows = events.stream(4000)
    produce(own, [*rows, *rows[:100]])
    work.drain(own, graph)
    clean = digest(graph)
    assert clean.uses == events.uses(rows)
    wipe(graph)
    slow = own.model_copy(update={"worker_batch_events": 25, "worker_lease_s": 1.0})
    dice = random.Random(1)
    running = [work.start(slow)]
    try:
        for _ in range(3):
            before = work.done(slow, graph)
            work.until(lambda before=before: work.done(slow, graph) > before)  # type: ignore[misc]
            running.append(work.start(slow))
            time.sleep(dice.random())
            running[-2].send_signal(signal.SIGKILL)
        assert work.lag(slow, graph) > 0, "they were killed in the middle of the stream"
        work.until(lambda: work.lag(slow, graph) == 0, 120)
    finally:
        for process in running:
            process.kill()
            process.wait()
    assert digest(graph) == clean


@pytest.mark.faults
def test_a_broker_that_is_killed_comes_back_and_nothing_is_lost(graph: Graph, kafka: Broker, own: Settings) -> None:
    rows = events.stream(3000)
    produce(own, rows[:2000])
    slow = own.model_copy(update={"worker_batch_events": 25})
    process = work.start(slow)
    try:
        work.until(lambda: work.done(slow, graph) > 100)
        kafka.restart()
        produce(own, rows[2000:])
        work.until(lambda: work.lag(slow, graph) == 0, 120)
        kafka.stop()
        time.sleep(1)
        assert process.poll() is None, "a worker waits for the broker"
        with pytest.raises(UnavailableError):
            open_log(own)
        kafka.start()
    finally:
        process.terminate()
        assert process.wait(60) == 0
    assert digest(graph).uses == events.uses(rows)


def test_a_read_says_nothing_only_if_there_is_nothing(own: Settings) -> None:
    for number in range(5):
        produce(own, events.stream(60, seed=number))
        with closing(open_log(own)) as log:
            ends = log.ends()
            for partition in log.partitions():
                at = -1
                while found := log.read(partition, at, 1000):
                    at = found[-1].offset
                assert at == ends[partition] >= 0
            assert all(log.read(partition, end, 1000) == [] for partition, end in ends.items())


def test_what_another_worker_did_not_tell_the_index_is_told(graph: Graph, own: Settings, tmp_path: Path) -> None:
    bootstrap.rebuild_index(own, graph)
    work.append(own, events.stream(30))
    work.drain(own, graph)
    other = own.model_copy(update={"home": tmp_path / "other"})  # its index is not this one
    shutil.copytree(own.home / "keys", other.home / "keys")
    now = datetime.now(UTC).isoformat()
    late = [{"account_id": f"late-{n}", "occurred_at": now, "device_id": f"late device {n}"} for n in range(30)]
    work.append(own, late)
    work.drain(other, graph)
    assert work.lag(own, graph) == 0

    work.drain(own, graph)
    tokeniser = load_tokeniser(own.home, True)
    wanted = [("device", tokeniser.token("dv", f"late device {n}")) for n in range(30)]
    with closing(LmdbStore(own.home / "index")) as store:
        assert all(found.known for found in IndexLookup(store).identifiers(wanted, int(time.time())))


def test_the_marks_of_transactions_are_no_events_and_no_lag(graph: Graph, own: Settings) -> None:
    from confluent_kafka import Producer

    rows = events.stream(90)
    producer = Producer({"bootstrap.servers": own.kafka_servers, "transactional.id": own.kafka_topic})
    producer.init_transactions(30)
    for start, keep in ((0, True), (30, False), (60, True)):
        producer.begin_transaction()
        for row in rows[start : start + 30]:
            producer.produce(own.kafka_topic, json.dumps(row), row["account_id"])
        if keep:
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
    counts = work.drain(own, graph)
    assert (counts.events, counts.refused) == (60, 0)
    assert work.lag(own, graph) == 0
    assert digest(graph).uses == events.uses(rows[:30]) + events.uses(rows[60:])


def test_what_kafka_dropped_does_not_wait_and_is_no_lag(graph: Graph, kafka: Broker, own: Settings) -> None:
    from confluent_kafka import TopicPartition
    from confluent_kafka.admin import AdminClient

    produce(own, events.stream(300))
    with closing(open_log(own)) as log:
        admin = AdminClient({"bootstrap.servers": kafka.address})
        ends = log.ends()
        dropped = [TopicPartition(own.kafka_topic, 0, ends[0] + 1), TopicPartition(own.kafka_topic, 1, 20)]
        for done in admin.delete_records(dropped).values():
            done.result(30)
        assert log.waiting() == ends[1] + 1 - 20 + ends[2] + 1
    counts = work.drain(own, graph)
    assert counts.events == ends[1] + 1 - 20 + ends[2] + 1
    assert work.lag(own, graph) == 0


def test_nothing_stays_open_for_partitions_of_others(own: Settings) -> None:
    with closing(open_log(own)) as log:
        assert isinstance(log, KafkaLog)
        for partition in log.partitions():
            log.read(partition, -1, 10)
        assert sorted(log._readers) == [0, 1, 2]
        log.keep([1])
        assert sorted(log._readers) == [1]


def test_events_that_kafka_dropped_unread_are_said_loudly(graph: Graph, kafka: Broker, own: Settings) -> None:
    from confluent_kafka import TopicPartition
    from confluent_kafka.admin import AdminClient

    produce(own, events.stream(300))
    with closing(open_log(own)) as log:
        work.until(lambda: bool(log.read(0, -1, 10)))
        upto = TopicPartition(own.kafka_topic, 0, 50)
        admin = AdminClient({"bootstrap.servers": kafka.address})
        for done in admin.delete_records([upto]).values():
            done.result(30)
        with pytest.raises(RingsightError, match="does not have what comes after offset 20"):
            work.until(lambda: bool(log.read(0, 20, 10)), 20)
        work.until(lambda: [record.offset for record in log.read(0, 49, 1)] == [50])


def test_a_missing_topic_and_a_missing_broker_are_named(kafka: Broker) -> None:
    with pytest.raises(UnavailableError, match=r"nothing.*make the topic"):
        KafkaLog(kafka.address, "nothing", {})
    with pytest.raises(UnavailableError, match="can't be used now"):
        KafkaLog("127.0.0.1:1", "events", {"socket.timeout.ms": "500"})
