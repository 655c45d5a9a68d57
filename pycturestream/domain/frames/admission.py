"""Admission: which records of the topic `frames` are processed, and what becomes of the others.

Everything is decided from the record's key and headers, the header of its picture and the settings
of its camera, before any decoding, so that neither invalid records nor overload cost much time.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.erasure import NO_ERASURES, Erasures
from pycturestream.domain.frames.frame import Mode, is_camera_id
from pycturestream.domain.frames.jpeg import JpegHeader, check_cost, read_header
from pycturestream.domain.frames.rejection import Reason, Rejection
from pycturestream.domain.frames.sender import (
    UNNAMED,
    SenderState,
    hold,
    is_other,
    read_sender,
)
from pycturestream.domain.times import EARLIEST, FIRST_YEARS, LAST_YEARS, LATEST, Millis

DropReason = Literal[
    "stale",
    "superseded",
    "overload",
    "paused",
    "duplicate",
    "out-of-order",
    "other-sender",
    "erased",
]
UnknownCameras = Literal["accept", "refuse"]
SecondSender = Literal["accept", "refuse"]
ReadReference = Callable[[bytes], bytes]
"""Returns the picture that a header `reference` names. Raises Rejection `bad-reference`."""
IsProven = Callable[["Arrival", str, int], bool]
"""Whether a record was made by who holds the token of a sender key, not longer than a tolerance
before it arrived."""

NO_CAMERA = "invalid-camera-id"
"""The camera id of records whose key is no camera id. It is also the key under which records of
cameras that are not accepted are counted: an invented id costs nothing of its own."""
TRUST_AGAIN = 0.5
"""A clock that was found wrong is trusted again within this share of the tolerance. Otherwise a
clock at the edge of the tolerance would be right and wrong in turns, and every second frame out of
order."""
DETAIL_LIMIT = 500
"""Characters of a detail, which may quote what was wrong."""
LONGEST_WAIT_MS = 600_000
"""The topic keeps no picture for longer."""


class AdmissionLimits(Struct, frozen=True):
    """The limits for frames; see the settings of the same names."""

    mode: Mode
    stale_after_ms: int
    clock_tolerance_ms: int
    byte_limit: int
    pixel_limit: int
    side_minimum: int
    unknown_cameras: UnknownCameras = "accept"
    unknown_camera_limit: int = 500
    second_sender: SecondSender = "refuse"
    sender_hold_ms: int = 30_000


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
    sender: bytes | None = None
    proof: bytes | None = None

    def picture(self, read_reference: ReadReference) -> bytes:
        """Return the picture from the record or its reference. Raises Rejection `bad-reference`."""
        if self.value or self.reference is None:
            return self.value or b""
        return read_reference(self.reference)


def never_proven(_arrival: Arrival, _sender_key: str, _tolerance_ms: int) -> bool:
    """Take no record for proven: for a system without proofs."""
    return False


@dataclass(frozen=True, slots=True)
class AdmissionContext:
    """What admission depends on besides the records and the limits."""

    processed: Container[Place] = frozenset()
    """Frames that were processed before a crash: admitted however late it is and whatever the
    settings are now, so that the job repeats the same history."""
    cameras: Mapping[str, Camera] = field(default_factory=dict)
    """The current settings of cameras."""
    untrusted_clocks: Container[str] = frozenset()
    """The cameras whose clocks are not trusted now; see `clock_trust`."""
    senders: Mapping[str, SenderState] = field(default_factory=dict)
    """Which sender has a camera's id, as far as this program has seen."""
    unknown: Container[str] | None = None
    """The cameras without settings that are accepted; None: all of them."""
    is_proven: IsProven = never_proven
    erasures: Erasures = NO_ERASURES
    """What is erased: not processed again, whether or not it was before."""


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
    sender: str = UNNAMED

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
    sender: str = UNNAMED


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
    left_out: str = ""
    """Why the dead letter lacks the record's bytes; empty where it has them."""
    sender: str = UNNAMED


def accounted_under(rejected: Rejected) -> str:
    """Return the camera id under which a rejected record is counted."""
    return NO_CAMERA if rejected.reason == "unknown-camera" else rejected.camera_id


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
    `superseded`. Of other senders than the one that has the camera's id, one more is: they can't
    replace its frames, and which of them are refused is for `track` to decide, whose memory
    survives a crash.
    """
    outcomes = [_examine(arrival, limits, now, context, read_reference) for arrival in arrivals]
    if limits.mode == "replay":
        return outcomes
    others, _ = separate(outcomes, context.senders, limits)
    newest: dict[tuple[str, bool], Admitted] = {}
    for outcome in outcomes:
        if isinstance(outcome, Admitted):
            rivals = outcome.camera_id, outcome.place in others
            best = newest.get(rivals)
            if best is None or outcome.captured_at >= best.captured_at:
                newest[rivals] = outcome
    chosen = {frame.place for frame in newest.values()}
    return [
        drop(outcome, "superseded")
        if isinstance(outcome, Admitted)
        and outcome.place not in chosen
        and outcome.place not in context.processed
        else outcome
        for outcome in outcomes
    ]


def separate(
    outcomes: Sequence[Admitted | Dropped | Rejected],
    senders: Mapping[str, SenderState],
    limits: AdmissionLimits,
) -> tuple[frozenset[Place], Mapping[str, SenderState]]:
    """Return which good frames are not of the sender that has their camera's id.

    Also returns which sender has the id afterwards, for each camera with such a frame.
    """
    others: set[Place] = set()
    after: dict[str, SenderState] = {}
    for outcome in outcomes:
        if isinstance(outcome, Rejected) or getattr(outcome, "reason", "") == "other-sender":
            continue
        camera_id, sender, at = outcome.camera_id, outcome.sender, outcome.received_at
        state = after.get(camera_id) or senders.get(camera_id) or SenderState()
        if is_other(state, sender, at, limits.sender_hold_ms):
            others.add(outcome.place)
        elif sender != UNNAMED:
            after[camera_id] = hold(state, sender, at, limits.sender_hold_ms)
    return frozenset(others), after


def choose_frames(
    frames: Sequence[Admitted],
    limit: int,
    turns: Mapping[str, int],
    strangers: Container[Place] = frozenset(),
    strangers_limit: int | None = None,
) -> frozenset[Place]:
    """Return which frames are processed when there is time for `limit` of them only.

    They are those of the cameras that have waited longest, by `turns`: the number of the last
    processed frame of each. A camera that was left out comes first next time, so that all get the
    same share however fast they send.

    The `strangers` among them have the share of one camera together, and what the others leave, up
    to `strangers_limit` of them: anybody can add to their number. `turns` has them under NO_CAMERA.
    """
    waiting = sorted(frames, key=lambda frame: turns.get(frame.camera_id, 0))
    strange = [frame for frame in waiting if frame.place in strangers]
    others = [frame for frame in waiting if frame.place not in strangers]
    together = turns.get(NO_CAMERA, 0)
    ranked = sorted(
        [*others, *strange[:1]],
        key=lambda frame: together if frame.place in strangers else turns.get(frame.camera_id, 0),
    )
    return frozenset(frame.place for frame in (*ranked, *strange[1:strangers_limit])[:limit])


def drop(frame: Admitted, reason: DropReason) -> Dropped:
    """Return the outcome of a good frame that is not processed."""
    return Dropped(
        frame.camera_id, frame.place, frame.received_at, reason, frame.captured_at, frame.sender
    )


def reject(
    arrival: Arrival, camera_id: str, rejection: Rejection, sender: str = UNNAMED
) -> Rejected:
    """Return the outcome of an arrival that becomes a dead letter."""
    data = arrival.value or b""
    return Rejected(
        camera_id=camera_id,
        place=arrival.place,
        received_at=arrival.received_at,
        reason=rejection.reason,
        detail=_shortened(str(rejection)),
        size=len(data),
        sha256=sha256(data).hexdigest(),
        sender=sender,
    )


def _shortened(detail: str) -> str:
    """Return a detail that can be encoded, and fits into a header and an event."""
    text = detail.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= DETAIL_LIMIT else f"{text[: DETAIL_LIMIT - 2]} …"


def _examine(
    arrival: Arrival,
    limits: AdmissionLimits,
    now: int,
    context: AdmissionContext,
    read_reference: ReadReference,
) -> Admitted | Dropped | Rejected:
    camera_id = _text(arrival.key)
    sender = _sender(arrival, limits)
    camera = context.cameras.get(camera_id)
    processed = arrival.place in context.processed
    tolerance_ms = limits.clock_tolerance_ms
    is_trusted = camera_id not in context.untrusted_clocks
    if limits.mode == "live":
        arrival = _with_believed_time(arrival, now, tolerance_ms, is_trusted=is_trusted)
    if camera and camera.sender_key and limits.mode == "live" and not processed:
        if not context.is_proven(arrival, camera.sender_key, tolerance_ms):
            place, at = arrival.place, arrival.received_at
            return Dropped(camera_id, place, at, "other-sender", sender=read_sender(arrival.sender))
        sender = UNNAMED  # the proof counts
    if not is_trusted:
        tolerance_ms = round(tolerance_ms * TRUST_AGAIN)
    try:
        _check_camera_id(camera_id)
        if not processed and camera is None:
            _check_unknown(camera_id, limits, context)
        header = _read_header(arrival, limits, read_reference)
        _check_size(header, limits, None if processed else camera)
        latest = now + limits.clock_tolerance_ms
        times = _read_times(arrival, limits.mode, tolerance_ms, latest)
    except Rejection as rejection:
        named = camera_id if is_camera_id(camera_id) else NO_CAMERA
        return reject(arrival, named, rejection, sender)
    frame = Admitted(
        camera_id=camera_id,
        place=arrival.place,
        received_at=arrival.received_at,
        captured_at=times.captured_at,
        camera_captured_at=times.camera_captured_at,
        clock_corrected=times.wrong,
        width=header.size.width,
        height=header.size.height,
        reference=None if arrival.value else _text(arrival.reference),
        sender=sender,
    )
    if context.erasures.covers(camera_id, frame.captured_at):
        return drop(frame, "erased")
    # Neither part of the age depends on the camera's clock, which may be some seconds off.
    age = now - arrival.received_at + times.age_when_sent
    stale = limits.mode == "live" and age > limits.stale_after_ms
    if stale and not processed:
        return drop(frame, "stale")
    return frame


def _with_believed_time(
    arrival: Arrival, now: Millis, tolerance_ms: int, *, is_trusted: bool
) -> Arrival:
    """Return an arrival with when it arrived by another clock, where that of the broker is wrong.

    It is wrong where it is ahead of ours: what is remembered of a time to come would make all that
    follows old. It also is where the camera's clock, if it `is_trusted`, agrees with ours and not
    with the broker's; a record that only waited agrees with the broker's. Then the record arrived
    when it was sent, and now if that can't be: so it is the same when it is read again.
    """
    received_at = arrival.received_at
    if now - tolerance_ms <= received_at <= now:  # as nearly always
        return arrival
    sent_at = _sent_at(arrival) if is_trusted else None
    if received_at <= now + tolerance_ms and (
        sent_at is None
        or abs(sent_at - received_at) <= tolerance_ms
        or abs(sent_at - now) > tolerance_ms * TRUST_AGAIN
    ):
        return arrival
    believed = sent_at is not None and now - LONGEST_WAIT_MS <= sent_at <= now
    return replace(arrival, received_at=sent_at if believed else now)


def _sent_at(arrival: Arrival) -> Millis | None:
    """Return when a record was sent, by its camera's clock; None if it does not say so."""
    try:
        return _millis("sent_at", arrival.sent_at or arrival.captured_at)
    except Rejection:
        return None


def _sender(arrival: Arrival, limits: AdmissionLimits) -> str:
    """Return who sends, where that makes a difference; history has no senders that compete."""
    judged = limits.mode == "live" and limits.second_sender == "refuse"
    return read_sender(arrival.sender) if judged else UNNAMED


def _check_camera_id(camera_id: str) -> None:
    if not is_camera_id(camera_id) or camera_id == NO_CAMERA:
        raise Rejection("bad-camera-id", f"key {camera_id[:80]!r}")


def _check_unknown(camera_id: str, limits: AdmissionLimits, context: AdmissionContext) -> None:
    """Reject a camera without settings where none, or no more of them, are accepted."""
    why = f"no settings of {camera_id} on the topic cameras"
    if limits.unknown_cameras == "refuse":
        raise Rejection("unknown-camera", why)
    if context.unknown is not None and camera_id not in context.unknown:
        limit = limits.unknown_camera_limit
        raise Rejection("unknown-camera", f"{why}, and {limit} others without settings came first")


def _read_header(
    arrival: Arrival, limits: AdmissionLimits, read_reference: ReadReference
) -> JpegHeader:
    if arrival.value and len(arrival.value) > limits.byte_limit:
        raise Rejection("too-large", f"{len(arrival.value)} bytes, allowed {limits.byte_limit}")
    return read_header(arrival.picture(read_reference))


def _check_size(header: JpegHeader, limits: AdmissionLimits, camera: Camera | None) -> None:
    check_cost(header, limits.pixel_limit)
    size = header.size
    found = f"{size.width}x{size.height}"
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


def _read_times(arrival: Arrival, mode: Mode, tolerance_ms: int, latest: Millis) -> _Times:
    """Return when the picture was taken, by the camera's clock and by the corrected one.

    In live mode no picture was taken later than `latest`.

    Both times of a frame are by the same clock, so their difference is the picture's age
    however wrong that clock is; a late picture stays late. No age is below zero: a picture that
    claims to be newer than its sending would make all later ones out of order.
    """
    camera_captured_at = _millis("captured_at", arrival.captured_at)
    sent_at = camera_captured_at if arrival.sent_at is None else _millis("sent_at", arrival.sent_at)
    age = max(0, sent_at - camera_captured_at)
    captured_at = camera_captured_at
    wrong = mode == "live" and (
        abs(arrival.received_at - sent_at) > tolerance_ms or sent_at > latest
    )
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
