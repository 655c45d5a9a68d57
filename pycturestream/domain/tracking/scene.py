"""The objects that are in view with one frame, with their tracks and zones.

Most are seen in it. Some are hidden: their tracks live on, and they count as in view for a moment.

A step decodes only the first fields of an object, as far as it needs them.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from pycturestream.domain.geometry import BoundingBox, Point, sector
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.track import Sighting, Track


class CountedObject(Struct, frozen=True, array_like=True):
    """An object in one frame, as far as counting needs it."""

    label: str
    """Of its track: the label that most of its detections had."""
    track_id: str
    confirmed: bool
    """Whether it was detected often enough to be certain."""


class NarratedObject(CountedObject, frozen=True, array_like=True):
    """An object in one frame, as far as narration needs it."""

    sector: str
    """One of the 3x3 sectors, by the center of the box."""
    seen_before: bool
    """Whether this is not the first frame that shows it."""
    center: Point
    """Of its box."""
    certainty: float
    """How sure its label is, 0..1."""
    approaching: bool


class HiddenObject(NarratedObject, frozen=True, array_like=True):
    """An object that is in view though one frame does not show it, where it was last seen."""

    zones: tuple[str, ...]
    """The camera's zones that it stood in."""
    seen_at: Millis


class SeenObject(NarratedObject, frozen=True, array_like=True):
    """A detection in one frame, with the track that it belongs to and where it is."""

    score: float
    """Of the detection, as are `box`, `detected_as` and `weak`."""
    dwell_ms: Mapping[str, int]
    """The camera's zones that it stands in, and how long it has been in each."""
    stationary: bool
    born_at: Millis
    """When its track began."""
    loitering_since: Millis
    """Since when it has been around one place."""
    still_since: Millis
    """When it last moved."""
    box: BoundingBox
    detected_as: str
    weak: bool
    assumed: bool
    """Whether only plausible motion says that it was seen before: one more sighting must show it,
    and until then it raises no alert."""

    @property
    def zones(self) -> tuple[str, ...]:
        """The names of the zones that it stands in."""
        return tuple(self.dwell_ms)


def see(sighting: Sighting, dwell_ms: Mapping[str, int]) -> SeenObject:
    """Return the seen object of a sighting, with how long it has been in its zones."""
    detection, track = sighting.detection, sighting.track
    return SeenObject(  # by position: names take half as long again
        track.label,
        track.track_id,
        track.confirmed,
        sector(detection.box.center),
        track.sightings > 1 and not track.assumed,
        detection.box.center,
        track.certainty,
        track.is_approaching,
        detection.score,
        dwell_ms,
        track.stationary,
        track.born_at,
        track.loitering.since,
        track.still_since,
        detection.box,
        detection.label,
        detection.weak,
        track.assumed,
    )


def hide(track: Track, zones: Iterable[str]) -> HiddenObject:
    """Return the hidden object of a track that was last seen in these zones."""
    return HiddenObject(
        label=track.label,
        track_id=track.track_id,
        confirmed=track.confirmed,
        sector=sector(track.box.center),
        seen_before=True,
        center=track.box.center,
        certainty=track.certainty,
        approaching=False,
        zones=tuple(zones),
        seen_at=track.seen_at,
    )
