"""Topics in memory, with as much of Kafka's consumer as reading frames and settings takes."""

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

from pycturestream.contracts.cameras import encode_camera
from pycturestream.contracts.erasures import encode_erasure
from pycturestream.contracts.topics import CAMERAS, ERASURES, FRAMES
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.erasure import Erasure
from pycturestream.domain.frames.frame import Frame
from pycturestream.domain.times import LATEST, parse_rfc3339
from pycturestream.log import cameras, compacted_topic, frames

BATCH = 2
"""Messages of one poll."""
WRITTEN_AT = LATEST - 1
"""By the broker's clock: later than whatever a test is about."""


class FrameLog:
    """One partition of each topic; `forget` removes the oldest messages."""

    def __init__(self) -> None:
        self.messages: dict[str, list[Any]] = defaultdict(list)
        self.first: dict[str, int] = defaultdict(int)
        self.connections = 0
        self.messages[FRAMES] = []

    def append(self, topic: str, key: bytes, value: bytes | None, headers: Any = ()) -> int:
        """Append a message, and return its offset."""
        offset = len(self.messages[topic])
        self.messages[topic].append(
            SimpleNamespace(
                topic=topic,
                partition=0,
                offset=offset,
                key=key,
                value=value,
                headers=headers,
                timestamp=WRITTEN_AT,
            )
        )
        return offset

    def publish(self, record: dict[str, Any], jpeg: bytes, topic: str = FRAMES) -> dict[str, Any]:
        """Publish a picture, and return its record with the place where it is."""
        camera_id, at = record["camera_id"], parse_rfc3339(record["captured_at"])
        frame = Frame(camera_id, at, jpeg)
        offset = self.append(topic, camera_id.encode(), jpeg, frame.headers(at))
        place = {"topic": topic, "partition": 0, "offset": offset}
        return {**record, "picture": {**record["picture"], **place}}

    def forget(self, topic: str, before: int) -> None:
        self.first[topic] = before

    def apply(self, *settings: Camera) -> None:
        """Publish the settings of cameras."""
        for camera in settings:
            self.append(CAMERAS, camera.camera_id.encode(), encode_camera(camera))

    def erase(self, *asked: Erasure) -> None:
        """Publish erasures."""
        for one in asked:
            self.append(ERASURES, one.key.encode(), encode_erasure(one))

    def install(self, monkeypatch: Any) -> None:
        """Have the readers of frames, settings and erasures read here."""
        monkeypatch.setattr(frames, "connect", self.connect)
        for module in (cameras, compacted_topic):
            monkeypatch.setattr(
                module, "read_to_end", lambda _settings, topic: iter(self.messages[topic])
            )

    def connect(self, _settings: Any) -> "_Consumer":
        self.connections += 1
        return _Consumer(self)


class _Consumer:
    def __init__(self, log: FrameLog) -> None:
        self._log = log
        self._partition: Any = None
        self._position = 0

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return {0} if topic in self._log.messages else None

    def assign(self, partitions: list[Any]) -> None:
        [self._partition] = partitions

    def beginning_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        return {each: self._log.first[each.topic] for each in partitions}

    def end_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        return {each: len(self._log.messages[each.topic]) for each in partitions}

    def seek(self, _partition: Any, offset: int) -> None:
        self._position = offset

    def poll(self, timeout_ms: int) -> dict[Any, list[Any]]:  # noqa: ARG002 - as Kafka's has it
        batch = self._log.messages[self._partition.topic][self._position :][:BATCH]
        self._position += len(batch)
        return {self._partition: batch} if batch else {}

    def close(self) -> None:
        self._log.connections -= 1
