"""Alerts: one situation, from when it is raised until it is over."""

from typing import Literal

from msgspec import Struct

from pycturestream.domain.alerts.facts import Facts
from pycturestream.domain.cameras.camera import Level
from pycturestream.domain.times import Millis

AlertState = Literal["raised", "updated", "cleared"]
TRACKS_NAMED = 10
"""Of a situation with many tracks, the first one is named and the newest of the others."""


class Alert(Struct, frozen=True, array_like=True):
    """One situation: one camera, one rule, one unbroken time in which it is violated."""

    alert_id: str
    """Rule and first track; for an alert about the camera itself, rule and time. So it is the same
    after a restart, and in every replay."""
    rule: str
    level: Level
    label: str | None
    """Of the first object; None for an alert about the camera itself."""
    zones: tuple[str, ...]
    """That the first object stood in."""
    track_ids: tuple[str, ...]
    """Of the first object and of those that joined it."""
    frame_id: str | None
    """The evidence: the frame in which it was raised."""
    raised_at: Millis
    seen_at: Millis
    """When the rule was last violated."""
    clear_after_ms: int
    reason: str
    """A sentence, in the language of the camera."""
    since: Millis = 0
    """When the first object began to violate the rule."""
    frames: int = 1
    """In how many frames it was seen until the alert was raised."""
    score: float = 0.0
    """The highest score of all its objects."""
    count: int = 1
    """The most objects that violated the rule at once; for crossings, all of them."""
    at_once: int = 1
    """How many violated it in the last frame in which any did."""
    lost: int = 0
    """How many were there when frames began to be dropped: that many objects that violate the rule
    afterwards are taken for the same ones."""
    on_hold: bool = False
    """It does not expire: the alert says that the camera is offline, and it is."""
    revision: int = 1
    facts: Facts | None = None
    """What the reason says, without a language; None where an older program raised it."""

    @property
    def clears_at(self) -> Millis:
        return self.seen_at + self.clear_after_ms


class AlertChange(Struct, frozen=True, array_like=True):
    """A change of an alert, as it is emitted."""

    camera_id: str
    site: str
    state: AlertState
    alert: Alert
    at: Millis


def joined(track_ids: tuple[str, ...], newcomers: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tracks of an alert with some more; of many, the first and the newest."""
    everything = (*track_ids, *(name for name in newcomers if name not in track_ids))
    return (*everything[:1], *everything[1:][-(TRACKS_NAMED - 1) :])
