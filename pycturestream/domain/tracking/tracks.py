"""Tracks: which detections in the frames of a camera show the same object."""

from collections.abc import Container, Iterable, Mapping, Sequence
from math import exp, hypot, log

from msgspec.structs import replace

from pycturestream.domain.detection import FACE, Detection
from pycturestream.domain.geometry import BoundingBox, Point
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.association import associate
from pycturestream.domain.tracking.far_pairs import LeftOver, pair_far
from pycturestream.domain.tracking.kalman import KalmanState, initial_state
from pycturestream.domain.tracking.track import VOTES_KEPT, LoiteringPlace, Sighting, Track

CONFIRMED_AFTER = 3
"""Sightings until a track is confirmed: false detections seldom repeat in one place."""
SIGHTINGS_REMEMBERED = 9
"""Two thirds of so many last ones must be strong to confirm a track, so that the median of their
scores is above the threshold. What is always nearly a person, as a traffic cone is to many models,
is no person."""
ALL_SIGHTINGS = (1 << SIGHTINGS_REMEMBERED) - 1
"""A bit for each of them."""
STILL_SHARE = 0.25
"""An object has left its place once its center is farther off than this share of its own size. A
stationary one must be twice as far off: a person who walks past a parked car shifts its box, and no
car."""
LOITERING_REACH = 3.0
"""An object loiters while its center stays within so many of its own heights of a place: a person
who passes has left it within some four seconds, ..."""
LOITERING_SCALE = 2.0
"""... and one who walks straight away from the camera stays there, but becomes half as high."""
LABELS_REMEMBERED = 3
GROWTH_MS = 3_000
"""How long the growth of a box counts: after that a third of it is left."""
GROWTH_LIMIT = 0.7
"""Factor, as a logarithm, by which a box grows in a second at most: what comes faster than that has
arrived, and a box that doubles at once belongs to somebody who stepped out from behind a car."""
CUT_OFF = 0.02
"""Of the picture: a box as near as that to its edge may be cut off there, and tells no size."""


def update_tracks(
    tracks: Sequence[Track],
    detections: Iterable[Detection],
    frame_id: str,
    captured_at: Millis,
    aspect: float,
    unobserved_ms: int = 0,
) -> tuple[tuple[Track, ...], tuple[Sighting, ...]]:
    """Return the living tracks, and the sightings of this frame.

    A weak detection is reported for a while where it continues a confirmed track. The caller must
    pass frames in the order of their capture. `aspect` is the picture's width over its height;
    `unobserved_ms` is how long pictures came since the last frame without being processed.

    Faces are tracked apart from all else, and after it: objects get the tracks and ids that they
    would have without them, though a face may fill the box of its person.
    """
    detections = _in_order(detections)
    objects = [detection for detection in detections if detection.label != FACE]
    of_faces = [track for track in tracks if track.label == FACE]
    frame = frame_id, captured_at, aspect, unobserved_ms
    if len(objects) == len(detections) and not of_faces:  # as of most cameras
        return _update(tracks, detections, 0, *frame)
    of_objects = [track for track in tracks if track.label != FACE]
    object_tracks, seen_objects = _update(of_objects, objects, 0, *frame)
    faces = detections[len(objects) :]
    face_tracks, seen_faces = _update(of_faces, faces, len(objects), *frame)
    return (*object_tracks, *face_tracks), (*seen_objects, *seen_faces)


def _update(
    tracks: Sequence[Track],
    detections: Sequence[Detection],
    first: int,
    frame_id: str,
    captured_at: Millis,
    aspect: float,
    unobserved_ms: int,
) -> tuple[tuple[Track, ...], tuple[Sighting, ...]]:
    """Do what `update_tracks` does with detections in order.

    `first` is the number of the first one of them among all of the frame.
    """
    if not tracks and not detections:
        return (), ()
    if unobserved_ms:
        tracks = [
            replace(track, unobserved_ms=track.unobserved_ms + unobserved_ms) for track in tracks
        ]
    living = [track for track in tracks if track.is_alive(captured_at)]
    expected = [track.expected(captured_at) for track in living]
    pairs = associate(
        expected,
        [track.label for track in living],
        [track.confirmed for track in living],
        detections,
        aspect,
    )
    far: dict[int, int] = {}
    if len(pairs) < len(living) and len(pairs) < len(detections):
        left = {}
        for index, detection in enumerate(detections):
            if detection.weak:  # and so are all that follow
                break
            if index not in pairs:
                left[index] = detection
        if left:  # seldom: most of what belongs to no track is weak
            far = _far_pairs(living, left, set(pairs.values()), captured_at, aspect)
            pairs |= far
    seen = [
        _continued(living[pairs[index]], expected[pairs[index]], detection, captured_at, aspect)
        if index in pairs
        else _born(f"{frame_id}#{first + index}", detection, captured_at)
        for index, detection in enumerate(detections)
    ]
    for index in far:
        if seen[index].sightings == 2:
            seen[index] = replace(seen[index], assumed=True)
    matched = set(pairs.values())
    unseen = [
        replace(track, missed_frames=track.missed_frames + 1)
        for index, track in enumerate(living)
        if index not in matched
    ]
    sightings = [
        Sighting(detection, track)
        for detection, track in zip(detections, seen, strict=True)
        if track.is_reported
    ]
    return (*unseen, *seen), tuple(sightings)


def _far_pairs(
    living: Sequence[Track],
    detections: Mapping[int, Detection],
    matched: Container[int],
    captured_at: Millis,
    aspect: float,
) -> dict[int, int]:
    """Return which of the detections left over show objects far from where they were."""
    objects = [
        LeftOver(index, track.label, track.box, track.velocity)
        for index, track in enumerate(living)
        # Only what the last frame showed well: what was hidden in between may be anywhere.
        if index not in matched and not track.missed_frames and track.seen_at == track.strong_at
    ]
    if not objects:
        return {}
    seconds = (captured_at - living[objects[0].position].seen_at) / 1000
    return pair_far(objects, detections, aspect, seconds)


def _in_order(detections: Iterable[Detection]) -> list[Detection]:
    """Return detections in an order that depends on nothing but themselves.

    Track ids contain the position in it, and the log, from which detections may be read back, has
    another order. Faces come last, so that they change no position but their own.
    """
    return sorted(detections, key=_rank)


def _rank(detection: Detection) -> tuple[bool, bool, float, str, float, float, float, float]:
    box = detection.box
    return (
        detection.label == FACE,
        detection.weak,
        -detection.score,
        detection.label,
        box.x_min,
        box.y_min,
        box.x_max,
        box.y_max,
    )


def _born(track_id: str, detection: Detection, captured_at: Millis) -> Track:
    return Track(
        track_id=track_id,
        label=detection.label,
        box=detection.box,
        seen_at=captured_at,
        kalman=initial_state(detection.box),
        strong=int(not detection.weak),
        strong_at=0 if detection.weak else captured_at,
        votes=((detection.label, detection.score),),
        still_at=detection.box.center,
        still_since=captured_at,
        born_at=captured_at,
        loitering=LoiteringPlace(*detection.box.center, detection.box.height, captured_at),
    )


def _continued(
    track: Track, expected: KalmanState, detection: Detection, captured_at: Millis, aspect: float
) -> Track:
    box, weak, sightings = detection.box, detection.weak, track.sightings + 1
    (x, y), width, height = box.center, box.width, box.height
    still_x, still_y = track.still_at
    share = STILL_SHARE * (2 if track.stationary else 1)
    moved = abs(x - still_x) > share * width or abs(y - still_y) > share * height
    strong = (track.strong << 1 | (not weak)) & ALL_SIGHTINGS
    votes = track.votes if weak else _voted(track.votes, detection)
    # A half hidden object is neither where it seems to be nor as high.
    loiters = weak or _loiters(track.loitering, (x, y), height, aspect)
    kalman = expected.corrected(box)
    return Track(
        track_id=track.track_id,
        label=votes[0][0],
        box=box,
        seen_at=captured_at,
        kalman=kalman,
        sightings=sightings,
        confirmed=track.confirmed or _is_certain(sightings, strong),
        strong=strong,
        strong_at=track.strong_at if weak else captured_at,
        votes=votes,
        still_at=(x, y) if moved else track.still_at,
        still_since=captured_at if moved else track.still_since,
        interval_ms=(captured_at - track.seen_at) // (track.missed_frames + 1),
        born_at=track.born_at,
        loitering=track.loitering if loiters else LoiteringPlace(x, y, height, captured_at),
        growth=_grown(track, kalman, box, (captured_at - track.seen_at) / 1000),
    )


def _grown(track: Track, kalman: KalmanState, box: BoundingBox, seconds: float) -> Point:
    """Return the growth of a track's box after one more sighting.

    By the sizes in the Kalman filter, which are steadier than those of the boxes. A side that the
    picture's edge cuts off grows with what comes into the picture: it counts as unchanged.
    """
    before = track.kalman
    if before is None:
        return 0.0, 0.0
    across, down = track.growth
    if across or down:
        kept = exp(-1000 * seconds / GROWTH_MS)
        across, down = kept * across, kept * down
    most = GROWTH_LIMIT * seconds
    if box.x_min > CUT_OFF and box.x_max < 1 - CUT_OFF and before.width > 0 < kalman.width:
        grown = log(kalman.width / before.width)
        across += grown if -most < grown < most else most if grown > 0 else -most
    if box.y_min > CUT_OFF and box.y_max < 1 - CUT_OFF and before.height > 0 < kalman.height:
        grown = log(kalman.height / before.height)
        down += grown if -most < grown < most else most if grown > 0 else -most
    return across, down


def _is_certain(sightings: int, strong: int) -> bool:
    """Whether an object was seen often enough, and strong often enough, to confirm its track."""
    enough = 3 * strong.bit_count() >= 2 * min(sightings, SIGHTINGS_REMEMBERED)
    return sightings >= CONFIRMED_AFTER and enough


def _loiters(place: LoiteringPlace, center: Point, height: float, aspect: float) -> bool:
    """Whether an object is still around a place, measured in its height there."""
    (x, y), (place_x, place_y, before, _) = center, place
    return (
        hypot((x - place_x) * aspect, y - place_y) <= LOITERING_REACH * before
        and height <= LOITERING_SCALE * before
        and before <= LOITERING_SCALE * height
    )


def _voted(
    votes: tuple[tuple[str, float], ...], detection: Detection
) -> tuple[tuple[str, float], ...]:
    """Return the votes with one more; of two labels with equal weights, the earlier one wins."""
    if len(votes) == 1 and votes[0][0] == detection.label:  # as most have
        return ((detection.label, votes[0][1] * VOTES_KEPT + detection.score),)
    weights = {label: weight * VOTES_KEPT for label, weight in votes}
    weights[detection.label] = weights.get(detection.label, 0.0) + detection.score
    ranked = sorted(weights.items(), key=lambda vote: -vote[1])
    return tuple(ranked[:LABELS_REMEMBERED])
