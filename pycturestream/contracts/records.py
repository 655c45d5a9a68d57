"""The records that the detection job writes, as the contract names their fields.

Every record has an id made of its meaning, so that writing it again changes nothing.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Any

from pycturestream.contracts import topics
from pycturestream.domain.alerts.alert import AlertChange
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands
from pycturestream.domain.attention import RateRequest
from pycturestream.domain.cameras.camera import Camera, Rule, Zone
from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.admission import Admitted, Place
from pycturestream.domain.frames.frame import LIVE, frame_id
from pycturestream.domain.frames.picture_measure import PictureMeasure
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.narration import Narration
from pycturestream.domain.pipeline.state import (
    AccountingEvent,
    FrameDetections,
    JudgedFrame,
    ModelVersion,
    Output,
)
from pycturestream.domain.reports.alert_rates import CameraRate
from pycturestream.domain.times import compact, parse_rfc3339, rfc3339, to_local
from pycturestream.domain.tracking.scene import SeenObject

Record = dict[str, Any]


def to_record(output: Output, run: str, picture_life_ms: int) -> tuple[str, Record]:
    """Return the topic and the record of one output of understanding."""
    match output:
        case JudgedFrame():
            told = topics.DETECTIONS, _detections(output, run, picture_life_ms)
        case AlertChange():
            told = topics.ALERTS, _alert(output, run)
        case WindowCount():
            told = topics.COUNTS, count_record(output, run)
        case Narration():
            told = topics.NARRATIONS, _narration(output, run)
        case CameraEvent():
            told = topics.CAMERA_EVENTS, _camera_event(output, run)
        case AccountingEvent():
            told = topics.CAMERA_EVENTS, _accounting_event(output, run)
        case RateRequest():
            told = topics.ATTENTION, _rate_request(output)
    return told


def _detections(judged: JudgedFrame, run: str, picture_life_ms: int) -> Record:
    found, frame = judged.found, judged.found.frame
    local = to_local(frame.captured_at, judged.camera.timezone)
    labels = sorted({thing.track.label for thing in judged.seen})
    return {
        "id": f"{judged.frame_id}:{found.model.name}@{found.model.version}",
        "run": run,
        "frame_id": judged.frame_id,
        "camera_id": frame.camera_id,
        "site": judged.camera.site,
        "setting": judged.camera.setting,
        "captured_at": rfc3339(frame.captured_at),
        "camera_captured_at": rfc3339(frame.camera_captured_at),
        "clock_corrected": frame.clock_corrected,
        "received_at": rfc3339(frame.received_at),
        "processed_at": rfc3339(found.processed_at),
        # History is not late: only a live picture has a latency.
        "latency_ms": found.processed_at - frame.captured_at if run == LIVE else None,
        "weekday": local.isoweekday(),
        "hour": local.hour,
        "width": frame.width,
        "height": frame.height,
        "models": [{"name": found.model.name, "version": found.model.version}],
        "picture": {
            "topic": frame.place.topic,
            "partition": frame.place.partition,
            "offset": frame.place.offset,
            "expires_at": rfc3339(frame.received_at + picture_life_ms),
            "archive": None,
            # Only where there is one, which is seldom.
            **({"reference": frame.reference} if frame.reference else {}),
        },
        "labels": labels,
        "label_counts": [
            {"label": label, "count": sum(thing.track.label == label for thing in judged.seen)}
            for label in labels
        ],
        "objects": [_object(thing) for thing in judged.seen],
        "candidates": [
            {"label": d.label, "score": d.score, "box": _sides(d.box)} for d in _candidates(judged)
        ],
        "threats": [
            {"rule": alert.rule, "level": alert.level, "alert_id": alert.alert_id}
            for alert in judged.threats
        ],
        # 16x12 shades are next to no picture, but no more of one is kept than a rule asks for.
        **(
            {"measure": _measure(found.measure)}
            if found.measure and judged.camera.judges_its_view
            else {}
        ),
    }


def _measure(measure: PictureMeasure) -> Record:
    return {
        "brightness": measure.brightness,
        "contrast": measure.contrast,
        "sharpness": measure.sharpness,
        "thumbnail": b64encode(measure.thumbnail).decode(),
    }


def _read_measure(record: Record | None) -> PictureMeasure | None:
    if record is None:
        return None
    return PictureMeasure(
        brightness=record["brightness"],
        contrast=record["contrast"],
        sharpness=record["sharpness"],
        thumbnail=b64decode(record["thumbnail"]),
    )


def read_detections(record: Record) -> FrameDetections:
    """Return what a record of `detections` says was found; the digest it does not tell."""
    picture, (model,) = record["picture"], record["models"]
    return FrameDetections(
        frame=Admitted(
            camera_id=record["camera_id"],
            place=Place(picture["topic"], picture["partition"], picture["offset"]),
            received_at=parse_rfc3339(record["received_at"]),
            captured_at=parse_rfc3339(record["captured_at"]),
            camera_captured_at=parse_rfc3339(record["camera_captured_at"]),
            clock_corrected=record["clock_corrected"],
            width=record["width"],
            height=record["height"],
            reference=picture.get("reference"),
        ),
        digest="",
        model=ModelVersion(model["name"], model["version"]),
        detections=(
            *(
                Detection(
                    thing.get("detected_as", thing["label"]),
                    thing["score"],
                    BoundingBox(*thing["box"]),
                    thing.get("weak", False),
                )
                for thing in record["objects"]
            ),
            *(
                Detection(weak["label"], weak["score"], BoundingBox(*weak["box"]), weak=True)
                for weak in record.get("candidates", ())
            ),
        ),
        processed_at=parse_rfc3339(record["processed_at"]),
        measure=_read_measure(record.get("measure")),
    )


def _candidates(judged: JudgedFrame) -> list[Detection]:
    """Return the weak detections that show nothing which is known: they are not told as objects."""
    told = {id(thing.detection) for thing in judged.seen}
    return [detection for detection in judged.found.detections if id(detection) not in told]


def _object(thing: SeenObject) -> Record:
    detected_as = thing.detection.label
    return {
        "label": thing.track.label,
        "score": thing.score,
        "box": _sides(thing.box),
        "track_id": thing.track.track_id,
        "sector": thing.sector,
        "zones": list(thing.zones),
        "stationary": thing.track.stationary,
        # Only where it is so, which is seldom.
        **({"detected_as": detected_as} if detected_as != thing.track.label else {}),
        **({"weak": True} if thing.detection.weak else {}),
    }


def _sides(box: BoundingBox) -> list[float]:
    return [box.x_min, box.y_min, box.x_max, box.y_max]


def _alert(change: AlertChange, run: str) -> Record:
    alert = change.alert
    return {
        "id": alert.alert_id,
        "run": run,
        "revision": alert.revision,
        "state": change.state,
        "camera_id": change.camera_id,
        "site": change.site,
        "rule": alert.rule,
        "level": alert.level,
        "label": alert.label,
        "zones": list(alert.zones),
        "track_ids": list(alert.track_ids),
        "raised_at": rfc3339(alert.raised_at),
        "updated_at": rfc3339(change.at),
        "cleared_at": rfc3339(change.at) if change.state == "cleared" else None,
        "reason": alert.reason,
        "frame_id": alert.frame_id,
        "count": alert.count,
    }


def count_record(count: WindowCount, run: str) -> Record:
    return {
        "id": f"{count.camera_id}:{count.label}:{compact(count.window_start)}"
        f":{(count.window_end - count.window_start) // 1000}s",
        "run": run,
        "revision": count.revision,
        "camera_id": count.camera_id,
        "site": count.site,
        "timezone": count.timezone,
        "label": count.label,
        "window_start": rfc3339(count.window_start),
        "window_end": rfc3339(count.window_end),
        "frames": count.frames,
        "max": count.maximum,
        "mean": round(count.mean, 3),
        "unique": count.unique,
        "new": count.new,
        "entered": [{"zone": zone, "count": number} for zone, number in count.entered.items()],
        "left": [{"zone": zone, "count": number} for zone, number in count.left.items()],
        "crossed": [
            {
                "line": line,
                "in": count.crossed_in.get(line, 0),
                "out": count.crossed_out.get(line, 0),
            }
            for line in {**count.crossed_in, **count.crossed_out}
        ],
    }


def read_count(record: Record) -> WindowCount:
    """Return what a record of `counts` tells; older programs told less."""
    crossed = record["crossed"]
    return WindowCount(
        camera_id=record["camera_id"],
        site=record["site"],
        timezone=record.get("timezone", "UTC"),
        label=record["label"],
        window_start=parse_rfc3339(record["window_start"]),
        window_end=parse_rfc3339(record["window_end"]),
        frames=record["frames"],
        maximum=record["max"],
        mean=record["mean"],
        unique=record["unique"],
        new=record["new"] if "new" in record else record["unique"],
        entered={item["zone"]: item["count"] for item in record["entered"]},
        left={item["zone"]: item["count"] for item in record.get("left", ())},
        crossed_in={item["line"]: item["in"] for item in crossed},
        crossed_out={item["line"]: item["out"] for item in crossed},
        revision=record["revision"],
    )


def _narration(narration: Narration, run: str) -> Record:
    return {
        "id": f"{narration.frame_id}:{narration.language}",
        "run": run,
        "camera_id": narration.camera_id,
        "frame_id": narration.frame_id,
        "captured_at": rfc3339(narration.captured_at),
        "language": narration.language,
        "text": narration.text,
        "priority": narration.priority,
    }


def _camera_event(event: CameraEvent, run: str) -> Record:
    occasion = f":{event.occasion}" if event.occasion else ""
    return {
        "id": f"{frame_id(event.camera_id, event.at)}:{event.event}{occasion}",
        "run": run,
        "camera_id": event.camera_id,
        "at": rfc3339(event.at),
        "event": event.event,
        "detail": event.detail,
    }


def _accounting_event(event: AccountingEvent, run: str) -> Record:
    window = event.window
    return {
        "id": f"{frame_id(event.camera_id, window.start)}:frames",
        "run": run,
        "revision": window.revision,
        "camera_id": event.camera_id,
        "at": rfc3339(window.start),
        "event": "frames",
        "detail": f"{window.received} received, {window.processed} processed",
        "frames": {
            "received": window.received,
            "processed": window.processed,
            "dropped": dict(window.dropped),
            "dead_letters": dict(window.dead_letters),
        },
    }


def _rate_request(request: RateRequest) -> Record:
    return {
        "id": f"{frame_id(request.camera_id, request.until)}:{request.because_of}",
        "camera_id": request.camera_id,
        "level": request.level,
        "fps": request.fps,
        "until": rfc3339(request.until),
        "because_of": request.because_of,
    }


def alert_command_record(said: AlertCommand) -> Record:
    """Return a command as it stands on the topic `alert-commands`."""
    return {
        "id": said.id,
        "command": said.command,
        "camera_id": said.camera_id,
        "alert_id": said.alert_id,
        "rule": said.rule,
        "until": None if said.until is None else rfc3339(said.until),
        "by": said.by,
        "reason": said.reason,
        "at": rfc3339(said.at),
    }


def told_alert_record(alert: Record, commands: AlertCommands) -> Record:
    """Return the record of an alert, and beside it what people say of it."""
    alert_id, raised_at = alert["id"], parse_rfc3339(alert["raised_at"])
    said = {
        "acknowledged": commands.acknowledged(alert_id),
        "silenced": commands.silence(alert["camera_id"], alert["rule"], raised_at),
        "wrong": commands.wrong(alert_id),
    }
    return alert | {
        name: command and alert_command_record(command) for name, command in said.items()
    }


def alert_rate_record(rate: CameraRate) -> Record:
    """Return the alerts of one camera in a period, for a report."""
    return {
        "camera_id": rate.camera_id,
        "alerts": rate.alerts,
        "hours": round(rate.hours, 3),
        "per_day": rate.per_day,
        "per_hour": rate.per_hour,
        "marks": [
            {
                "against": mark.against,
                "direction": mark.direction,
                "expected": mark.expected,
                "chance": mark.chance,
                "why": mark.why,
            }
            for mark in rate.marks
        ],
        "days": [
            {"start": rfc3339(day.start), "alerts": day.alerts, "hours": round(day.hours, 3)}
            for day in rate.days
        ],
    }


def camera_record(camera: Camera) -> Record:
    """Return the settings of a camera as they stand on the topic `cameras`."""
    return {
        "camera_id": camera.camera_id,
        "site": camera.site,
        "setting": camera.setting,
        "timezone": camera.timezone,
        "source": camera.source,
        "fps": camera.fps,
        "resolution": camera.resolution and list(camera.resolution),
        "size": camera.size,
        "motion": {
            "gate": camera.motion.gate,
            "min_area": camera.motion.min_area,
            "region": _zones(camera.motion.region),
            "heartbeat_s": camera.motion.heartbeat_s,
            "hold_s": camera.motion.hold_s,
        },
        "masks": _zones(camera.masks),
        "zones": _zones(camera.zones),
        "lines": [
            {"name": line.name, "start": list(line.start), "end": list(line.end)}
            for line in camera.lines
        ],
        "rules": [_rule(rule) for rule in camera.rules],
        "tolerates": list(camera.ignored_labels),
        "warm_up_ms": camera.warm_up_ms,
        "narration": camera.narration,
        "language": camera.language,
        "neighbours": list(camera.neighbours),
        "attention": camera.attention
        and {
            "idle_fps": camera.attention.idle_fps,
            "alert_fps": camera.attention.alert_fps,
        },
        "evidence": camera.evidence,
        "revision": camera.revision,
    }


def _rule(rule: Rule) -> Record:
    return {
        "name": rule.name,
        "about": rule.about,
        "labels": list(rule.labels),
        "zones": list(rule.zones),
        "frames": rule.frames,
        "min_score": rule.min_score,
        "level": rule.level,
        "clear_after_ms": rule.clear_after_ms,
        "count": rule.count,
        "dwell_ms": rule.dwell_ms,
        "loitering_ms": rule.loitering_ms,
        "crosses": [{"line": crossing.line, "way": crossing.way} for crossing in rule.crosses],
        "schedule": [
            {
                "days": list(period.days),
                "from_minute": period.from_minute,
                "to_minute": period.to_minute,
                "timezone": period.timezone,
            }
            for period in rule.schedule
        ],
        "for_ms": rule.for_ms,
    }


def _zones(zones: Iterable[Zone]) -> list[Record]:
    return [
        {"name": zone.name, "polygon": [list(corner) for corner in zone.polygon]} for zone in zones
    ]
