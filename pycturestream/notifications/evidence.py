"""The picture that raised an alert, while the log still holds it."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
from kafka.errors import KafkaError

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import DETECTIONS
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.frames.frame import parse_frame_id
from pycturestream.log.frame_log import fetch_pictures
from pycturestream.log.reader import read_to_end

Evidence = Callable[[AlertRecord], bytes | None]


def fetch_evidence(settings: Settings, alert: AlertRecord) -> bytes | None:
    """Return the JPEG, or None where there is none any more, or no broker to ask."""
    try:
        camera_id, captured_at = parse_frame_id(alert.frame_id or "")
        # No picture lives longer; without this a late mail would read hours of results.
        oldest = time.time_ns() // 1_000_000 - settings.frame_retention_ms
        if camera_id != alert.camera_id or captured_at < oldest - settings.clock_tolerance_ms:
            return None
        record = _find(settings, alert.frame_id or "", captured_at - settings.clock_tolerance_ms)
        if record is None:
            return None
        [(_, picture)] = fetch_pictures(settings, [record])
    except (ValueError, KeyError, KafkaError, TimeoutError):
        return None
    return picture


def _find(settings: Settings, frame_id: str, since: int) -> dict[str, Any] | None:
    mark = frame_id.encode()
    for message in read_to_end(settings, DETECTIONS, since):
        if message.value and mark in message.value:
            record: dict[str, Any] = msgspec.json.decode(message.value)
            if record["frame_id"] == frame_id and record["run"] == "live":
                return record
    return None
