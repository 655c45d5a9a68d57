"""The records of all result topics as they are read back: complete and sound, or rejected.

Everything that reads a result goes through here, or through the module of its topic, wherever the
record was: in the log, in Redis or in Elasticsearch. What is rejected raises CodecError and nothing
else.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

import msgspec

from pycturestream.contracts import topics
from pycturestream.contracts.alert_events import AlertEventRecord, check_alert_event
from pycturestream.contracts.alerts import AlertChangeRecord, as_alert
from pycturestream.contracts.archived import ArchivedRecord, check_archived
from pycturestream.contracts.camera_events import CameraEventRecord, check_camera_event
from pycturestream.contracts.codec import CodecError, decode_json, encode_record, reading
from pycturestream.contracts.counts import CountRecord, as_count
from pycturestream.contracts.detections import DetectionsRecord, as_detections
from pycturestream.contracts.narrations import NarrationRecord, check_narration
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.schemas import schema

Json = dict[str, Any]

_KINDS: Final[Mapping[str, tuple[type, Callable[[Any], object]]]] = {
    topics.DETECTIONS: (DetectionsRecord, as_detections),
    topics.COUNTS: (CountRecord, as_count),
    topics.ALERTS: (AlertChangeRecord, as_alert),
    topics.NARRATIONS: (NarrationRecord, check_narration),
    topics.CAMERA_EVENTS: (CameraEventRecord, check_camera_event),
    topics.ARCHIVED: (ArchivedRecord, check_archived),
    topics.ALERT_EVENTS: (AlertEventRecord, check_alert_event),
}
"""The form of each topic's records, and what raises where a value of that form means nothing."""

_OBJECTS = msgspec.json.Decoder(dict[str, Any])


def decode_object(data: bytes | None) -> Json:
    """Return a JSON object of any fields. Raises CodecError."""
    return decode_json(_OBJECTS, data or b"")


def decode_result(topic: str, data: bytes | None) -> Json:
    """Return the record that a message of a result topic holds, as `complete_result` does."""
    return complete_result(topic, decode_object(data))


def complete_result(topic: str, fields: Mapping[str, Any]) -> Json:
    """Return a record of a result topic with all fields that its schema requires.

    What older programs did not write has its default. Raises CodecError for what is no record of
    this topic.
    """
    read = check_result(topic, fields)
    with reading():
        # As JSON has it: lists, not tuples.
        complete = decode_object(encode_record(read)).items()
    wanted = _required(topic) | fields.keys()
    return {**fields, **{name: value for name, value in complete if name in wanted}}


@cache
def _required(topic: str) -> frozenset[str]:
    return frozenset(schema(topic)["required"])


def check_result(topic: str, fields: Mapping[str, Any]) -> object:
    """Return the struct of a record. Raises CodecError for what is no record of this topic."""
    with reading():
        if topic not in _KINDS:
            raise CodecError(f"{topic} is no result topic")
        form, check = _KINDS[topic]
        read: object = msgspec.convert(fields, form)
        check(read)
    return read


def complete_results(
    topic: str, records: Iterable[Any], rejected: RejectedRecords
) -> Iterator[Json]:
    """Yield the records that are sound, complete; the others are reported."""
    for fields in records:
        try:
            yield complete_result(topic, fields)
        except CodecError as error:
            rejected.report(topic, error)
