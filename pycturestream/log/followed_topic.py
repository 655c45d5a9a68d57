"""Follows a compacted topic: the newest value of each key, kept up to date in a thread."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError

from pycturestream.config.settings import Settings
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.domain.times import Millis
from pycturestream.log.reader import connect

Value = TypeVar("Value")
ApplyRecord = Callable[[dict[str, Value], str, bytes | None, Millis], None]
"""Applies a record, of a time by the broker's clock, to a mapping; no value is a tombstone."""
Show = Callable[[Mapping[str, Value]], None]
"""Takes the current values, in the thread that follows the topic."""

_POLL_MS = 200
"""How long an idle thread takes to notice that it is to end."""
_RETRY_S = 1.0
_END_S = 0.5
"""How long `close` waits for the thread: one that is looking for a broker notices much later."""

_log = logging.getLogger(__name__)


class FollowedTopic(Generic[Value]):
    """A topic as a mapping, shown after each change. While the broker is away it keeps its values.

    A thread reads the topic to its end and then follows it.
    """

    def __init__(
        self, settings: Settings, topic: str, apply: ApplyRecord[Value], show: Show[Value]
    ) -> None:
        """Begin to read the topic to its end, and then to follow it; see `wait`."""
        self._settings = settings
        self._topic = topic
        self._apply = apply
        self._show = show
        self._values: dict[str, Value] = {}
        self._rejected = RejectedRecords(topic)
        self._began = time.monotonic()
        self._read = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"follow {topic}", daemon=True)
        self._thread.start()

    @property
    def is_complete(self) -> bool:
        """Whether the topic was read to its end since the start."""
        return self._read.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until the topic was read to its end; return whether it was."""
        return self._read.wait(timeout_s)

    def require(self, timeout_s: float) -> None:
        """Wait until the topic was read to its end. Raises KafkaTimeoutError where it was not."""
        if not self.wait(timeout_s):
            raise KafkaTimeoutError(
                f"{self._topic} has not been read yet; `pycturestream setup` creates missing topics"
            )

    def require_since_start(self, timeout_s: float) -> None:
        """Do the same, but wait no longer than so long after the start.

        For requests: while a broker is away, all of them would wait, and hold up all others.
        """
        self.require(max(0.0, self._began + timeout_s - time.monotonic()))

    def close(self) -> None:
        self._stop.set()
        self._thread.join(_END_S)

    def _follow(self) -> None:
        while not self._stop.is_set():
            try:
                consumer = connect(self._settings)
                try:
                    self._read_on(consumer)
                finally:
                    consumer.close()
            except KafkaError as error:
                _log.debug("%s: %s", self._topic, error)
            except Exception:  # noqa: BLE001 - its users must not be left with old values
                _log.exception("%s: reading failed; it is read again", self._topic)
            self._stop.wait(_RETRY_S)

    def _read_on(self, consumer: KafkaConsumer) -> None:
        numbers = consumer.partitions_for_topic(self._topic)
        if not numbers:
            return
        partitions = [TopicPartition(self._topic, number) for number in numbers]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends: dict[Any, int] = consumer.end_offsets(partitions)
        values = dict(self._values)
        while not self._stop.is_set():
            # Not before the end: values on the way may have been replaced.
            if ends and all(consumer.position(partition) >= end for partition, end in ends.items()):
                ends = {}
            if not ends:
                self._publish_values(values)
            for batch in consumer.poll(timeout_ms=_POLL_MS).values():
                for record in batch:
                    self._apply_one(values, record)

    def _apply_one(self, values: dict[str, Value], record: Any) -> None:
        key = (record.key or b"").decode("utf-8", "replace")
        try:
            self._apply(values, key, record.value, record.timestamp)
        except Exception as error:  # noqa: BLE001 - it stays in the topic: every reading would end
            self._rejected.report(f"{key[:80]!a}", error)

    def _publish_values(self, values: dict[str, Value]) -> None:
        if values != self._values:
            self._values = dict(values)
            self._show(self._values)
        self._read.set()
