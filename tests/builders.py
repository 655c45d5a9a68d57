"""Records as the detection job writes them; a test names only what it is about."""

from collections.abc import Sequence
from typing import Any

import msgspec

from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.records import Record, to_record
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.pipeline.events import Output
from pycturestream.domain.times import compact, rfc3339

MINUTE = 60_000
NOON = 1_795_262_400_000
"""2026-11-21T12:00:00Z."""

Json = dict[str, Any]


def detection_record(
    *,
    camera_id: str = "gate",
    captured_at: int = NOON,
    labels: Sequence[str] = ("person",),
    sector: str = "middle left",
    zones: Sequence[str] = (),
    run: str = "live",
    model: str = "nanodet",
    offset: int = 0,
    threats: Sequence[Json] = (),
    latency_ms: int = 120,
) -> Json:
    """Return a detections record with one object for each label; all are in one place."""
    name = frame_id(camera_id, captured_at)
    return {
        "id": f"{name}:{model}@1",
        "run": run,
        "frame_id": name,
        "camera_id": camera_id,
        "site": "north",
        "setting": "outdoor",
        "captured_at": rfc3339(captured_at),
        "camera_captured_at": rfc3339(captured_at),
        "clock_corrected": False,
        "received_at": rfc3339(captured_at + 20),
        "processed_at": rfc3339(captured_at + latency_ms),
        "latency_ms": latency_ms,
        "weekday": 6,
        "hour": 12,
        "width": 1280,
        "height": 720,
        "models": [{"name": model, "version": "1"}],
        "picture": {
            "topic": "frames",
            "partition": 0,
            "offset": offset,
            "expires_at": rfc3339(captured_at + 6 * MINUTE),
            "archive": None,
        },
        "labels": sorted(set(labels)),
        "label_counts": [
            {"label": label, "count": list(labels).count(label)} for label in sorted(set(labels))
        ],
        "objects": [
            {
                "label": label,
                "score": 0.81,
                "box": [0.1, 0.2, 0.3, 0.9],
                "track_id": f"{name}#{number}",
                "sector": sector,
                "zones": list(zones),
                "stationary": False,
            }
            for number, label in enumerate(labels)
        ],
        "threats": list(threats),
    }


def archived_record(
    *, camera_id: str = "gate", captured_at: int = NOON, removed_at: int | None = None
) -> Json:
    """Return the record of an archived picture; of a removed one where that has a time."""
    name = frame_id(camera_id, captured_at)
    at = rfc3339(captured_at + 1_000 if removed_at is None else removed_at)
    return {
        "id": name,
        "run": "live",
        "camera_id": camera_id,
        "frame_id": name,
        "captured_at": rfc3339(captured_at),
        "path": f"{camera_id}/2026-11-21/{name}.jpg",
        "sha256": "0a" * 32,
        "size": 81_234,
        "original": False,
        "why": ["alert"],
        "alerts": ["people:gate_20261121T120000000Z#0"],
        "reason": None,
        "detail": "",
        "archived_at": rfc3339(captured_at + 1_000),
        "expires_at": rfc3339(captured_at + 30 * 86_400_000),
        "updated_at": at,
        "removed_at": None if removed_at is None else at,
        "removed_because": None if removed_at is None else "days",
    }


def count_record(
    *,
    camera_id: str = "gate",
    label: str = "person",
    window_start: int = NOON,
    revision: int = 0,
    most: int = 2,
    run: str = "live",
) -> Json:
    """Return a counts record of one minute."""
    return {
        "id": f"{camera_id}:{label}:{compact(window_start)}",
        "run": run,
        "revision": revision,
        "camera_id": camera_id,
        "site": "north",
        "timezone": "Europe/Vienna",
        "label": label,
        "window_start": rfc3339(window_start),
        "window_end": rfc3339(window_start + MINUTE),
        "frames": 120,
        "max": most,
        "mean": most / 2,
        "unique": most,
        "new": most,
        "entered": [{"zone": "door", "count": 2}],
        "left": [{"zone": "door", "count": 1}],
        "crossed": [{"line": "gate", "in": 1, "out": 0}],
    }


def alert_record(
    *,
    camera_id: str = "gate",
    rule: str = "stranger-at-door",
    raised_at: int = NOON,
    updated_at: int | None = None,
    state: str = "raised",
    revision: int = 0,
    level: int = 3,
    run: str = "live",
    facts: Json | None = None,
) -> Json:
    """Return an alerts record; one situation is one camera, rule and beginning.

    Without facts it is one of an older job.
    """
    updated_at = raised_at + revision if updated_at is None else updated_at
    return {
        "id": f"{camera_id}:{rule}:{compact(raised_at)}",
        "run": run,
        "revision": revision,
        "state": state,
        "camera_id": camera_id,
        "site": "north",
        "rule": rule,
        "level": level,
        "label": "person",
        "zones": ["door"],
        "track_ids": [f"{frame_id(camera_id, raised_at)}#0"],
        "raised_at": rfc3339(raised_at),
        "updated_at": rfc3339(updated_at),
        "cleared_at": rfc3339(updated_at) if state == "cleared" else None,
        "reason": "A person stands at the door.",
        "frame_id": frame_id(camera_id, raised_at),
        "count": 1,
        **({"facts": facts} if facts else {}),
    }


def alert_facts(**changes: Any) -> Json:
    """Return the facts of an alert, with a value in every field but `rule_removed`."""
    return {
        "about": "things",
        "since": rfc3339(NOON),
        "timezone": "Europe/Vienna",
        "count": 3,
        "label_counts": [{"label": "person", "count": 2}, {"label": "car", "count": 1}],
        "crossed": [{"line": "gate", "way": "in"}],
        "zones": ["door"],
        "period": {"days": [1, 7], "from_minute": 1_320, "to_minute": 360, "timezone": ""},
        "dwell_ms": 11_000,
        "loitering_ms": 65_000,
        "frames": 4,
        "score": 0.81,
        "clock_off_ms": -7_200_000,
        "now": 0.12,
        "usual": 0.57,
        "likeness": 0.08,
        "expected": 20,
        "seen_until": rfc3339(NOON + MINUTE),
        **changes,
    }


def narration_record(
    *,
    camera_id: str = "gate",
    captured_at: int = NOON,
    text: str = "A person on the left.",
    run: str = "live",
) -> Json:
    """Return a narrations record."""
    name = frame_id(camera_id, captured_at)
    return {
        "id": f"{name}:en",
        "run": run,
        "camera_id": camera_id,
        "frame_id": name,
        "captured_at": rfc3339(captured_at),
        "language": "en",
        "text": text,
        "priority": 1,
        "kind": "groups",
        "groups": [
            {
                "count": 1,
                "label": "person",
                "place": "left",
                "hour": 11,
                "zone": "",
                "motion": "",
                "danger": 0,
                "sure": True,
            }
        ],
    }


def event_record(
    *, camera_id: str = "gate", at: int = NOON, event: str = "offline", run: str = "live"
) -> Json:
    """Return a camera-events record."""
    return {
        "id": f"{camera_id}:{event}:{compact(at)}",
        "run": run,
        "camera_id": camera_id,
        "at": rfc3339(at),
        "event": event,
        "detail": "no picture for 15 s",
    }


def alert_event_record(
    *,
    camera_id: str = "gate",
    at: int = NOON,
    event: str = "notified",
    alert_id: str = "gate:stranger-at-door:1",
    delay_ms: int | None = 4_000,
    taken_back: bool = False,
) -> Json:
    """Return an alert-events record: a false alarm if it is one, or a first email."""
    record: Json = {
        "id": f"{event}:{alert_id}",
        "run": "live",
        "revision": at + taken_back,
        "camera_id": camera_id,
        "at": rfc3339(at),
        "event": event,
        "alert_id": alert_id,
        "rule": "stranger-at-door",
        "by": "guard",
        "taken_back": taken_back,
    }
    if event == "notified":
        record |= {"kind": "raised", "channel": "mail"}
        record |= {} if delay_ms is None else {"delay_ms": delay_ms}
    return record


def accounting_record(
    *, camera_id: str = "gate", at: int = NOON, processed: int = 120, run: str = "live"
) -> Json:
    """Return the camera-events record of one accounting window of a minute."""
    return {
        "id": f"{frame_id(camera_id, at)}:frames",
        "run": run,
        "revision": 1,
        "camera_id": camera_id,
        "at": rfc3339(at),
        "event": "frames",
        "detail": f"120 received, {processed} processed",
        "frames": {
            "received": 120,
            "processed": processed,
            "dropped": {"stale": 120 - processed} if processed < 120 else {},
            "dead_letters": {},
        },
    }


def as_json(output: Output, run: str = "live", picture_life_ms: int = 600_000) -> tuple[str, Json]:
    """Return the topic and the record of an output, as whoever reads its JSON gets it."""
    topic, record = to_record(output, run, picture_life_ms)
    return topic, msgspec.json.decode(encode_record(record))


def message(topic: str, record: Json | Record) -> tuple[str, bytes]:
    """Return a record as the log has it: its topic and value."""
    return topic, msgspec.json.encode(record)
