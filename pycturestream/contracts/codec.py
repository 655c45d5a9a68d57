"""Values as bytes: JSON on topics, MessagePack between operators and in state.

Dataclasses travel as maps of their field names, so that a newer reader fills a field that an
older writer did not know with its default. State begins with a version byte: a form that can't
be read that way gets a new version and a reader for the old one.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from pycturestream.contracts import old_state
from pycturestream.contracts.records import Record, alert_command_record, camera_record
from pycturestream.domain.alerts.alert_command import AlertCommand
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.attention import RateRequest
from pycturestream.domain.cameras.camera import DAY_S, FPS_LIMIT, Camera, Rule
from pycturestream.domain.cameras.schedule import DAY_MINUTES, EVERY_DAY
from pycturestream.domain.frames.admission import Dropped, Rejected
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.geometry import fault_of
from pycturestream.domain.pipeline.state import CameraState, FrameDetections
from pycturestream.domain.times import parse_rfc3339, time_zone
from pycturestream.errors import DataError

STATE_VERSION = b"\x03"
_BROKEN_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes: no JSON or of another form, no UTF-8, nested too deeply."""


class CodecError(DataError):
    """Bytes that can't be read; the message says why."""


class DeadLetter(Struct, frozen=True):
    """A refused record on its way to the topic of dead letters, with its original bytes."""

    rejected: Rejected = field(name="refused")
    key: bytes | None
    value: bytes | None


FrameOutcome = FrameDetections | Dropped | DeadLetter
"""What the first half of the job says of one record, and the second half reads."""

_OUTCOME_KINDS: dict[bytes, type[FrameOutcome]] = {
    b"F": FrameDetections,
    b"D": Dropped,
    b"L": DeadLetter,
}
_KIND_BYTES = {kind: byte for byte, kind in _OUTCOME_KINDS.items()}
_OUTCOME_DECODERS = {byte: msgspec.msgpack.Decoder(kind) for byte, kind in _OUTCOME_KINDS.items()}
_STATE_DECODER = msgspec.msgpack.Decoder(CameraState)
_CAMERA_DECODER = msgspec.json.Decoder(Camera)
_RECORD_DECODER = msgspec.json.Decoder(dict[str, Any])


def encode_outcome(outcome: FrameOutcome) -> bytes:
    return _KIND_BYTES[type(outcome)] + msgspec.msgpack.encode(outcome)


def decode_outcome(data: bytes) -> FrameOutcome:
    return _OUTCOME_DECODERS[data[:1]].decode(memoryview(data)[1:])


def encode_state(state: CameraState) -> bytes:
    return STATE_VERSION + msgspec.msgpack.encode(state)


def decode_state(data: bytes) -> CameraState:
    """Raise CodecError for a version that this program does not know."""
    version, rest = data[:1], memoryview(data)[1:]
    if version in old_state.VERSIONS:
        return old_state.read(version, rest)
    if version != STATE_VERSION:
        raise CodecError(f"state of version {version.hex()}, expected {STATE_VERSION.hex()}")
    return _STATE_DECODER.decode(rest)


def encode_record(record: Record) -> bytes:
    return msgspec.json.encode(record)


def encode_camera(camera: Camera) -> bytes:
    return encode_record(camera_record(camera))


def decode_camera(data: bytes) -> Camera:
    """Raise CodecError for bytes that are no camera's settings."""
    try:
        camera = _CAMERA_DECODER.decode(data)
    except _BROKEN_JSON as error:
        raise CodecError(str(error)) from error
    if fault := next(_faults(camera), None):
        raise CodecError(fault)
    # A mask that masks nothing would show what must not be seen. Zones of older programs may
    # cross themselves; only one without corners has no meaning at all.
    for zone in (*camera.masks, *camera.motion.region):
        if fault := fault_of(zone.polygon):
            raise CodecError(f"{zone.name}: {fault}")
    if empty := [zone.name for zone in camera.zones if len(zone.polygon) < 3]:
        raise CodecError(f"{empty[0]}: must have at least 3 corners")
    return camera


def decode_rate_request(data: bytes) -> RateRequest:
    """Raise CodecError for bytes that are no wish."""
    try:
        record = _RECORD_DECODER.decode(data)
        return msgspec.convert({**record, "until": parse_rfc3339(record["until"])}, RateRequest)
    except (*_BROKEN_JSON, KeyError, TypeError, ValueError) as error:
        raise CodecError(f"{type(error).__name__}: {error}") from error


def encode_alert_command(command: AlertCommand) -> bytes:
    return encode_record(alert_command_record(command))


def decode_alert_command(data: bytes) -> AlertCommand:
    """Raise CodecError for bytes that are no command on an alert."""
    try:
        record = _RECORD_DECODER.decode(data)
        times = {name: parse_rfc3339(record[name]) for name in ("at", "until") if record[name]}
        command = msgspec.convert({**record, **times}, AlertCommand)
    except (*_BROKEN_JSON, KeyError, TypeError, ValueError) as error:
        raise CodecError(f"{type(error).__name__}: {error}") from error
    if not is_camera_id(command.camera_id):
        raise CodecError(f"camera_id: {command.camera_id[:80]!r} can't name a camera")
    needed = "until" if command.command == "silence" else "alert_id"
    if not getattr(command, needed):
        raise CodecError(f"{needed}: {command.command} needs it")
    return command


def decode_alert(data: bytes) -> AlertRecord:
    """Raise CodecError for bytes that are no record of `alerts`."""
    try:
        record = _RECORD_DECODER.decode(data)
        names = ("raised_at", "updated_at", "cleared_at")
        times = {name: parse_rfc3339(record[name]) for name in names if record[name]}
        alert = msgspec.convert({**record, **times}, AlertRecord)
    except (*_BROKEN_JSON, KeyError, TypeError, ValueError) as error:
        raise CodecError(f"{type(error).__name__}: {error}") from error
    if not is_camera_id(alert.camera_id):
        raise CodecError(f"camera_id: {alert.camera_id[:80]!r} can't name a camera")
    return alert


def _faults(camera: Camera) -> Iterator[str]:
    """Yield what would stop those who go by these settings, some time after they were read."""
    try:
        time_zone(camera.timezone)
    except ValueError:
        yield f"timezone: {camera.timezone[:80]!r} is unknown"
    rates = {"fps": camera.fps}
    if attention := camera.attention:
        rates |= {"idle_fps": attention.idle_fps, "alert_fps": attention.alert_fps}
    for name, fps in rates.items():
        if fps is not None and not 0 < fps <= FPS_LIMIT:
            yield f"{name}: must be above 0 and at most {FPS_LIMIT}"
    if not 0 < camera.motion.heartbeat_s <= DAY_S:
        yield "heartbeat_s: must be above 0 and at most a day"
    if not 0 <= camera.motion.hold_s <= DAY_S:  # 0 may stand in a camera file
        yield "hold_s: must be from 0 to a day"
    if not 0 <= camera.warm_up_ms <= 1000 * DAY_S:
        yield "warm_up_ms: must be from 0 to a day"
    for rule in camera.rules:
        for fault in _faults_of_rule(rule):
            yield f"{rule.name}: {fault}"


def _faults_of_rule(rule: Rule) -> Iterator[str]:
    if not 1 <= rule.clear_after_ms <= 1000 * DAY_S:
        yield "clear_after_ms must be from 1 to a day"
    spans = {"dwell": rule.dwell_ms, "loitering": rule.loitering_ms, "for": rule.for_ms}
    for name, span_ms in spans.items():
        if not 0 <= span_ms <= 1000 * DAY_S:
            yield f"{name}_ms must be from 0 to a day"
    for period in rule.schedule:
        try:
            time_zone(period.timezone or "UTC")
        except ValueError:
            yield f"schedule: timezone {period.timezone[:80]!r} is unknown"
        if not (0 <= period.from_minute < DAY_MINUTES and 0 < period.to_minute <= DAY_MINUTES):
            yield f"schedule: must be from 0 to {DAY_MINUTES} minutes"
        if not set(period.days) <= set(EVERY_DAY):
            yield "schedule: days must be from 1 to 7"
