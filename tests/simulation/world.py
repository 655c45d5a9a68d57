"""Worlds: cameras, and what happens in front of them, all of it from one seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

from pycturestream.domain.cameras.camera import Attention, Camera, Crossing, Line, Rule, Zone
from pycturestream.domain.cameras.schedule import Period
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.picture_measure import COLUMNS, ROWS, PictureMeasure
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.times import Millis
from tests.scenes import LEFT_HALF, MIDDLE, NINE

WIDTH, HEIGHT = 640, 360
"""Not square, so that swapped axes show."""
LABELS = ("person", "car", "dog")
THRESHOLD = 0.5
"""Below it a detection is weak."""
RIGHT_HALF = Zone("right-half", ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
RULES = (
    Rule("nobody-here", ("person",), frames=3, clear_after_ms=5_000),
    Rule("keep-left", ("person", "dog"), zones=("right-half",), frames=2, clear_after_ms=8_000),
    Rule("no-parking", ("car",), zones=("left-half",), min_score=0.6, clear_after_ms=12_000),
)
OTHER_RULES = (
    Rule("crowd", ("person", "dog"), count=2, clear_after_ms=3_000),
    Rule("anything", dwell_ms=4_000, frames=2, clear_after_ms=6_000),
    Rule("lingering", ("person",), loitering_ms=6_000, clear_after_ms=4_000),
    Rule("over", crosses=(Crossing("middle", "any"),), clear_after_ms=5_000),
    Rule("half-hour", ("car",), schedule=(Period(from_minute=0, to_minute=570),)),
    Rule("away", about="offline", for_ms=20_000, clear_after_ms=6_000),
    Rule("clock", about="clock-wrong", for_ms=3_000, clear_after_ms=4_000),
    Rule("busy", about="unusually-busy"),
    Rule("covered", about="covered", for_ms=3_000, clear_after_ms=4_000),
    Rule("blurred", about="blurred", for_ms=2_000, clear_after_ms=4_000),
    Rule("moved", about="moved", for_ms=3_000, clear_after_ms=4_000),
)
"""Of every other kind."""
KEEP_OUT = Rule("keep-out", ("person", "car"), zones=("left-half",), clear_after_ms=8_000)
ATTENTION = Attention(idle_fps=0.2, alert_fps=5)


EPISODE_MS = 9_000
"""How long a condition of the camera lasts: longer than its rules require."""
SHORT_LINE_ENDS_AT = 0.7
"""From the top of the picture: above the bottom center of walkers in the foreground."""
PLACES = (0.05, 0.3, 0.55, 0.8)
"""Places side by side, so far apart that no track can be taken for another."""


@dataclass(frozen=True, slots=True)
class WorldObject:
    """An object that stands or moves in front of a camera for a while."""

    label: str
    appears_at: Millis
    leaves_at: Millis
    box: BoundingBox
    """Where it appears."""
    velocity: tuple[float, float]
    """In picture widths and heights a second."""
    stops: tuple[tuple[Millis, float], ...] = ()
    """Where the left side of its box is at some moments, if it does not go straight on: it goes
    evenly from one to the next."""
    hidden: tuple[tuple[Millis, Millis], ...] = ()
    """From when until when something is in front of it."""

    @property
    def is_still(self) -> bool:
        return self.velocity == (0.0, 0.0)

    def where(self, at: Millis) -> BoundingBox | None:
        """Return the part of it that the camera sees, if any."""
        if not self.appears_at <= at < self.leaves_at:
            return None
        if any(since <= at < until for since, until in self.hidden):
            return None
        seconds = (at - self.appears_at) / 1000
        moved = self.box.moved(self.velocity[0] * seconds, self.velocity[1] * seconds)
        for (left_at, x), (found_at, goal) in pairwise(self.stops):
            if left_at <= at < found_at:
                share = (at - left_at) / (found_at - left_at)
                moved = self.box.moved(x + share * (goal - x) - self.box.x_min, 0)
        seen = _inside(moved)
        return seen if min(seen.width, seen.height) > 0.02 else None


@dataclass(frozen=True, slots=True)
class DetectionErrors:
    """The errors of the model: the shares of objects that it misses, mistakes and invents."""

    misses: float = 0.0
    mistakes: float = 0.0
    invents: float = 0.0
    least_score: float = 0.4
    """Of any detection; below the threshold it is weak."""


@dataclass(frozen=True, slots=True)
class Scenery:
    """One camera, the times of its pictures, and what is to be seen in them."""

    camera: Camera
    shots: tuple[Millis, ...]
    items: tuple[WorldObject, ...]
    detection_errors: DetectionErrors
    clock_off_ms: int
    """What the camera's clock is ahead of the truth."""


@dataclass(frozen=True, slots=True)
class World:
    """All that is true of one history."""

    seed: int
    sceneries: tuple[Scenery, ...]
    count_window_ms: int

    def camera(self, camera_id: str) -> Camera:
        """Return the settings of a camera; one that no file names has the defaults."""
        cameras = (scenery.camera for scenery in self.sceneries)
        return next((c for c in cameras if c.camera_id == camera_id), Camera(camera_id))

    def measure(self, jpeg: bytes) -> PictureMeasure:
        """Return how a picture is: now and then the camera is covered, blurred or turned away."""
        camera_id, at = what_is_in(jpeg)
        episode = Random(f"{self.seed} {camera_id} {at // EPISODE_MS}")
        condition = episode.choice(("usual", "usual", "covered", "blurred", "turned"))
        shown = "turned" if condition == "turned" else "usual"
        view = Random(f"{self.seed} {camera_id} {shown}")
        contrast = 1 if condition == "covered" else 120
        shades = bytes(100 + view.randrange(contrast) for _ in range(ROWS * COLUMNS))
        return PictureMeasure(0.4, 0.2, 0.1 if condition in ("covered", "blurred") else 1.0, shades)

    def detections(self, jpeg: bytes) -> tuple[Detection, ...]:
        """Return the detections of a picture, the same at each call."""
        camera_id, at = what_is_in(jpeg)
        scenery = next(s for s in self.sceneries if s.camera.camera_id == camera_id)
        chance = Random(f"{self.seed} {camera_id} {at}")
        found = [
            _detected(item.label, where, scenery.detection_errors, chance)
            for item in scenery.items
            if (where := item.where(at)) and chance.random() >= scenery.detection_errors.misses
        ]
        if chance.random() < scenery.detection_errors.invents:
            found.append(
                _detected(chance.choice(LABELS), _anywhere(chance), DetectionErrors(), chance)
            )
        chance.shuffle(found)
        return tuple(detection.rounded() for detection in found)


def picture(camera_id: str, at: Millis, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """Return the shortest JPEG that admission believes in; it says what it shows."""
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    header = b"\xff\xd8\xff\xc0\x00\x0b\x08" + size + b"\x01\x01\x11\x00"
    return header + f"|{camera_id}|{at}|".encode() + b"\xff\xd9"


def what_is_in(jpeg: bytes) -> tuple[str, Millis]:
    """Return camera and true time of a picture; ValueError if it shows nothing."""
    _, camera_id, at, _ = jpeg.split(b"|")
    return camera_id.decode(), int(at)


def build_world(seed: int) -> World:
    chance = Random(f"world {seed}")
    count_window_ms = chance.choice((5_000, 10_000, 60_000))
    start = NINE + chance.randrange(3_600_000)
    sceneries = tuple(
        _build_scenery(f"camera-{number}", start, chance)
        for number in range(chance.choice((1, 1, 2, 3)))
    )
    return World(seed, sceneries, count_window_ms)


def build_still_world(seed: int) -> World:
    """Return a world in which objects only stand, each alone in its place, and are well seen."""
    chance = Random(f"still world {seed}")
    start = NINE + chance.randrange(3_600_000)
    every_ms = chance.choice((500, 1_000))
    shots = tuple(range(start, start + chance.randrange(15_000, 50_000), every_ms))
    places = chance.sample(PLACES, chance.randrange(1, len(PLACES)))
    items = tuple(_build_standing(shots, x, chance) for x in places)
    camera = Camera(
        "still",
        zones=(LEFT_HALF, RIGHT_HALF),
        lines=(MIDDLE,),
        rules=RULES,
        warm_up_ms=chance.choice((0, 5_000)),
        attention=ATTENTION,
    )
    clock_off_ms = chance.choice((0, 0, 1_500, -1_500, 86_400_000))
    scenery = Scenery(camera, shots, items, DetectionErrors(), clock_off_ms)
    return World(seed, (scenery,), count_window_ms=10_000)


def build_walking_world(seed: int) -> World:
    """Return a world in which one walker after the other crosses the picture, and is well seen.

    Each goes straight from one side to the other, some of them below the end of the line.
    """
    chance = Random(f"walking world {seed}")
    every_ms = chance.choice((250, 500))
    at = start = NINE + chance.randrange(3_600_000)
    items = []
    for _ in range(chance.randrange(1, 6)):
        at += chance.randrange(4_000, 30_000)
        items.append(_build_walker(at, chance))
        at = items[-1].leaves_at
    shots = tuple(range(start, at + 5_000, every_ms))
    short = Line("short", (0.5, 0.1), (0.5, SHORT_LINE_ENDS_AT))
    camera = Camera("path", zones=(LEFT_HALF, RIGHT_HALF), lines=(MIDDLE, short))
    scenery = Scenery(camera, shots, tuple(items), DetectionErrors(), clock_off_ms=0)
    return World(seed, (scenery,), count_window_ms=10_000)


def _build_walker(at: Millis, chance: Random) -> WorldObject:
    speed = chance.uniform(0.06, 0.14)
    y = chance.choice((0.2, 0.6))  # where its head is: its feet pass the short line or its end
    to_the_right = chance.random() < 0.5
    x = 0.02 if to_the_right else 0.88
    velocity = (speed if to_the_right else -speed, 0.0)
    leaves_at = at + round(0.86 / speed * 1_000)
    return WorldObject("person", at, leaves_at, BoundingBox(x, y, x + 0.1, y + 0.3), velocity)


def build_situation_world(seed: int) -> World:
    """Return a world with a situation that one picture alone does not show.

    Before `post` one person is hidden for a second again and again; before `turns` two people hide
    each other in turns; before `visitor` somebody who stays in view goes into the left half twice;
    before `border` a car trembles at the border of the left half.
    """
    chance = Random(f"situation world {seed}")
    start = NINE + chance.randrange(3_600_000)
    build = (_build_post, _build_turns, _build_visitor, _build_border)[seed % 4]
    return World(seed, (build(start, chance),), count_window_ms=60_000)


def _build_post(start: Millis, chance: Random) -> Scenery:
    hidden, at = [], start + 3_000
    for _ in range(4):
        hidden.append((at, at + chance.randrange(500, 2_000)))
        at = hidden[-1][1] + chance.randrange(1_500, 5_000)
    one = _standing("person", start, at, 0.1, hidden=tuple(hidden))
    return _build_situation("post", range(start, at, chance.choice((250, 500))), one)


def _build_turns(start: Millis, chance: Random) -> Scenery:
    hidden: tuple[list[tuple[Millis, Millis]], ...] = [], []
    at = start + 4_000
    for number in range(8):
        hidden[number % 2].append((at, at + chance.randrange(800, 2_400)))
        at = hidden[number % 2][-1][1]
    one, other = (
        _standing("person", start, at, x, hidden=tuple(times))
        for x, times in zip((0.02, 0.2), hidden, strict=True)
    )
    return _build_situation("turns", range(start, at, chance.choice((250, 500))), one, other)


def _build_visitor(start: Millis, chance: Random) -> Scenery:
    stops = [(start, 0.7), (start + 4_000, 0.7)]
    for x in (0.2, 0.7, 0.2, 0.7):
        at = stops[-1][0] + chance.randrange(8_000, 14_000)
        stops += [(at, x), (at + chance.randrange(9_000, 16_000), x)]
    one = _standing("person", start, stops[-1][0], 0.7, stops=tuple(stops))
    return _build_situation("visitor", range(start, stops[-1][0], 500), one)


def _build_border(start: Millis, chance: Random) -> Scenery:
    stops = [(start, 0.35)]
    for number in range(chance.randrange(2, 4)):
        x = 0.35 + 0.08 * (number % 2)
        stops += [(stops[-1][0] + 1, x), (stops[-1][0] + chance.randrange(12_000, 40_000), x)]
    car = _standing("car", start, stops[-1][0], 0.35, width=0.25, stops=tuple(stops))
    return _build_situation("border", range(start, stops[-1][0], 1_000), car)


def _standing(
    label: str, appears_at: Millis, leaves_at: Millis, x: float, width: float = 0.1, **changes: Any
) -> WorldObject:
    box = BoundingBox(x, 0.3, x + width, 0.6)
    return WorldObject(label, appears_at, leaves_at, box, (0.0, 0.0), **changes)


def _build_situation(camera_id: str, shots: Sequence[Millis], *items: WorldObject) -> Scenery:
    camera = Camera(camera_id, zones=(LEFT_HALF, RIGHT_HALF), rules=(KEEP_OUT,), warm_up_ms=0)
    return Scenery(camera, tuple(shots), items, DetectionErrors(), clock_off_ms=0)


def build_busy_world() -> World:
    """Return a long history before one camera: many objects, and a model that errs."""
    chance = Random("busy world")
    shots = tuple(range(NINE, NINE + 200_000, 500))
    items = tuple(_build_object(shots, chance) for _ in range(30))
    camera = Camera(
        "busy", zones=(LEFT_HALF, RIGHT_HALF), lines=(MIDDLE,), rules=(*RULES, *OTHER_RULES)
    )
    scenery = Scenery(camera, shots, items, DetectionErrors(0.1, 0.03, 0.05), clock_off_ms=0)
    return World(0, (scenery,), count_window_ms=10_000)


def _build_standing(shots: Sequence[Millis], x: float, chance: Random) -> WorldObject:
    place = BoundingBox(x, 0.3, x + 0.1, 0.7)
    appears_at = chance.choice(shots[: len(shots) // 2])
    leaves_at = chance.choice(shots[len(shots) // 2 :])
    return WorldObject(chance.choice(LABELS), appears_at, leaves_at, place, (0.0, 0.0))


def _build_scenery(camera_id: str, start: Millis, chance: Random) -> Scenery:
    shots = tuple(_shots(start, chance))
    camera = Camera(
        camera_id,
        site=chance.choice(("", "north")),
        timezone=chance.choice(("UTC", "Europe/Berlin", "America/St_Johns")),
        zones=(LEFT_HALF, RIGHT_HALF),
        lines=(MIDDLE,),
        rules=tuple(rule for rule in (*RULES, *OTHER_RULES) if chance.random() < 0.7),
        ignored_labels=chance.choice(((), ("car",))),
        warm_up_ms=chance.choice((0, 0, 3_000, 10_000)),
        narration=chance.random() < 0.8,
        neighbours=("next-door",),
        attention=ATTENTION,
    )
    return Scenery(
        camera,
        shots,
        tuple(_build_object(shots, chance) for _ in range(chance.randrange(1, 5))),
        chance.choice(
            (DetectionErrors(), DetectionErrors(0.1, 0.03, 0.05), DetectionErrors(0.4, 0.1, 0.2))
        ),
        chance.choice((0, 0, 0, 1_500, -1_500, -20_000, 86_400_000)),
    )


def _shots(start: Millis, chance: Random) -> Sequence[Millis]:
    """Return when a camera takes its pictures: steadily, with pauses."""
    every_ms = chance.choice((100, 250, 500, 1_000))
    at = start + chance.randrange(2_000)
    shots = []
    for _ in range(chance.randrange(8, 40)):
        shots.append(at)
        pause = chance.randrange(1_000, 90_000) if chance.random() < 0.03 else 0
        at += max(1, every_ms + chance.randrange(-50, 51) + pause)
    return shots


def _build_object(shots: Sequence[Millis], chance: Random) -> WorldObject:
    appears_at = chance.choice(shots) - chance.randrange(5_000)
    velocity = (chance.uniform(-0.15, 0.15), chance.uniform(-0.05, 0.05))
    return WorldObject(
        chance.choice(LABELS),
        appears_at,
        appears_at + chance.randrange(1_000, 60_000),
        _anywhere(chance),
        (0.0, 0.0) if chance.random() < 0.4 else velocity,
    )


def _inside(box: BoundingBox) -> BoundingBox:
    """Return the part of a box that is in the picture: models report no other."""
    return BoundingBox(
        max(box.x_min, 0.0), max(box.y_min, 0.0), min(box.x_max, 1.0), min(box.y_max, 1.0)
    )


def _anywhere(chance: Random) -> BoundingBox:
    x, y = chance.uniform(0.0, 0.85), chance.uniform(0.0, 0.7)
    return BoundingBox(x, y, x + chance.uniform(0.05, 0.15), y + chance.uniform(0.1, 0.3))


def _detected(
    label: str, where: BoundingBox, detection_errors: DetectionErrors, chance: Random
) -> Detection:
    if chance.random() < detection_errors.mistakes:
        label = chance.choice(LABELS)
    trembling = _inside(where.moved(chance.gauss(0, 0.002), chance.gauss(0, 0.002)))
    score = chance.uniform(detection_errors.least_score, 0.95)
    return Detection(label, score, trembling, weak=score < THRESHOLD)
