"""The topic `detections`, which jobs write: finds results by frame."""

from collections.abc import Mapping
from typing import Any

from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.detections import decode_detections
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.topics import DETECTIONS, FRAMES
from pycturestream.domain.frames.admission import Place
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.pipeline.events import FrameDetections
from pycturestream.domain.times import Millis, parse_rfc3339
from pycturestream.log.reader import (
    READ_MARGIN_MS,
    json_object,
    read_of_key,
    read_to_end,
    result_of,
)

WRITTEN_WITHIN_MS = 10 * 60_000
"""A result is in the log within a second or, after a crash, when the job has come back."""


def detections_since(settings: Settings, received_at: Millis) -> dict[Place, FrameDetections]:
    """Return the detections of the live frames received since then, by the frame's place.

    Erased ones are among them: admission leaves these out. Their digests are empty: records don't
    hold them. What is no record of this topic, is left out: a job that comes back must not end at
    what somebody else wrote here. Lets
    kafka.errors.KafkaError through.
    """
    results = {}
    rejected = RejectedRecords(DETECTIONS)
    for message in read_to_end(settings, DETECTIONS, since=received_at - READ_MARGIN_MS):
        try:
            detections = decode_detections(message.value or b"")
        except CodecError as error:
            rejected.report_message(message, error)
            continue
        if detections.frame.place.topic == FRAMES:
            results[detections.frame.place] = detections
    return results


def find_detections_record(
    settings: Settings, camera_id: str, frame_id: str, since: Millis
) -> dict[str, Any] | None:
    """Return the live detections record of a frame, None where the log holds none since then.

    Only the partition of the camera is read. Lets kafka.errors.KafkaError through.
    """
    encoded_id = frame_id.encode()
    rejected = RejectedRecords(DETECTIONS)
    for message in read_of_key(settings, DETECTIONS, camera_id, since):
        # Decoding each record of the camera would take much longer than this search of its bytes.
        if message.value and encoded_id in message.value:
            record = result_of(message, rejected)
            if record and (record["frame_id"], record["run"]) == (frame_id, LIVE):
                return record
    return None


def logged_at(settings: Settings, record: Mapping[str, Any]) -> Millis | None:
    """Return when a detections record was written, by the broker's clock; None: it is gone.

    Lets kafka.errors.KafkaError through.
    """
    processed_at = parse_rfc3339(record["processed_at"])
    since = processed_at - READ_MARGIN_MS
    for message in read_of_key(settings, DETECTIONS, record["camera_id"], since):
        if message.timestamp > processed_at + WRITTEN_WITHIN_MS:
            break
        if json_object(message).get("id") == record["id"]:
            return Millis(message.timestamp)
    return None
