"""Admission: which records of the topic `frames` are processed, and what becomes of the others.

Everything is decided from the record's key and headers, the header of its picture and the settings
of its camera, before any decoding, so that neither invalid records nor overload cost much time.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal, NoReturn

from msgspec import Struct

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import Mode, is_camera_id
from pycturestream.domain.frames.jpeg import Size, read_size
from pycturestream.domain.frames.rejection import Reason, Rejection
from pycturestream.domain.times import EARLIEST, LATEST, Millis

DropReason = Literal["stale", "superseded", "overload", "duplicate", "out-of-order"]
UnknownCameras = Literal["accept", "refuse"]
ReadReference = Callable[[bytes], bytes]
"""Returns the picture that a header `reference` names. Raises Rejection `bad-reference`."""

NO_CAMERA = "invalid-camera-id"
"""The camera id of records whose key is no camera id."""
TRUST_AGAIN = 0.5
"""A clock that was found wrong is trusted again within this share of the tolerance. Otherwise a
clock at the edge of the tolerance would be right and wrong in turns, and every second frame out of
order."""
FIRST_YEARS, LAST_YEARS = -30_610_224_000_000, 253_402_300_800_000
"""Years 1000 to 9999: what RFC 3339 can write of a clock, however wrong."""


class AdmissionLimits(Struct, frozen=True):
    """The limits for frames; see the settings of the same names."""

    mode: Mode
    stale_after_ms: int
    clock_tolerance_ms: int
    byte_limit: int
    pixel_limit: int
    side_minimum: int
    unknown_cameras: UnknownCameras = "accept"


class Place(Struct, frozen=True):
    """The position of a record in the log."""

    topic: str
    partition: int
    offset: int


class Arrival(Struct, frozen=True):
    """A record as read from the log; nothing in it has been checked yet."""

    place: Place
    received_at: Millis
    """When the broker appended it."""
    key: bytes | None
    value: bytes | None
    captured_at: bytes | None
    sent_at: bytes | None
    reference: bytes | None = None
    """The path of the picture, when there is no value."""

    def picture(self, read_reference: ReadReference) -> bytes:
        """Return the picture from the record or its reference. Raises Rejection `bad-reference`."""
        if self.value or self.reference is None:
            return self.value or b""
        return read_reference(self.reference)


@dataclass(frozen=True, slots=True)
class AdmissionContext:
    """What admission depends on besides the records and the limits."""

    processed: Container[Place] = frozenset()
    """Frames that were processed before a crash: admitted however late it is and whatever the
    settings are now, so that the job repeats the same history."""
    cameras: Mapping[str, Camera] = field(default_factory=dict)
    """The current settings of cameras."""
    untrusted_clocks: Container[str] = frozenset()
    """The cameras whose clocks were wrong when they were last checked."""


class Admitted(Struct, frozen=True):
    """A frame that will be processed."""

    camera_id: str
    place: Place
    received_at: Millis
    captured_at: Millis
    camera_captured_at: Millis
    """What the camera's own clock said."""
    clock_corrected: bool
    width: int
    height: int
    reference: str | None = None
    """The path of the picture in the folder of references, if it is not in the record."""

    @property
    def aspect(self) -> float:
        """The picture's width over its height."""
        return self.width / self.height


class Dropped(Struct, frozen=True):
    """A good frame that is not processed: counted, not kept."""

    camera_id: str
    place: Place
    received_at: Millis
    reason: DropReason
    captured_at: Millis = 0


class Rejected(Struct, frozen=True):
    """A record that is no usable frame: kept as a dead letter."""

    camera_id: str
    place: Place
    received_at: Millis
    reason: Reason
    """One of the closed list of dead-letter reasons."""
    detail: str
    size: int
    sha256: str


def no_references(reference: bytes) -> NoReturn:
    """Reject every reference: for a system without a folder of references."""
    raise Rejection("bad-reference", f"{reference[:80]!r}, but no reference_folder is set")


def admit(
    arrivals: Sequence[Arrival],
    limits: AdmissionLimits,
    now: int,
    context: AdmissionContext = AdmissionContext(),
    read_reference: ReadReference = no_references,
) -> list[Admitted | Dropped | Rejected]:
    """Return one outcome per arrival, in order.

    In live mode only the newest frame of each camera is admitted: the older ones of a batch are
    `superseded`.
    """
    outcomes = [_examine(arrival, limits, now, context, read_reference) for arrival in arrivals]
    if limits.mode == "replay":
        return outcomes
    newest: dict[str, Admitted] = {}
    for outcome in outcomes:
        if isinstance(outcome, Admitted):
            other = newest.get(outcome.camera_id)
            if other is None or outcome.captured_at >= other.captured_at:
                newest[outcome.camera_id] = outcome
    return [
        drop(outcome, "superseded")
        if isinstance(outcome, Admitted)
        and newest[outcome.camera_id] is not outcome
        and outcome.place not in context.processed
        else outcome
        for outcome in outcomes
    ]


def choose_frames(
    frames: Sequence[Admitted], limit: int, processed_at: Mapping[str, Millis]
) -> frozenset[Place]:
    """Return which frames are processed when there is time for `limit` of them only.

    They are those of the cameras that have waited longest, by `processed_at`. A camera that was
    left out comes first next time, so that all get the same share however fast they send.
    """
    waiting = sorted(frames, key=lambda frame: processed_at.get(frame.camera_id, 0))
    return frozenset(frame.place for frame in waiting[:limit])


def drop(frame: Admitted, reason: DropReason) -> Dropped:
    """Return the outcome of a good frame that is not processed."""
    return Dropped(frame.camera_id, frame.place, frame.received_at, reason, frame.captured_at)


def reject(arrival: Arrival, camera_id: str, rejection: Rejection) -> Rejected:
    """Return the outcome of an arrival that becomes a dead letter."""
    data = arrival.value or b""
    return Rejected(
        camera_id=camera_id,
        place=arrival.place,
        received_at=arrival.received_at,
        reason=rejection.reason,
        detail=str(rejection),
        size=len(data),
        sha256=sha256(data).hexdigest(),
    )


def _examine(
    arrival: Arrival,
    limits: AdmissionLimits,
    now: int,
    context: AdmissionContext,
    read_reference: ReadReference,
) -> Admitted | Dropped | Rejected:
    camera_id = _text(arrival.key)
    camera = context.cameras.get(camera_id)
    processed = arrival.place in context.processed
    tolerance_ms = limits.clock_tolerance_ms
    if camera_id in context.untrusted_clocks:
        tolerance_ms = round(tolerance_ms * TRUST_AGAIN)
    try:
        _check_sender(camera_id, limits, is_known=processed or camera is not None)
        size = _read_size(arrival, limits, read_reference)
        _check_size(size, limits, None if processed else camera)
        times = _read_times(arrival, limits.mode, tolerance_ms)
    except Rejection as rejection:
        named = camera_id if is_camera_id(camera_id) else NO_CAMERA
        return reject(arrival, named, rejection)
    frame = Admitted(
        camera_id=camera_id,
        place=arrival.place,
        received_at=arrival.received_at,
        captured_at=times.captured_at,
        camera_captured_at=times.camera_captured_at,
        clock_corrected=times.wrong,
        width=size.width,
        height=size.height,
        reference=None if arrival.value else _text(arrival.reference),
    )
    # Neither part of the age depends on the camera's clock, which may be some seconds off.
    age = now - arrival.received_at + times.age_when_sent
    stale = limits.mode == "live" and age > limits.stale_after_ms
    if stale and not processed:
        return drop(frame, "stale")
    return frame


def _check_sender(camera_id: str, limits: AdmissionLimits, *, is_known: bool) -> None:
    if not is_camera_id(camera_id):
        raise Rejection("bad-camera-id", f"key {camera_id[:80]!r}")
    if not is_known and limits.unknown_cameras == "refuse":
        raise Rejection("unknown-camera", f"no settings of {camera_id} on the topic cameras")


def _read_size(arrival: Arrival, limits: AdmissionLimits, read_reference: ReadReference) -> Size:
    if arrival.value and len(arrival.value) > limits.byte_limit:
        raise Rejection("too-large", f"{len(arrival.value)} bytes, allowed {limits.byte_limit}")
    return read_size(arrival.picture(read_reference))


def _check_size(size: Size, limits: AdmissionLimits, camera: Camera | None) -> None:
    found = f"{size.width}x{size.height}"
    if size.width * size.height > limits.pixel_limit:
        raise Rejection("too-many-pixels", f"{found}, allowed {limits.pixel_limit} pixels")
    if min(size.width, size.height) < limits.side_minimum:
        raise Rejection("too-small", f"{found}, each side at least {limits.side_minimum}")
    wanted = camera and camera.resolution
    # Upright or on its side: phones turn pictures by a tag, which counts as the same resolution.
    if wanted and {size.width, size.height} != {wanted.width, wanted.height}:
        raise Rejection("wrong-resolution", f"{found}, set is {wanted.width}x{wanted.height}")


class _Times(Struct, frozen=True):
    camera_captured_at: Millis
    captured_at: Millis
    age_when_sent: int
    wrong: bool
    """Whether the camera's clock was wrong; an age that was limited to zero does not count."""


def _read_times(arrival: Arrival, mode: Mode, tolerance_ms: int) -> _Times:
    """Return when the picture was taken, by the camera's clock and by the corrected one.

    Both times of a frame are by the same clock, so their difference is the picture's age
    however wrong that clock is; a late picture stays late. No age is below zero: a picture that
    claims to be newer than its sending would make all later ones out of order.
    """
    camera_captured_at = _millis("captured_at", arrival.captured_at)
    sent_at = camera_captured_at if arrival.sent_at is None else _millis("sent_at", arrival.sent_at)
    age = max(0, sent_at - camera_captured_at)
    captured_at = camera_captured_at
    wrong = mode == "live" and abs(arrival.received_at - sent_at) > tolerance_ms
    if mode == "live":
        captured_at = (arrival.received_at if wrong else sent_at) - age
    if not EARLIEST <= captured_at < LATEST:
        raise Rejection(
            "bad-timestamp", f"captured_at {camera_captured_at} is not from 2000 to 2099"
        )
    return _Times(camera_captured_at, captured_at, age, wrong)


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "backslashreplace")


def _millis(header: str, data: bytes | None) -> Millis:
    if data is None:
        raise Rejection("bad-timestamp", f"no header {header}")
    digits = data.removeprefix(b"-")
    # isdigit: ASCII only for bytes. More digits would take long to read.
    if digits.isdigit() and len(digits) <= 16 and FIRST_YEARS <= int(data) < LAST_YEARS:
        return int(data)
    raise Rejection("bad-timestamp", f"{header} {data[:40]!r} is not epoch milliseconds")
