"""The Kafka topics: their names, and how large a record of each may be.

All but `alert-commands` and `erasures` are keyed by camera_id.
"""

from pycturestream.domain.frames import dead_letter

FRAMES = "frames"
FRAMES_REPLAY = "frames.replay"
FRAMES_ANNOTATED = "frames.annotated"
"""Blurred pictures with what was found in them, of the cameras that ask for it; kept as `frames`.

The value is a JPEG, the headers are `frame_id` and `captured_at`, milliseconds since the epoch as
decimal text. A frame may come twice.
"""
DEAD_LETTER = "frames.dead-letter"
DEAD_LETTER_BYTE_LIMIT = dead_letter.BYTE_LIMIT
"""Also of rejected results: larger than any other record."""
LEGACY_BYTE_LIMIT = dead_letter.VALUE_LIMIT
"""A record of a legacy client fits into a dead letter with its headers."""
OVERHEAD_BYTES = 48_576
"""What the key, the headers and the batch of a record add to its value, at most."""
RECORD_BYTE_LIMIT = 1_048_576
"""Of every other topic: Kafka's own default."""
BATCH_BYTES = 4_096
"""What a batch of one record adds to the bytes of key, value and headers, and more."""
CAMERAS = "cameras"
DETECTIONS = "detections"
COUNTS = "counts"
ALERTS = "alerts"
NARRATIONS = "narrations"
CAMERA_EVENTS = "camera-events"
ATTENTION = "attention"
"""Rate requests of the detection job, which producers follow."""
ALERT_COMMANDS = "alert-commands"
"""What people do about alerts; keyed by alert or silence, so that the newest of each is kept."""
ERASURES = "erasures"
"""Which times of which cameras are erased; keyed by erasure. Every writer obeys them."""

RESULTS = (DETECTIONS, COUNTS, ALERTS, NARRATIONS, CAMERA_EVENTS)
"""What the detection job publishes, one JSON record per message."""

ARCHIVED = "archived"
"""What the archive holds of frames, and what was removed from it."""

ALERT_EVENTS = "alert-events"
"""What became of alerts: false alarms and notifications; and how many a camera had on a day."""
SERVED = (*RESULTS, ARCHIVED, ALERT_EVENTS)
"""What the serving job writes."""

REJECTED_RESULTS = "results.dead-letter"
"""Result records that a store rejected for good, with the reason in a header."""


def byte_limit(topic: str) -> int:
    """Return how many bytes key, value and headers of a record that a job writes may have."""
    whole = DEAD_LETTER_BYTE_LIMIT if topic == DEAD_LETTER else RECORD_BYTE_LIMIT
    return whole - BATCH_BYTES
