"""Whether a camera is there: time goes on when pictures stop."""

from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.times import Millis

EventName = Literal[
    # Said by the job, which sees frames.
    "online",
    "offline",
    "clock_corrected",
    "clock_right",
    "dead_letter",
    # Said by the producer, which sees the camera.
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
    """Tells two events of one kind and one moment apart."""


class Presence(Struct, frozen=True):
    """When a camera was last heard of, and what the world was told of it."""

    online: bool = False
    last_seen_at: Millis = field(default=0, name="heard_at")
    clock_corrected: bool = False


def mark_online(
    presence: Presence, camera_id: str, at: Millis
) -> tuple[Presence, list[CameraEvent]]:
    """Note a sign of life of any kind, also a frame that was dropped or refused."""
    events = [] if presence.online else [CameraEvent(camera_id, at, "online")]
    return replace(presence, online=True, last_seen_at=max(at, presence.last_seen_at)), events


def compare_clock(
    presence: Presence, camera_id: str, at: Millis, camera_at: Millis, *, corrected: bool
) -> tuple[Presence, list[CameraEvent]]:
    """Note whether the camera's clock had to be corrected; tell only when that changes."""
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
    """Report a camera that has been silent for too long, once."""
    deadline = presence.last_seen_at + offline_after_ms
    if not presence.online or now < deadline:
        return presence, []
    detail = f"no picture for {offline_after_ms / 1000:g} s"
    return replace(presence, online=False), [CameraEvent(camera_id, deadline, "offline", detail)]
