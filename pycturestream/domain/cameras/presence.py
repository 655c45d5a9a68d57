"""Whether a camera is online: time goes on when pictures stop."""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.times import Millis

EventName = Literal[
    # Emitted by the job, which sees frames.
    "online",
    "offline",
    "clock_corrected",
    "clock_right",
    "dead_letter",
    "second_sender",
    # Emitted by the producer, which sees the camera.
    "connected",
    "reconnecting",
    "stalled",
    "ended",
]


class CameraEvent(Struct, frozen=True):
    """Something that happened to a camera itself."""

    camera_id: str
    at: Millis
    event: EventName
    detail: str = ""
    occasion: str = ""
    """Distinguishes two events of one kind at the same moment."""


class Presence(Struct, frozen=True, array_like=True):
    """When a camera was last seen, and what was last emitted about it."""

    online: bool = False
    last_seen_at: Millis = 0
    clock_corrected: bool = False


def mark_online(
    presence: Presence, camera_id: str, at: Millis
) -> tuple[Presence, list[CameraEvent]]:
    """Record a sign of life of any kind, even a frame that was dropped or rejected."""
    events = [] if presence.online else [CameraEvent(camera_id, at, "online")]
    return replace(presence, online=True, last_seen_at=max(at, presence.last_seen_at)), events


def compare_clock(
    presence: Presence, camera_id: str, at: Millis, camera_at: Millis, *, corrected: bool
) -> tuple[Presence, list[CameraEvent]]:
    """Record whether the camera's clock had to be corrected; emit only when that changes."""
    if corrected == presence.clock_corrected:
        return presence, []
    event = (
        CameraEvent(camera_id, at, "clock_corrected", f"off by {(camera_at - at) / 1000:+.1f} s")
        if corrected
        else CameraEvent(camera_id, at, "clock_right")
    )
    return replace(presence, clock_corrected=corrected), [event]


def mark_offline(
    presence: Presence, camera_id: str, now: int, offline_after_ms: int
) -> tuple[Presence, list[CameraEvent]]:
    """Report a camera without pictures for too long, once."""
    deadline = presence.last_seen_at + offline_after_ms
    if not presence.online or now < deadline:
        return presence, []
    detail = f"no picture for {offline_after_ms / 1000:g} s"
    return replace(presence, online=False), [CameraEvent(camera_id, deadline, "offline", detail)]
