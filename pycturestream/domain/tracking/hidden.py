"""Hidden objects: tracks that count as in view though a frame does not show them.

A track lives on without being seen, so that its object is recognised later. In view is less: what
was seen a moment ago, was certain, and had no way to leave. docs/decisions/0040 says why.
"""

from collections.abc import Sequence
from math import hypot

from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.kalman import HORIZON_S, START_SPEED_SHARE
from pycturestream.domain.tracking.track import CONFIRMED_LIFE_MS, Sighting, Track

HIDDEN_MS = CONFIRMED_LIFE_MS
"""How long an object is hidden at most, as long as a track that moves lives; ..."""
HIDDEN_LIMIT_MS = 10_000
"""... where frames are rare, for one frame within this time; and so long where it stood still: it
would have been seen leaving. After that it counts as gone, though its track may live on."""
EDGE = 0.02
"""Of the picture: a box that is as near as that to its edge may be cut off there."""
LEFT_SHARE = 0.25
"""Of what was to be seen of an object at the edge. The center of its box moves half as fast as the
object, whose other side is cut off: by then half of it has left."""


def hidden_tracks(
    tracks: Sequence[Track], sightings: Sequence[Sighting], at: Millis, aspect: float
) -> list[Track]:
    """Return which of the living tracks are hidden in the frame with these sightings.

    `aspect` is the picture's width over its height.
    """
    hidden = [track for track in tracks if track.seen_at < at and _is_hidden(track, at)]
    return _without_replaced(hidden, sightings, aspect) if hidden else hidden


def _is_hidden(track: Track, at: Millis) -> bool:
    if not track.confirmed or not track.is_reported:
        return False
    if track.unobserved_ms:
        return False  # it may have gone on, under another track
    missed_ms = at - track.seen_at
    rarely = track.missed_frames == 1 or track.stationary
    limit = HIDDEN_LIMIT_MS if rarely else HIDDEN_MS
    return missed_ms <= limit and not _has_left(track, missed_ms)


def _has_left(track: Track, missed_ms: int) -> bool:
    """Whether an object has left the picture if it has moved on as before."""
    box, kalman = track.box, track.kalman
    if kalman is None:
        return False
    seconds = min(missed_ms / 1000, HORIZON_S)
    dx, dy = kalman.velocity_x * seconds, kalman.velocity_y * seconds
    if not (0 <= kalman.x + dx <= 1 and 0 <= kalman.y + dy <= 1):
        return True
    across, down = LEFT_SHARE * box.width, LEFT_SHARE * box.height
    return (
        (box.x_min <= EDGE and dx <= -across)
        or (box.x_max >= 1 - EDGE and dx >= across)
        or (box.y_min <= EDGE and dy <= -down)
        or (box.y_max >= 1 - EDGE and dy >= down)
    )


def _without_replaced(
    hidden: list[Track], sightings: Sequence[Sighting], aspect: float
) -> list[Track]:
    """Return the hidden tracks without those that may go on under a new one.

    A new track of the label begins as near as its object gets in the time: one person, who was
    lost and found again, must not become two. Each new track takes the place of one.
    """
    kept = hidden
    for sighting in sightings:
        new = sighting.track
        near = [track for track in kept if _may_be(track, new, aspect)]
        if near:
            replaced = max(near, key=lambda track: (track.seen_at, track.track_id))
            kept = [track for track in kept if track is not replaced]
    return kept


def _may_be(track: Track, new: Track, aspect: float) -> bool:
    """Whether a new track may show the object of one that was lost before it began."""
    if new.born_at <= track.seen_at or new.label != track.label:
        return False
    (x, y), (new_x, new_y) = track.box.center, new.box.center
    size = max(track.box.height, track.box.width * aspect)
    reach = 1 + START_SPEED_SHARE * (new.born_at - track.seen_at) / 1000
    return hypot((new_x - x) * aspect, new_y - y) <= reach * size
