"""How often the job wants to see a camera: seldom while nothing happens, often in an alert.

Producers follow for as long as they are told, and go back to the camera's own rate when the job
falls silent.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import SeenObject

Level = Literal["idle", "normal", "alert"]
IDLE_AFTER_MS = 60_000
"""How long nothing must move before a camera is idle."""
WANTED_FOR_MS = 30_000
"""How long a wish holds: several pictures of an idle camera, so that it can be repeated."""
REPEAT_AFTER_MS = 10_000
"""When a wish that still holds is said again."""


class AttentionMemory(Struct, frozen=True):
    """What is remembered of a camera: when something last moved, and what was said of it."""

    moved_at: Millis = 0
    level: Level | None = None
    """What was said last; None: nothing yet."""
    said_at: Millis = 0


class RateRequest(Struct, frozen=True):
    """How often the job wants to see a camera."""

    camera_id: str
    level: Level
    fps: float | None
    """Pictures a second; None: as the camera's own settings have it for this level."""
    until: Millis
    """When it runs out; one that is over takes back the last of the same cause."""
    because_of: str
    """The camera that something happened to: itself, or one that names it as a neighbour."""


def attend(
    memory: AttentionMemory,
    camera: Camera,
    seen: Sequence[SeenObject],
    at: Millis,
    *,
    in_alert: bool,
) -> tuple[AttentionMemory, tuple[RateRequest, ...]]:
    """Return the memory after a look, and the wishes that are to be said.

    A wish is said when its level changes, and again before it runs out. Neighbours are wanted
    as in an alert of their own, until this camera's alert is over.
    """
    moving = any(not thing.track.stationary for thing in seen)
    moved_at = at if moving or memory.level is None else memory.moved_at
    level: Level = "normal" if at - moved_at < IDLE_AFTER_MS else "idle"
    if in_alert:
        level = "alert"
    if level == memory.level and at - memory.said_at < REPEAT_AFTER_MS:
        return replace(memory, moved_at=moved_at), ()
    until = at + WANTED_FOR_MS
    requests = []
    if camera.attention:
        own = rate(camera, level)
        requests.append(RateRequest(camera.camera_id, level, own, until, camera.camera_id))
    if "alert" in (level, memory.level):
        until = until if in_alert else at
        requests += [
            RateRequest(name, "alert", None, until, camera.camera_id) for name in camera.neighbours
        ]
    return AttentionMemory(moved_at, level, at), tuple(requests)


def rate(camera: Camera, level: Level) -> float | None:
    """Return the pictures a second of a camera at a level; None: its own rate, as always."""
    if camera.attention is None or level == "normal":
        return camera.fps
    return camera.attention.idle_fps if level == "idle" else camera.attention.alert_fps
