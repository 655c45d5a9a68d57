"""Rate requests: how often the job wants frames of a camera, seldom when idle, often in an alert.

Producers apply a request until it expires, and return to the camera's own rate when the job emits
no more of them.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import SeenObject

AttentionLevel = Literal["idle", "normal", "alert"]
IDLE_AFTER_MS = 60_000
"""How long nothing must move before a camera is idle."""
WANTED_FOR_MS = 30_000
"""How long a rate request is valid: several frames of an idle camera, so that it is repeated."""
REPEAT_AFTER_MS = 10_000
"""When a rate request that is still valid is repeated."""


class AttentionState(Struct, frozen=True, array_like=True):
    """When something last moved before a camera, and the last rate request."""

    moved_at: Millis = 0
    level: AttentionLevel | None = None
    """Of the last request; None: there was none yet."""
    requested_at: Millis = 0


class RateRequest(Struct, frozen=True):
    """How often the job wants frames of a camera."""

    camera_id: str
    level: AttentionLevel
    fps: float | None
    """Pictures a second; None: the rate of the camera's own settings for this level."""
    until: Millis
    """When it expires; one that has expired cancels the last one with the same cause."""
    because_of: str
    """The camera that caused it: itself, or one that names it as a neighbour."""


def attend(
    state: AttentionState,
    camera: Camera,
    seen: Sequence[SeenObject],
    at: Millis,
    *,
    in_alert: bool,
) -> tuple[AttentionState, tuple[RateRequest, ...]]:
    """Return the state after a frame, and the rate requests to emit.

    A request is emitted when its level changes, and again before it expires. Neighbours get the
    rate of an alert of their own, until this camera's alert has ended.
    """
    moving = not all(item.stationary for item in seen)
    moved_at = at if moving or state.level is None else state.moved_at
    level: AttentionLevel = "normal" if at - moved_at < IDLE_AFTER_MS else "idle"
    if in_alert:
        level = "alert"
    if level == state.level and at - state.requested_at < REPEAT_AFTER_MS:
        return AttentionState(moved_at, level, state.requested_at), ()
    until = at + WANTED_FOR_MS
    requests = []
    if camera.attention:
        own = rate(camera, level)
        requests.append(RateRequest(camera.camera_id, level, own, until, camera.camera_id))
    if "alert" in (level, state.level):
        until = until if in_alert else at
        requests += [
            RateRequest(name, "alert", None, until, camera.camera_id) for name in camera.neighbours
        ]
    return AttentionState(moved_at, level, at), tuple(requests)


def rate(camera: Camera, level: AttentionLevel) -> float | None:
    """Return the pictures a second of a camera at a level; None: its own rate."""
    if camera.attention is None or level == "normal":
        return camera.fps
    return camera.attention.idle_fps if level == "idle" else camera.attention.alert_fps
