"""The broker that tests use is real: it keeps what it acknowledged when it is killed."""

from __future__ import annotations

import pytest
from confluent_kafka import Consumer, Producer

from tests.support.kafka import Broker
from tests.support.valkey import Server

pytestmark = pytest.mark.kafka


def test_what_was_acknowledged_is_there_after_a_kill(kafka: Broker) -> None:
    kafka.make_topic("kept", partitions=2)
    producer = Producer({"bootstrap.servers": kafka.address, "acks": "all"})
    for number in range(100):
        producer.produce("kept", key=str(number), value=str(number))
    assert producer.flush(30) == 0

    kafka.restart()

    consumer = Consumer({"bootstrap.servers": kafka.address, "group.id": "g", "auto.offset.reset": "earliest"})
    consumer.subscribe(["kept"])
    found: set[int] = set()
    for _ in range(60):
        found |= {int(message.value()) for message in consumer.consume(200, timeout=1) if message.error() is None}
        if len(found) == 100:
            break
    consumer.close()
    assert found == set(range(100))


def test_a_store_answers_and_is_empty_after_a_kill(valkey: Server) -> None:
    redis = pytest.importorskip("redis")
    with redis.Redis.from_url(valkey.url) as client:
        client.set("key", "value")
        assert client.get("key") == b"value"
    valkey.kill()
    valkey.start()
    with redis.Redis.from_url(valkey.url) as client:
        assert client.get("key") is None
