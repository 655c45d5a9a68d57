"""Which records of the topic `frames` are looked at, and what becomes of the others.

Everything is decided from the record's key, headers and first bytes, before any decoding, so
that neither rubbish nor overload can cost more than a glance.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from pycturestream.frame import Mode, is_camera_id
from pycturestream.jpeg import Size, read_size
from pycturestream.refusal import Reason, Refusal
from pycturestream.times import EARLIEST, LATEST, Millis

DropReason = Literal["stale", "superseded", "overload", "duplicate", "out-of-order"]

NO_CAMERA = "invalid-camera-id"
"""Stands for the camera where a record's key names none."""


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """What a frame must keep to; see the settings of the same names."""

    mode: Mode
    stale_after_ms: int
    clock_tolerance_ms: int
    byte_limit: int
    pixel_limit: int
    side_minimum: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies in the log."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record as the log hands it over; nothing in it has been believed yet."""

    place: Place
    received_at: Millis
    """When the broker appended it."""
    key: bytes | None
    value: bytes | None
    captured_at: bytes | None
    sent_at: bytes | None


@dataclass(frozen=True, slots=True)
class Admitted:
    """A frame that will be looked at."""

    camera_id: str
    place: Place
    received_at: Millis
    captured_at: Millis
    camera_captured_at: Millis
    """What the camera's own clock said."""
    clock_corrected: bool
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """A good frame that is not worth a look any more: counted, not kept."""

    camera_id: str
    place: Place
    received_at: Millis
    reason: DropReason


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is no usable frame: kept as a dead letter."""

    camera_id: str
    place: Place
    received_at: Millis
    reason: Reason
    """One of the closed list of dead-letter reasons."""
    detail: str
    size: int
    sha256: str


def admit(
    arrivals: Sequence[Arrival],
    limits: AdmissionLimits,
    now: int,
    looked_at: Container[Place] = frozenset(),
) -> list[Admitted | Dropped | Refused]:
    """Return one verdict per arrival, in order.

    In live mode only the newest frame of each camera is admitted: of a batch that the log
    hands over at once, the older ones are `superseded`. What was `looked_at` before a crash is
    admitted in any case, so that the job goes through the same history once more.
    """
    verdicts = [_examine(arrival, limits, now, looked_at) for arrival in arrivals]
    if limits.mode == "replay":
        return verdicts
    newest: dict[str, Admitted] = {}
    for verdict in verdicts:
        if isinstance(verdict, Admitted):
            rival = newest.get(verdict.camera_id)
            if rival is None or verdict.captured_at >= rival.captured_at:
                newest[verdict.camera_id] = verdict
    return [
        drop(verdict, "superseded")
        if isinstance(verdict, Admitted)
        and newest[verdict.camera_id] is not verdict
        and verdict.place not in looked_at
        else verdict
        for verdict in verdicts
    ]


def find_room(
    frames: Sequence[Admitted], room: int, looked_at: Mapping[str, Millis]
) -> frozenset[Place]:
    """Return which frames are looked at when there is time for `room` of them only.

    Those of the cameras that were not looked at for longest, by `looked_at`: whoever was left
    out comes first next time, so that all get the same share however fast they send.
    """
    waiting = sorted(frames, key=lambda frame: looked_at.get(frame.camera_id, 0))
    return frozenset(frame.place for frame in waiting[:room])


def drop(frame: Admitted, reason: DropReason) -> Dropped:
    """Return the verdict that a good frame is not worth a look."""
    return Dropped(frame.camera_id, frame.place, frame.received_at, reason)


def refuse(arrival: Arrival, camera_id: str, refusal: Refusal) -> Refused:
    """Return the verdict that turns an arrival into a dead letter."""
    data = arrival.value or b""
    return Refused(
        camera_id=camera_id,
        place=arrival.place,
        received_at=arrival.received_at,
        reason=refusal.reason,
        detail=str(refusal),
        size=len(data),
        sha256=sha256(data).hexdigest(),
    )


def _examine(
    arrival: Arrival, limits: AdmissionLimits, now: int, looked_at: Container[Place]
) -> Admitted | Dropped | Refused:
    camera_id = _text(arrival.key)
    try:
        _check_camera_id(camera_id)
        size = _check_picture(arrival.value or b"", limits)
        times = _read_times(arrival, limits)
    except Refusal as refusal:
        known = camera_id if is_camera_id(camera_id) else NO_CAMERA
        return refuse(arrival, known, refusal)
    frame = Admitted(
        camera_id=camera_id,
        place=arrival.place,
        received_at=arrival.received_at,
        captured_at=times.captured_at,
        camera_captured_at=times.camera_captured_at,
        clock_corrected=times.captured_at != times.camera_captured_at,
        width=size.width,
        height=size.height,
    )
    # Neither part of the age trusts the camera's clock, which may be some seconds off.
    age = now - arrival.received_at + times.age_when_sent
    stale = limits.mode == "live" and age > limits.stale_after_ms
    if stale and arrival.place not in looked_at:
        return drop(frame, "stale")
    return frame


def _check_camera_id(camera_id: str) -> None:
    if not is_camera_id(camera_id):
        raise Refusal("bad-camera-id", f"key {camera_id[:80]!r}")


def _check_picture(data: bytes, limits: AdmissionLimits) -> Size:
    if len(data) > limits.byte_limit:
        raise Refusal("too-large", f"{len(data)} bytes, allowed {limits.byte_limit}")
    size = read_size(data)
    if size.width * size.height > limits.pixel_limit:
        raise Refusal(
            "too-many-pixels",
            f"{size.width}x{size.height}, allowed {limits.pixel_limit} pixels",
        )
    if min(size.width, size.height) < limits.side_minimum:
        raise Refusal(
            "too-small",
            f"{size.width}x{size.height}, each side at least {limits.side_minimum}",
        )
    return size


@dataclass(frozen=True, slots=True)
class _Times:
    camera_captured_at: Millis
    captured_at: Millis
    age_when_sent: int


def _read_times(arrival: Arrival, limits: AdmissionLimits) -> _Times:
    """Return when the picture was taken, by the camera's clock and in truth.

    Both times of a frame are by the same clock, so their difference is the picture's age
    however wrong that clock is; a late picture stays late. No picture is younger than zero: one
    that claims to be from after its sending would shut out all that come later.
    """
    camera_captured_at = _millis("captured_at", arrival.captured_at)
    sent_at = camera_captured_at if arrival.sent_at is None else _millis("sent_at", arrival.sent_at)
    age = max(0, sent_at - camera_captured_at)
    captured_at = camera_captured_at
    if limits.mode == "live":
        wrong = abs(arrival.received_at - sent_at) > limits.clock_tolerance_ms
        captured_at = (arrival.received_at if wrong else sent_at) - age
    if not EARLIEST <= captured_at < LATEST:
        raise Refusal("bad-timestamp", f"captured_at {camera_captured_at} is not from 2000 to 2099")
    return _Times(camera_captured_at, captured_at, age)


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "backslashreplace")


def _millis(header: str, data: bytes | None) -> Millis:
    if data is None:
        raise Refusal("bad-timestamp", f"no header {header}")
    digits = data.removeprefix(b"-")
    if not digits.isdigit() or len(digits) > 16:  # isdigit: ASCII only for bytes
        raise Refusal("bad-timestamp", f"{header} {data[:40]!r} is not epoch milliseconds")
    return int(data)
