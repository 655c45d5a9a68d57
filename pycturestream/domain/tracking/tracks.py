"""Tracks: which detection in this frame is the same thing as one in the frames before."""

from collections.abc import Iterable, Sequence
from math import hypot
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox, Point
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.association import associate
from pycturestream.domain.tracking.kalman import KalmanState, initial_state

CONFIRMED_AFTER = 3
"""Sightings until a track is believed: false detections seldom repeat in one place."""
SIGHTINGS_REMEMBERED = 9
"""Two thirds of so many last ones must be strong to confirm a track: what is at all times nearly
a person, as a traffic cone is to many models, is none. The median of their scores is above the
threshold then."""
WEAK_LIFE_MS = 5_000
"""For so long weak detections alone tell that a thing is still there. After that they only keep
its track: a coat may hang where somebody sat, and a parked car is itself again in the morning."""
TENTATIVE_LIFE_MS = 1_200
"""An unconfirmed track survives being missed for so long, or in one look; ..."""
TENTATIVE_LIFE_LIMIT_MS = 60_000
"""... looks farther apart than this have nothing to do with each other."""
CLUTTER_LIFE_MS = 20_000
"""What stood still and was not believed is remembered longer: as long as it is known, the weak
detections it causes are no sign of a person who passes it."""
CONFIRMED_LIFE_MS = 3_000
"""A confirmed track survives a short occlusion: a lamp post, another walker; ..."""
FRAMES_MISSED = 2
"""... and, where looks are rare, so many of them."""
STATIONARY_LIFE_MS = 120_000
"""What stands still is still there after a restart, or when a lorry has stopped before it."""
OVERLOOKED_LIFE_MS = 600_000
"""So long it is taken for granted that what stood still does so while nobody looks."""
STILL_SHARE = 0.25
"""A thing is still while its centre stays within this share of its own size ..."""
STILL_AFTER_MS = 2_000
"""... for this long, ..."""
STATIONARY_AFTER_MS = 10_000
"""... and stationary after this long. It is on the move again only once it has left twice that
share: a person who walks past a parked car shifts its box, and no car."""
LOITERING_REACH = 3.0
"""A thing lingers while its centre stays within so many of its own heights of a place: a person
who passes has left it within some four seconds, ..."""
LOITERING_SCALE = 2.0
"""... and one who walks straight away from the camera stays there, but becomes half as high."""
VOTES_KEPT = 0.8
"""Of the weight that a label had with each further sighting: the last five decide."""
LABELS_REMEMBERED = 3


class LoiteringPlace(NamedTuple):
    """The place about which a thing stays. Stored without the names of its fields."""

    x: float
    y: float
    height: float
    """Of the thing, when it came there."""
    since: Millis


NO_PLACE = LoiteringPlace(0.0, 0.0, 0.0, 0)
"""Of tracks of older programs."""


class Track(Struct, frozen=True):
    """One thing followed through the frames of one camera."""

    track_id: str
    label: str
    """What most of the last sightings took it for."""
    box: BoundingBox
    """Where it was last seen."""
    seen_at: Millis
    kalman: KalmanState | None = field(default=None, name="course")
    """Where it goes; none in tracks of older programs."""
    sightings: int = 1
    confirmed: bool = False
    strong: int = 1
    """Which of the last sightings were strong: one bit each, the newest lowest."""
    strong_at: Millis = 0
    """When it was last seen strong."""
    votes: tuple[tuple[str, float], ...] = ()
    """What it was taken for, and with which weight; the strongest first."""
    still_at: Point = (0.0, 0.0)
    """The centre from which stillness is measured."""
    still_since: Millis = 0
    interval_ms: int = 0
    """Between two looks, at its last sighting."""
    missed_frames: int = field(default=0, name="missed_looks")
    """Since it was seen."""
    overlooked_ms: int = 0
    """Of the time since it was seen, how long nobody looked."""
    born_at: Millis = 0
    loitering: LoiteringPlace = field(default=NO_PLACE, name="lingers")

    @property
    def told(self) -> bool:
        """Whether its newest sighting says that it is there."""
        weak_ms = self.seen_at - self.strong_at
        return weak_ms == 0 or (self.confirmed and weak_ms <= WEAK_LIFE_MS)

    @property
    def still(self) -> bool:
        return self.seen_at - self.still_since >= STILL_AFTER_MS

    @property
    def stationary(self) -> bool:
        return self.seen_at - self.still_since >= STATIONARY_AFTER_MS

    def alive(self, now: int) -> bool:
        missed_ms = now - self.seen_at
        if missed_ms > OVERLOOKED_LIFE_MS:
            return False
        if self.still:
            # What moved is elsewhere by now; what stood still was only not looked at.
            missed_ms -= self.overlooked_ms
        if not self.confirmed:
            life = CLUTTER_LIFE_MS if self.still else TENTATIVE_LIFE_MS
            seldom = self.missed_frames < FRAMES_MISSED and missed_ms <= TENTATIVE_LIFE_LIMIT_MS
            return missed_ms <= life or seldom
        if self.stationary:
            return missed_ms <= STATIONARY_LIFE_MS
        return missed_ms <= max(CONFIRMED_LIFE_MS, FRAMES_MISSED * self.interval_ms)

    def expected(self, now: int) -> KalmanState:
        """Return where the thing would be if it went on as it did."""
        return (self.kalman or initial_state(self.box)).after((now - self.seen_at) / 1000)


class Sighting(Struct, frozen=True):
    """A detection that is worth telling, and the thing that it shows."""

    detection: Detection
    track: Track


def follow(
    tracks: Sequence[Track],
    detections: Iterable[Detection],
    frame_id: str,
    captured_at: Millis,
    aspect: float,
    overlooked_ms: int = 0,
) -> tuple[tuple[Track, ...], tuple[Sighting, ...]]:
    """Return the tracks that live on, and what is seen of them.

    A weak detection is told where it continues a confirmed track, for a while. Frames must come
    in the order of their capture; the caller sees to that, and says for how long nobody has
    looked since the last one. `aspect` is the picture's width over its height.
    """
    detections = _in_order(detections)
    if overlooked_ms:
        tracks = [
            replace(track, overlooked_ms=track.overlooked_ms + overlooked_ms) for track in tracks
        ]
    living = [track for track in tracks if track.alive(captured_at)]
    expected = [track.expected(captured_at) for track in living]
    pairs = associate(
        expected,
        [track.label for track in living],
        [track.confirmed for track in living],
        detections,
        aspect,
    )
    seen = [
        _continued(living[pairs[index]], expected[pairs[index]], detection, captured_at, aspect)
        if index in pairs
        else _born(f"{frame_id}#{index}", detection, captured_at)
        for index, detection in enumerate(detections)
    ]
    matched = set(pairs.values())
    unseen = (
        replace(track, missed_frames=track.missed_frames + 1)
        for index, track in enumerate(living)
        if index not in matched
    )
    told = (
        Sighting(detection, track)
        for detection, track in zip(detections, seen, strict=True)
        if track.told
    )
    return (*unseen, *seen), tuple(told)


def _in_order(detections: Iterable[Detection]) -> list[Detection]:
    """Return detections in one order that depends on nothing but themselves.

    Their tracks are named after it, and the log, from which they may be read back, has another.
    """
    return sorted(detections, key=_rank)


def _rank(detection: Detection) -> tuple[bool, float, str, float, float, float, float]:
    box = detection.box
    return (
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
    box, sightings = detection.box, track.sightings + 1
    (x, y), (still_x, still_y) = box.center, track.still_at
    share = STILL_SHARE * (2 if track.stationary else 1)
    moved = abs(x - still_x) > share * box.width or abs(y - still_y) > share * box.height
    strong = (track.strong << 1 | (not detection.weak)) & ((1 << SIGHTINGS_REMEMBERED) - 1)
    enough = 3 * strong.bit_count() >= 2 * min(sightings, SIGHTINGS_REMEMBERED)
    votes = track.votes if detection.weak else _voted(track.votes, detection)
    # What is half hidden is neither where it seems to be nor as high.
    loitering = detection.weak or _loiters(track.loitering, box, aspect)
    return Track(
        track_id=track.track_id,
        label=votes[0][0],
        box=box,
        seen_at=captured_at,
        kalman=expected.corrected(box),
        sightings=sightings,
        confirmed=track.confirmed or (sightings >= CONFIRMED_AFTER and enough),
        strong=strong,
        strong_at=track.strong_at if detection.weak else captured_at,
        votes=votes,
        still_at=(x, y) if moved else track.still_at,
        still_since=captured_at if moved else track.still_since,
        interval_ms=(captured_at - track.seen_at) // (track.missed_frames + 1),
        born_at=track.born_at,
        loitering=track.loitering if loitering else LoiteringPlace(x, y, box.height, captured_at),
    )


def _loiters(place: LoiteringPlace, box: BoundingBox, aspect: float) -> bool:
    """Whether a box is still about a place, measured in its height there."""
    x, y = box.center
    away = hypot((x - place.x) * aspect, y - place.y)
    low, high = sorted((box.height, place.height))
    return away <= LOITERING_REACH * place.height and high <= LOITERING_SCALE * low


def _voted(
    votes: tuple[tuple[str, float], ...], detection: Detection
) -> tuple[tuple[str, float], ...]:
    """Return the votes with one more; of two labels alike, the earlier one goes on."""
    weights = {label: weight * VOTES_KEPT for label, weight in votes}
    weights[detection.label] = weights.get(detection.label, 0.0) + detection.score
    ranked = sorted(weights.items(), key=lambda vote: -vote[1])
    return tuple(ranked[:LABELS_REMEMBERED])
