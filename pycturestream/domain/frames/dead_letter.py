"""How a refused record is told: by the headers of its dead letter, and by a camera event."""

from collections.abc import Mapping

from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.frames.admission import Refused


def dead_letter_headers(refused: Refused) -> Mapping[str, bytes]:
    """Return the Kafka headers of the dead letter."""
    headers = {
        "reason": refused.reason,
        "detail": refused.detail,
        "size": str(refused.size),
        "sha256": refused.sha256,
        "topic": refused.place.topic,
        "partition": str(refused.place.partition),
        "offset": str(refused.place.offset),
        "received_at": str(refused.received_at),
    }
    return {name: text.encode() for name, text in headers.items()}


def dead_letter_event(refused: Refused) -> CameraEvent:
    """Return the event that stays when the dead letter is forgotten."""
    place = refused.place
    return CameraEvent(
        refused.camera_id,
        refused.received_at,
        "dead_letter",
        f"{refused.reason}: {refused.detail}; {refused.size} bytes, sha256 {refused.sha256}, "
        f"{place.topic}[{place.partition}]@{place.offset}",
        f"{place.topic}-{place.partition}-{place.offset}",
    )
