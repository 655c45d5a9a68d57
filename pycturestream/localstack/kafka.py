"""One Kafka broker that is its own controller (KRaft)."""

import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from kafka.errors import KafkaError

from pycturestream.contracts.topics import OVERHEAD_BYTES
from pycturestream.localstack import StackError
from pycturestream.localstack.fetch import fetch
from pycturestream.localstack.java import FAST_START, java_home
from pycturestream.localstack.server import Server, last_line
from pycturestream.localstack.server_names import KAFKA
from pycturestream.localstack.unprivileged import OTHERS, hand_over, make_private, unprivileged
from pycturestream.log.clients import admin

HEAP = "-Xmx384m"
"""A few megabytes a second of pictures go through the page cache, not the heap."""


class KafkaServer(Server):
    name = KAFKA

    @property
    def ports(self) -> Mapping[int, str]:
        ports = self.settings.ports
        return {ports.kafka: "Kafka", ports.kafka_controller: "Kafka's controller"}

    @property
    def log_folder(self) -> Path:
        """Where the records are: a folder for each partition."""
        return self.folder / "data"

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self.folder / "server.properties"
        lines = (f"{key}={value}" for key, value in self.properties().items())
        properties.write_text("\n".join(lines) + "\n")
        if not (self.log_folder / "meta.properties").exists():
            self._format()

    def properties(self) -> dict[str, object]:
        host, ports = self.settings.host, self.settings.ports
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "listeners": f"PLAINTEXT://{host}:{ports.kafka},"
            f"CONTROLLER://{host}:{ports.kafka_controller}",
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.bootstrap.servers": f"{host}:{ports.kafka_controller}",
            "log.dirs": self.log_folder,
            # A wrong topic name is an error, not a new topic with the wrong settings.
            "auto.create.topics.enable": "false",
            "message.max.bytes": self.settings.message_byte_limit + OVERHEAD_BYTES,
            # What log/retention.py promises needs it.
            "log.retention.check.interval.ms": self.settings.retention_check_ms,
            # One broker holds the only copy; few partitions start faster.
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 4,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            # A lone consumer need not wait three seconds for others to join its group.
            "group.initial.rebalance.delay.ms": 0,
            # 128 MB by default, a third of the heap, for a handful of compacted keys.
            "log.cleaner.dedupe.buffer.size": 8_388_608,
        }

    def command(self) -> list[str]:
        return [*self._java(), HEAP, *self._logging(), "kafka.Kafka", self._properties_file()]

    def is_ready(self) -> bool:
        try:
            # The client leaks sockets when nothing listens, so try a connection first.
            socket.create_connection((self.settings.host, self.settings.ports.kafka), 1).close()
            client = admin(self.settings)
        except (KafkaError, OSError, ValueError):
            return False
        client.close()
        return True

    def _format(self) -> None:
        tool = [*self._java(), *self._logging(), "kafka.tools.StorageTool", "format"]
        command = [*tool, "--standalone", "--cluster-id", "pycturestream"]
        hand_over(self.folder)
        with make_private(self.log).open("ab") as log:
            done = subprocess.run(
                unprivileged([*command, "--config", self._properties_file()], self.reads),
                stdout=log,
                stderr=log,
                check=False,
                umask=OTHERS,
            )
        if done.returncode != 0:
            raise StackError(f"Kafka's storage: {last_line(self.log)} (log: {self.log})")

    def _java(self) -> list[str]:
        libraries = fetch(self.settings) / "kafka"
        return [str(java_home() / "bin" / "java"), *FAST_START, "-cp", f"{libraries}/*"]

    def _logging(self) -> list[str]:
        prefix = "-Dorg.slf4j.simpleLogger"
        return [f"{prefix}.defaultLogLevel=warn", f"{prefix}.showDateTime=true"]

    def _properties_file(self) -> str:
        return str(self.folder / "server.properties")
