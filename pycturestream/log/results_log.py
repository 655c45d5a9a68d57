"""What the log of results says of frames that were looked at."""

from collections.abc import Mapping
from typing import Any

import msgspec

from pycturestream.config.settings import Settings
from pycturestream.contracts.records import read_detections
from pycturestream.contracts.topics import ALERTS, DETECTIONS, FRAMES
from pycturestream.domain.frames.admission import Place
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.pipeline.state import FrameDetections
from pycturestream.domain.times import Millis, parse_rfc3339
from pycturestream.log.reader import read_of_key, read_to_end

MARGIN_MS = 10_000
"""The frame that was received first is not always the first one that is handed out."""
WRITTEN_WITHIN_MS = 10 * 60_000
"""A result is in the log within a second or, after a crash, when the job has come back."""


def detections_since(settings: Settings, received_at: Millis) -> dict[Place, FrameDetections]:
    """Return what was found in the live frames that were received since then, by their place.

    Their digests are empty: records don't tell them. Lets kafka.errors.KafkaError through.
    """
    results = {}
    for message in read_to_end(settings, DETECTIONS, since=received_at - MARGIN_MS):
        record = msgspec.json.decode(message.value)
        if record["picture"]["topic"] == FRAMES:
            found = read_detections(record)
            results[found.frame.place] = found
    return results


def logged_at(settings: Settings, record: Mapping[str, Any]) -> Millis | None:
    """Return when a detections record was written, by the broker's clock; None: the log lost it.

    Lets kafka.errors.KafkaError through.
    """
    processed_at = parse_rfc3339(record["processed_at"])
    since = processed_at - MARGIN_MS
    for message in read_of_key(settings, DETECTIONS, record["camera_id"], since):
        if message.timestamp > processed_at + WRITTEN_WITHIN_MS:
            break
        if msgspec.json.decode(message.value)["id"] == record["id"]:
            return Millis(message.timestamp)
    return None


def life_of_alert(settings: Settings, alert: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all records of a live alert that the log still holds, in their order.

    Lets kafka.errors.KafkaError through.
    """
    since = parse_rfc3339(alert["raised_at"]) - MARGIN_MS
    life: dict[int, dict[str, Any]] = {}
    for message in read_of_key(settings, ALERTS, alert["camera_id"], since):
        record = msgspec.json.decode(message.value)
        if (record["id"], record["run"]) == (alert["id"], LIVE):
            # A restart of the job may write it twice.
            life.setdefault(record["revision"], record)
            if record["state"] == "cleared":
                break
    return list(life.values())
