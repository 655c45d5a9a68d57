"""The topics of frames: fetches the pictures of detections records.

A picture is in the log or, where the record in the log refers to it, in the reference folder.
`producers/publisher.py` writes these topics.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from pycturestream.config.settings import Settings
from pycturestream.domain.frames.frame import header_texts
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.times import parse_rfc3339
from pycturestream.log.reader import connect
from pycturestream.pixels import encode_anew
from pycturestream.stores.reference_folder import ReferenceFolder

Json = Mapping[str, Any]


def fetch_pictures(
    settings: Settings, records: Sequence[Json]
) -> Iterator[tuple[Json, bytes | None]]:
    """Yield each detections record with its JPEG, or None where it no longer exists.

    This is the only way for a picture out of the log, so each is encoded anew here: what people
    receive has neither metadata nor hidden bytes, and at most 200 kB.

    The order is that of the log, so that one request fetches neighbours. Lets
    kafka.errors.KafkaError through.
    """
    by_partition: dict[TopicPartition, dict[int, list[Json]]] = defaultdict(dict)
    for record in records:
        picture = record["picture"]
        partition = TopicPartition(picture["topic"], picture["partition"])
        by_partition[partition].setdefault(picture["offset"], []).append(record)
    references = ReferenceFolder.of(settings)
    consumer = connect(settings)
    try:
        for partition, wanted in by_partition.items():
            for offset, message in _read(consumer, settings, partition, sorted(wanted)):
                for record in wanted[offset]:  # several, where two models processed the picture
                    fits = message is not None and _is_picture_of(record, message)
                    jpeg = _picture(record, message, references) if fits else None
                    yield record, jpeg and _outgoing(jpeg, settings.picture_pixel_limit)
    finally:
        consumer.close()


def _read(
    consumer: Any, settings: Settings, partition: TopicPartition, offsets: Sequence[int]
) -> Iterator[tuple[int, Any]]:
    """Yield each of the ascending offsets with its message, or None where there is none."""
    consumer.assign([partition])
    first = consumer.beginning_offsets([partition])[partition]
    end = consumer.end_offsets([partition])[partition]
    rest = [offset for offset in offsets if first <= offset < end]
    yield from ((offset, None) for offset in offsets if not first <= offset < end)
    while rest:
        consumer.seek(partition, rest[0])
        batch = consumer.poll(timeout_ms=settings.store_timeout_ms).get(partition, [])
        if not batch:
            raise KafkaTimeoutError(f"{partition}: no record within {settings.store_timeout_ms} ms")
        last = batch[-1].offset
        found = {message.offset: message for message in batch}
        yield from ((offset, found.get(offset)) for offset in rest if offset <= last)
        rest = [offset for offset in rest if offset > last]


def _picture(record: Json, message: Any, references: ReferenceFolder) -> bytes | None:
    reference = record["picture"].get("reference")
    if not reference:
        return bytes(message.value or b"")
    try:
        return references.read(reference.encode())
    except Rejection:
        return None


def _outgoing(jpeg: bytes, pixel_limit: int) -> bytes | None:
    try:
        return encode_anew(jpeg, pixel_limit)
    except Rejection:
        return None


def _is_picture_of(record: Json, message: Any) -> bool:
    """Whether the message is the frame: a topic created again reuses offsets."""
    captured_at = header_texts(message.headers).get("captured_at")
    expected = record["camera_captured_at"] or record["captured_at"]
    same_camera: bool = message.key == record["camera_id"].encode()
    return same_camera and captured_at == str(parse_rfc3339(expected))
