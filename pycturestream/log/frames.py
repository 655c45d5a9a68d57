"""The topics of frames: reads the pictures of detections records, as they were published.

A picture is in the log or, where the record in the log refers to it, in the reference folder.
`producers/publisher.py` writes these topics. Only `pycturestream.pictures` reads them here: what
leaves the system is blurred there, and `make check` holds everything else to that.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from pycturestream.config.settings import Settings
from pycturestream.contracts.detections import DetectionsRecord
from pycturestream.contracts.topics import FRAMES, FRAMES_REPLAY
from pycturestream.domain.frames.frame import header_texts
from pycturestream.domain.frames.missing import Missing
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.times import parse_rfc3339
from pycturestream.log.reader import connect
from pycturestream.stores.reference_folder import ReferenceFolder


class FrameReader:
    """Reads frames by the places that their records name, on one connection."""

    def __init__(self, settings: Settings) -> None:
        """Connect. Raises kafka.errors.KafkaError when no broker answers."""
        self._settings = settings
        self._references = ReferenceFolder.of(settings)
        self._consumer = connect(settings)

    def read(
        self, records: Sequence[DetectionsRecord]
    ) -> Iterator[tuple[DetectionsRecord, bytes | Missing]]:
        """Yield each record with its JPEG as it was published, or why there is none.

        The order is that of the log, so that one request fetches neighbours. Lets
        kafka.errors.KafkaError through.
        """
        by_partition: dict[TopicPartition, dict[int, list[DetectionsRecord]]] = defaultdict(dict)
        for record in records:
            picture = record.picture
            # Nobody may have a record of another topic taken for a picture.
            if picture.topic not in {FRAMES, FRAMES_REPLAY}:
                yield record, Missing.NOT_A_FRAME
                continue
            partition = TopicPartition(picture.topic, picture.partition)
            by_partition[partition].setdefault(picture.offset, []).append(record)
        for partition, wanted in by_partition.items():
            for offset, message in self._messages(partition, sorted(wanted)):
                for record in wanted[offset]:  # several, where two models processed the picture
                    yield record, self._picture(record, message)

    def close(self) -> None:
        self._consumer.close()

    def _messages(
        self, partition: TopicPartition, offsets: Sequence[int]
    ) -> Iterator[tuple[int, Any]]:
        """Yield each of the ascending offsets with its message, or None where there is none."""
        consumer, timeout_ms = self._consumer, self._settings.store_timeout_ms
        numbers = consumer.partitions_for_topic(partition.topic) or ()
        if partition.partition not in numbers:
            yield from ((offset, None) for offset in offsets)
            return
        consumer.assign([partition])
        first = consumer.beginning_offsets([partition])[partition]
        end = consumer.end_offsets([partition])[partition]
        rest = [offset for offset in offsets if first <= offset < end]
        yield from ((offset, None) for offset in offsets if not first <= offset < end)
        while rest:
            consumer.seek(partition, rest[0])
            batch = consumer.poll(timeout_ms=timeout_ms).get(partition, [])
            if not batch:
                raise KafkaTimeoutError(f"{partition}: no record within {timeout_ms} ms")
            last = batch[-1].offset
            found = {message.offset: message for message in batch}
            yield from ((offset, found.get(offset)) for offset in rest if offset <= last)
            rest = [offset for offset in rest if offset > last]

    def _picture(self, record: DetectionsRecord, message: Any) -> bytes | Missing:
        if message is None:
            return Missing.EXPIRED
        if not _is_frame_of(record, message):
            return Missing.REPLACED
        if not record.picture.reference:
            return bytes(message.value or b"")
        try:
            return self._references.read(record.picture.reference.encode())
        except Rejection:
            return Missing.NO_REFERENCE


def _is_frame_of(record: DetectionsRecord, message: Any) -> bool:
    """Whether the message is the frame: a topic created again reuses offsets."""
    captured_at = header_texts(message.headers).get("captured_at")
    expected = record.camera_captured_at or record.captured_at
    same_camera: bool = message.key == record.camera_id.encode()
    return same_camera and captured_at == str(parse_rfc3339(expected))
