"""Alerts: one situation, from when it is raised until it is over."""

from typing import Literal

from msgspec import Struct, field

from pycturestream.domain.cameras.camera import Level
from pycturestream.domain.times import Millis

AlertState = Literal["raised", "updated", "cleared"]
TRACKS_TOLD = 10
"""Of a situation that many take part in, the first is named and the newest of the others."""


class Alert(Struct, frozen=True):
    """One situation: one camera, one rule, one unbroken time in which it is broken."""

    alert_id: str
    """Rule and first thing; of a camera itself, rule and time. So it is the same after a restart,
    and whenever it is read again."""
    rule: str
    level: Level
    label: str | None
    """Of the first thing; None where the camera itself is meant."""
    zones: tuple[str, ...]
    """That the first thing stood in."""
    track_ids: tuple[str, ...]
    """Of the first thing and of those that joined it."""
    frame_id: str | None
    """The evidence: the frame in which it was raised."""
    raised_at: Millis
    seen_at: Millis
    """When the rule was last seen broken."""
    clear_after_ms: int
    reason: str
    """A sentence."""
    since: Millis = 0
    """When the first thing began to break the rule."""
    frames: int = 1
    """In how many it was seen until then."""
    score: float = 0.0
    """The highest of all that took part."""
    count: int = 1
    """The most that broke the rule at once; of crossings, all."""
    at_once: int = 1
    """How many broke it in the last frame in which any did."""
    lost: int = field(default=0, name="adrift")
    """So many were there when frames began to be dropped: others that break the rule afterwards
    are taken for them."""
    on_hold: bool = field(default=False, name="held")
    """It goes on though nobody looks: its camera is away, and that is what it says."""
    revision: int = 1

    @property
    def clears_at(self) -> Millis:
        return self.seen_at + self.clear_after_ms


class AlertChange(Struct, frozen=True):
    """What happened to an alert, as it is told to the world."""

    camera_id: str
    site: str
    state: AlertState
    alert: Alert
    at: Millis


def joined(track_ids: tuple[str, ...], newcomers: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tracks of an alert with some more; of many, the first and the newest."""
    everybody = (*track_ids, *(name for name in newcomers if name not in track_ids))
    return (*everybody[:1], *everybody[1:][-(TRACKS_TOLD - 1) :])
