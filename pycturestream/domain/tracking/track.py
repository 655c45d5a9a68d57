"""A track: one object that is followed through the frames of a camera.

Apart from how tracks are followed, which takes scipy: whatever reads a record imports this.
"""

from typing import NamedTuple

from msgspec import Struct

from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox, Point
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.kalman import KalmanState, initial_state

WEAK_LIFE_MS = 5_000
"""How long weak detections alone count as the object. After that they only keep its track alive: a
coat may hang where somebody sat, and a parked car is detected again in the morning."""
TENTATIVE_LIFE_MS = 1_200
"""An unconfirmed track survives being missed for so long, or in one frame; ..."""
TENTATIVE_LIFE_LIMIT_MS = 60_000
"""... frames farther apart than this have nothing to do with each other."""
CLUTTER_LIFE_MS = 20_000
"""An unconfirmed track that stood still is remembered longer: as long as it lives, the weak
detections that it causes are not taken for a person who passes it."""
CONFIRMED_LIFE_MS = 3_000
"""A confirmed track survives a short occlusion: a lamp post, another walker; ..."""
FRAMES_MISSED = 2
"""... and, where frames are rare, so many of them."""
STATIONARY_LIFE_MS = 120_000
"""What stands still survives a restart, or a lorry that stops in front of it."""
UNOBSERVED_LIFE_MS = 600_000
"""How long a stationary object is assumed to be still there while no frame is processed."""
STILL_AFTER_MS = 2_000
"""An object that has not left its place for this long is still, ..."""
STATIONARY_AFTER_MS = 10_000
"""... and stationary after this long."""
VOTES_KEPT = 0.8
"""Share of a label's weight that is kept with each further sighting: the last five decide."""
_VOTES_OF = [(1 - VOTES_KEPT**sightings) / (1 - VOTES_KEPT) for sightings in range(32)]
"""The weight of so many sightings with a score of 1; of more, it is hardly larger."""
APPROACHING = 0.25
"""Growth in both directions from which an object is approaching: it fills the picture within some
ten seconds. What one detection differs from the next (0.08 of the size, less in the Kalman filter)
hardly reaches it."""


class LoiteringPlace(NamedTuple):
    """The place around which an object stays. Stored without the names of its fields."""

    x: float
    y: float
    height: float
    """Of the object, when it arrived."""
    since: Millis


NO_PLACE = LoiteringPlace(0.0, 0.0, 0.0, 0)
"""Of tracks of older programs."""


class Track(Struct, frozen=True, array_like=True):
    """One object followed through the frames of one camera."""

    track_id: str
    label: str
    """The label of most of its last sightings."""
    box: BoundingBox
    """Where it was last seen."""
    seen_at: Millis
    kalman: KalmanState | None = None
    """Its motion; None in tracks of older programs."""
    sightings: int = 1
    confirmed: bool = False
    strong: int = 1
    """Which of the last sightings were strong: one bit each, the newest lowest."""
    strong_at: Millis = 0
    """When it was last seen strong."""
    votes: tuple[tuple[str, float], ...] = ()
    """The labels of its sightings and their weights; the strongest first."""
    still_at: Point = (0.0, 0.0)
    """The center from which stillness is measured."""
    still_since: Millis = 0
    interval_ms: int = 0
    """Between two frames, at its last sighting."""
    missed_frames: int = 0
    """Since it was seen."""
    unobserved_ms: int = 0
    """How much of the time since it was seen went by without a processed frame."""
    born_at: Millis = 0
    loitering: LoiteringPlace = NO_PLACE
    assumed: bool = False
    """Whether it was seen twice, far apart, so that only a third sighting can show that both were
    the same object."""
    growth: Point = (0.0, 0.0)
    """Of its box in the last seconds, across and down, as logarithms: 0.7 has doubled."""

    @property
    def certainty(self) -> float:
        """How sure its label is, 0..1: the mean score of its last sightings.

        Weak ones, and those as something else, count as none.
        """
        if not self.votes:  # in tracks of older programs
            return 1.0
        return min(1.0, self.votes[0][1] / _VOTES_OF[min(self.sightings, len(_VOTES_OF) - 1)])

    @property
    def is_approaching(self) -> bool:
        """Whether its box has grown in both directions, as that of an object coming closer."""
        return self.confirmed and min(self.growth) >= APPROACHING

    @property
    def is_reported(self) -> bool:
        """Whether its newest sighting counts as a detection of it."""
        weak_ms = self.seen_at - self.strong_at
        return weak_ms == 0 or (self.confirmed and weak_ms <= WEAK_LIFE_MS)

    @property
    def still(self) -> bool:
        return self.seen_at - self.still_since >= STILL_AFTER_MS

    @property
    def stationary(self) -> bool:
        return self.seen_at - self.still_since >= STATIONARY_AFTER_MS

    @property
    def velocity(self) -> Point | None:
        """In picture widths and heights a second; None for an object that was seen once."""
        if self.sightings == 1:
            return None
        return (self.kalman.velocity_x, self.kalman.velocity_y) if self.kalman else (0.0, 0.0)

    def is_alive(self, now: Millis) -> bool:
        """Whether the track survives without a sighting until now."""
        missed_ms = now - self.seen_at
        if missed_ms <= TENTATIVE_LIFE_MS:  # no life is shorter, and most tracks were just seen
            return True
        if missed_ms > UNOBSERVED_LIFE_MS:
            return False
        if self.still:
            # A moving object is elsewhere by now; a still one was only unobserved.
            missed_ms -= self.unobserved_ms
        if not self.confirmed:
            life = CLUTTER_LIFE_MS if self.still else TENTATIVE_LIFE_MS
            seldom = self.missed_frames < FRAMES_MISSED and missed_ms <= TENTATIVE_LIFE_LIMIT_MS
            return missed_ms <= life or seldom
        if self.stationary:
            return missed_ms <= STATIONARY_LIFE_MS
        return missed_ms <= max(CONFIRMED_LIFE_MS, FRAMES_MISSED * self.interval_ms)

    def expected(self, now: int) -> KalmanState:
        """Return where the object is expected if it moves on as before."""
        return (self.kalman or initial_state(self.box)).after((now - self.seen_at) / 1000)


class Sighting(Struct, frozen=True):
    """A detection that is reported, and the track of its object."""

    detection: Detection
    track: Track
