"""What is kept of a rejected record: the headers of its dead letter, and a camera event."""

from collections.abc import Mapping

from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.frames.admission import Rejected


def dead_letter_headers(rejected: Rejected) -> Mapping[str, bytes]:
    """Return the Kafka headers of the dead letter."""
    headers = {
        "reason": rejected.reason,
        "detail": rejected.detail,
        "size": str(rejected.size),
        "sha256": rejected.sha256,
        "topic": rejected.place.topic,
        "partition": str(rejected.place.partition),
        "offset": str(rejected.place.offset),
        "received_at": str(rejected.received_at),
    }
    return {name: text.encode() for name, text in headers.items()}


def dead_letter_event(rejected: Rejected) -> CameraEvent:
    """Return the event that remains when the dead letter has expired."""
    place = rejected.place
    return CameraEvent(
        rejected.camera_id,
        rejected.received_at,
        "dead_letter",
        f"{rejected.reason}: {rejected.detail}; {rejected.size} bytes, sha256 {rejected.sha256}, "
        f"{place.topic}[{place.partition}]@{place.offset}",
        f"{place.topic}-{place.partition}-{place.offset}",
    )
