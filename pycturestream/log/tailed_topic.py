"""Reads a topic from some time ago on, and then whatever comes, in a thread."""

import threading
from collections.abc import Callable
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.domain.times import Millis
from pycturestream.log.reader import connect
from pycturestream.logging_setup import get_logger

Handle = Callable[[Any], None]
"""Takes a message, in the thread. It must not raise for what the message holds."""

_POLL_MS = 200
"""How long an idle thread takes to notice that it is to end."""
_RETRY_S = 1.0
_END_S = 0.5
"""How long `close` waits: a thread that is looking for a broker notices much later."""
_log = get_logger(__name__)


class TailedTopic:
    """The messages of a topic, at least once each. No offsets are committed.

    A new one begins `back_ms` ago. While the broker is away it waits, and goes on where it was. If
    `handle` raises, the message is handled again after a moment.
    """

    def __init__(self, settings: Settings, topic: str, back_ms: Millis, handle: Handle) -> None:
        self._settings = settings
        self._topic = topic
        self._since = now() - back_ms
        self._handle = handle
        self._offsets: dict[TopicPartition, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"tail {topic}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(_END_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                consumer = connect(self._settings)
                try:
                    self._follow(consumer)
                finally:
                    consumer.close()
            except KafkaError as error:
                _log.debug(f"{self._topic}: {error}")
            except Exception as error:  # noqa: BLE001 - nothing would start this thread again
                _log.warning(f"{self._topic}: {error or type(error).__name__}; trying again")
            self._stop.wait(_RETRY_S)

    def _follow(self, consumer: KafkaConsumer) -> None:
        numbers = sorted(consumer.partitions_for_topic(self._topic) or ())
        partitions = [TopicPartition(self._topic, number) for number in numbers]
        consumer.assign(partitions)
        for partition in partitions:
            self._seek(consumer, partition)
        while partitions and not self._stop.is_set():
            for partition, batch in consumer.poll(_POLL_MS).items():
                for message in batch:
                    self._handle(message)
                    self._offsets[partition] = message.offset + 1

    def _seek(self, consumer: KafkaConsumer, partition: TopicPartition) -> None:
        offset = self._offsets.get(partition)
        if offset is None:
            first = consumer.offsets_for_times({partition: self._since})[partition]
            offset = first.offset if first else consumer.end_offsets([partition])[partition]
            self._offsets[partition] = offset
        consumer.seek(partition, offset)
