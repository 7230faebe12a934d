"""The event log in Kafka: one topic, keyed by account, written with acknowledgement by all replicas.

Which worker reads what is settled in the graph, not by a consumer group: the offset there is the only one that counts.
The same offsets are committed to Kafka under the group "ringsight", so that Kafka's own tools show the lag.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import ClusterMetadata

from service.errors import RingsightError, UnavailableError
from service.sources.eventlog import Entry, Record

GROUP = "ringsight"
ANSWER_S = 5.0  # to questions about the topic
APPEND_S = 35.0  # for all replicas to have the events
READ_S = 0.1  # to wait for more events


@dataclass(slots=True)
class _Reader:
    """A consumer of one partition, the offset before the one that it gives next, and whether there is none now."""

    consumer: Consumer
    after: int
    at_end: bool = False


class KafkaLog:
    """`config`: more settings for the client, by librdkafka's names. The topic must exist."""

    def __init__(self, servers: str, topic: str, config: dict[str, str]) -> None:
        self._topic = topic
        # librdkafka would write its own lines to standard error; what matters comes as errors of calls.
        self._config = {"bootstrap.servers": servers, "log_level": 0, **config}
        self._readers: dict[int, _Reader] = {}
        self._lock = threading.Lock()
        self._producer: Producer | None = None
        self._asker = self._consumer()
        self.name = f"kafka-{self._metadata().cluster_id}-{topic}"

    def append(self, entries: Sequence[Entry]) -> int:
        """Raises UnavailableError unless every event was acknowledged; sending them again is then safe only for those
        with an event_id. Repeats are found by the worker: none is known here."""
        failed: list[KafkaError] = []

        def delivered(error: KafkaError | None, _: Message) -> None:
            if error is not None:
                failed.append(error)

        with self._translated():
            producer = self._writer()
            for entry in entries:
                producer.produce(self._topic, entry.body, entry.key.encode(), on_delivery=delivered)
                producer.poll(0)
            left = producer.flush(APPEND_S)
        if failed or left:
            reason = failed[0].str() if failed else f"no answer within {APPEND_S:.0f} s"
            raise UnavailableError(f"Kafka did not take {len(failed) or left} of {len(entries)} events ({reason})")
        return 0

    def partitions(self) -> list[int]:
        return sorted(self._metadata().topics[self._topic].partitions)

    def read(self, partition: int, after: int, limit: int) -> list[Record]:
        """Raises UnavailableError if Kafka does not even say that there is no more."""
        with self._translated():
            reader = self._reader(partition, after)
            deadline = time.monotonic() + ANSWER_S
            while True:
                records = self._consumed(reader, partition, limit)
                if records or reader.at_end:
                    break
                if time.monotonic() > deadline:
                    raise UnavailableError(f"Kafka topic {self._topic} gave neither events nor its end of {partition}")
        if records:
            reader.after = records[-1].offset
        return records

    def _consumed(self, reader: _Reader, partition: int, limit: int) -> list[Record]:
        """What comes within a moment. Where the partition ends, `at_end` is set until more comes."""
        records = []
        for message in reader.consumer.consume(limit, READ_S):
            error = message.error()
            offset = message.offset()
            if error is None:
                reader.at_end = False
                records.append(Record(offset, message.value() or b""))
            elif error.code() == KafkaError._PARTITION_EOF:
                reader.at_end = True
                last = records[-1].offset if records else reader.after
                if offset - 1 > last:  # the partition ends with marks of transactions, or all of it has expired
                    records.append(Record(offset - 1, b"", mark=True))
            elif error.code() == KafkaError._AUTO_OFFSET_RESET:
                self._forget(partition)
                raise RingsightError(
                    f"{self._topic}/{partition}: Kafka does not have what comes after offset {reader.after} any more; "
                    "raise its retention, and see docs/ingest.md on how to go on"
                )
            else:
                raise KafkaException(error)
        return records

    def ends(self) -> dict[int, int]:
        return {partition: end - 1 for partition, (_, end) in self._watermarks().items()}

    def waiting(self) -> int:
        with self._translated():
            places = [TopicPartition(self._topic, number) for number in self.partitions()]
            done = {place.partition: place.offset for place in self._asker.committed(places, ANSWER_S)}
        return sum(max(0, end - max(start, done[number])) for number, (start, end) in self._watermarks().items())

    def _watermarks(self) -> dict[int, tuple[int, int]]:
        """The first offset that each partition still has, and the one after its last."""
        with self._translated():
            return {
                partition: self._asker.get_watermark_offsets(TopicPartition(self._topic, partition), ANSWER_S)
                for partition in self.partitions()
            }

    def keep(self, partitions: Collection[int]) -> None:
        for partition in self._readers.keys() - set(partitions):
            self._forget(partition)

    def done(self, partition: int, offset: int) -> None:
        place = TopicPartition(self._topic, partition, offset + 1)
        with self._translated():
            self._readers[partition].consumer.commit(offsets=[place], asynchronous=True)

    def close(self) -> None:
        for partition in list(self._readers):
            self._forget(partition)
        self._asker.close()
        if self._producer is not None:
            self._producer.flush(ANSWER_S)

    def _metadata(self) -> ClusterMetadata:
        with self._translated():
            found = self._asker.list_topics(self._topic, ANSWER_S)
            error = found.topics[self._topic].error
        if error is not None:
            raise UnavailableError(f"Kafka topic {self._topic}: {error.str()}; make the topic, see docs/ingest.md")
        return found

    def _consumer(self) -> Consumer:
        own = {
            "group.id": GROUP,
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "enable.partition.eof": True,
        }
        return Consumer({**self._config, **own})

    def _reader(self, partition: int, after: int) -> _Reader:
        """The partition's consumer, standing after that offset."""
        reader = self._readers.get(partition)
        if reader is None or reader.after != after:
            self._forget(partition)
            consumer = self._consumer()
            consumer.assign([TopicPartition(self._topic, partition, OFFSET_BEGINNING if after < 0 else after + 1)])
            reader = self._readers[partition] = _Reader(consumer, after)
        return reader

    def _forget(self, partition: int) -> None:
        reader = self._readers.pop(partition, None)
        if reader is not None:
            reader.consumer.close()

    def _writer(self) -> Producer:
        with self._lock:
            if self._producer is None:
                own = {"acks": "all", "enable.idempotence": True, "linger.ms": 2, "delivery.timeout.ms": 30_000}
                self._producer = Producer({**self._config, **own})
            return self._producer

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (KafkaException, BufferError) as error:
            raise UnavailableError(f"Kafka topic {self._topic} can't be used now ({error})") from error
