"""A real Kafka broker (KRaft, one node) for tests, from a lock of its jars, on free ports of the loopback address."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from uuid import uuid4

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from service.engine import java, lock, store
from service.net import free_port
from service.settings import Settings

LOCK = Path(__file__).with_name("kafka.lock")
HEAP_MB = 400
WAIT_S = 90.0


class Broker:
    """A broker whose data stay in `folder` over kills and restarts. Its address stays the same, too."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.port = free_port(0)
        self.address = f"127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        jars = store.ensure(lock.read(LOCK), settings.cache / "jars")
        self._java = java.find(settings.engine_java)
        self._classpath = java.write_classpath(jars, folder / "classpath")
        self._write_configuration()
        format_call = self._call("kafka.tools.StorageTool", "format", "-t", uuid4().hex, "-c", str(self._configuration))
        subprocess.run(format_call, check=True, capture_output=True, cwd=folder)

    def start(self) -> None:
        """Starts the broker and waits until it answers."""
        with (self.folder / "console.log").open("ab") as console:
            call = self._call("kafka.Kafka", str(self._configuration))
            self._process = subprocess.Popen(call, stdout=console, stderr=console, cwd=self.folder)
        client = AdminClient({"bootstrap.servers": self.address, "log_level": 0})
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                client.list_topics(timeout=2)
                return
            except KafkaException:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    log = (self.folder / "console.log").read_text(errors="replace")
                    raise AssertionError(f"the broker does not answer; its log ends:\n{log[-3000:]}") from None

    def stop(self) -> None:
        """Stops the broker cleanly."""
        self._end(force=False)

    def kill(self) -> None:
        """Kills the broker as a power cut would."""
        self._end(force=True)

    def restart(self) -> None:
        """Kills the broker and starts it again on the same data and address."""
        self.kill()
        self.start()

    def make_topic(self, name: str, partitions: int) -> None:
        """Makes a topic and waits for it."""
        client = AdminClient({"bootstrap.servers": self.address})
        for done in client.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=1)]).values():
            done.result(30)

    def _end(self, *, force: bool) -> None:
        if self._process is None:
            return
        if force:
            self._process.kill()
        else:
            self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _call(self, main_class: str, *arguments: str) -> list[str]:
        return java.command(self._java, self._classpath, 64, HEAP_MB, main_class, *arguments)

    @property
    def _configuration(self) -> Path:
        return self.folder / "server.properties"

    def _write_configuration(self) -> None:
        controller = f"127.0.0.1:{free_port(0)}"
        values = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(self.folder / "data"),
            "auto.create.topics.enable": "false",
            "num.partitions": "1",
            "offsets.topic.num.partitions": "1",
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.num.partitions": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
        }
        self._configuration.write_text("".join(f"{key}={value}\n" for key, value in values.items()))
