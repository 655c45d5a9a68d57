"""Values as bytes: JSON on topics, MessagePack between operators and in state.

Dataclasses travel as maps of their field names, so that a newer reader fills a field that an
older writer did not know with its default. State begins with a version byte: a form that can't
be read that way gets a new version and a reader for the old one.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pycturestream.admission import Dropped, Refused
from pycturestream.attention import Wish
from pycturestream.camera import DAY_S, FPS_LIMIT, Camera
from pycturestream.geometry import fault_of
from pycturestream.records import Record, camera_record
from pycturestream.times import parse_rfc3339, time_zone
from pycturestream.tracking import CONFIRMED_AFTER, SIGHTINGS_REMEMBERED
from pycturestream.understanding import CameraMemory, FrameDetections

STATE_VERSION = b"\x02"
_FIRST_STATE_VERSION = b"\x01"
_BROKEN_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes: no JSON or of another form, no UTF-8, nested too deeply."""


class CodecError(Exception):
    """Bytes that can't be read; the message says why."""


class DeadLetter(Struct, frozen=True):
    """A refused record on its way to the topic of dead letters, with its original bytes."""

    refused: Refused
    key: bytes | None
    value: bytes | None


Verdict = FrameDetections | Dropped | DeadLetter
"""What the first half of the job says of one record, and the second half reads."""

_VERDICT_KINDS: dict[bytes, type[Verdict]] = {
    b"F": FrameDetections,
    b"D": Dropped,
    b"L": DeadLetter,
}
_KIND_BYTES = {kind: byte for byte, kind in _VERDICT_KINDS.items()}
_VERDICT_DECODERS = {byte: msgspec.msgpack.Decoder(kind) for byte, kind in _VERDICT_KINDS.items()}
_STATE_DECODER = msgspec.msgpack.Decoder(CameraMemory)
_CAMERA_DECODER = msgspec.json.Decoder(Camera)
_RECORD_DECODER = msgspec.json.Decoder(dict[str, Any])


def encode_verdict(verdict: Verdict) -> bytes:
    return _KIND_BYTES[type(verdict)] + msgspec.msgpack.encode(verdict)


def decode_verdict(data: bytes) -> Verdict:
    return _VERDICT_DECODERS[data[:1]].decode(memoryview(data)[1:])


def encode_memory(memory: CameraMemory) -> bytes:
    return STATE_VERSION + msgspec.msgpack.encode(memory)


def decode_memory(data: bytes) -> CameraMemory:
    """Raise CodecError for a version that this program does not know."""
    version = data[:1]
    if version not in (STATE_VERSION, _FIRST_STATE_VERSION):
        raise CodecError(f"state of version {version.hex()}, expected {STATE_VERSION.hex()}")
    memory = _STATE_DECODER.decode(memoryview(data)[1:])
    return memory if version == STATE_VERSION else _of_first_version(memory)


def _of_first_version(memory: CameraMemory) -> CameraMemory:
    """Return a memory in which tracks were confirmed by the number of their sightings alone."""
    tracks = tuple(
        replace(
            track,
            confirmed=track.sightings >= CONFIRMED_AFTER,
            strong=(1 << min(track.sightings, SIGHTINGS_REMEMBERED)) - 1,
            strong_at=track.seen_at,
            votes=((track.label, 1.0),),
        )
        for track in memory.tracks
    )
    return replace(memory, tracks=tracks)


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


def decode_wish(data: bytes) -> Wish:
    """Raise CodecError for bytes that are no wish."""
    try:
        record = _RECORD_DECODER.decode(data)
        return msgspec.convert({**record, "until": parse_rfc3339(record["until"])}, Wish)
    except (*_BROKEN_JSON, KeyError, TypeError, ValueError) as error:
        raise CodecError(f"{type(error).__name__}: {error}") from error


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
    for rule in camera.rules:
        if not 1 <= rule.clear_after_ms <= 1000 * DAY_S:
            yield f"{rule.name}: clear_after_ms must be from 1 to a day"
