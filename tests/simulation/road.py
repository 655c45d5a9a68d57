"""Roads: worlds in which no picture shows what is fast or narrow where it counts."""

from collections.abc import Iterator
from random import Random

from pycturestream.domain.cameras.camera import Camera, Line, Zone
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.times import Millis
from tests.scenes import NINE
from tests.simulation.world import DetectionErrors, Scenery, World, WorldObject

EVERY_MS = 500
ROAD_M = 40.0
"""Of road from one side of the picture to the other."""
CAR_LENGTH, CAR_HEIGHT = 4.5 / ROAD_M, 1.5 * 16 / 9 / ROAD_M
SPEEDS_M_S = (11.1, 15.3)
"""40 to 55 km/h."""
HEADWAY_S = (1.1, 5.0)
"""From the front of a car to that of the one before it, in one lane: more than two pictures."""
LANES = ((0.3, 1), (0.45, -1))
"""The upper edge of the cars of each lane, and whether they go to the right."""
WALKERS_TOP = 0.57
WAITING = (0.12, 0.32, 0.62, 0.82)
"""Where people take turns, below the road and its borders: one leaves, another one comes."""
TWINS_TOP = 0.1
"""Above the road, where two appear at the same distance from one that is gone."""
GUESSED = "bus"


def build_road_world(seed: int) -> World:
    """Return a world at a road: cars in two lanes, walkers across a narrow zone, people in turns.

    And there are buses, each seen once, of which none can be told to be another one.
    """
    chance = Random(f"road world {seed}")
    start = NINE + chance.randrange(3_600_000)
    until = start + 60_000
    # Wide enough to be hit by some walkers' steps and missed by others, whatever their phase.
    left = chance.uniform(0.44, 0.5)
    narrow = left + chance.choice((0.005, 0.01, 0.02, 0.04))
    zone = Zone("narrow", ((left, 0.2), (narrow, 0.2), (narrow, 1.0), (left, 1.0)))
    camera = Camera("road", zones=(zone,), lines=(Line("across", (0.53, 1.0), (0.53, 0.2)),))
    items = (
        *_cars(start, until, chance),
        *_walkers(start, until, chance),
        *_people_in_turns(start, until, chance),
        *_twins(start, until),
    )
    shots = tuple(range(start, until + 20_000, EVERY_MS))
    scenery = Scenery(camera, shots, items, DetectionErrors(least_score=0.55), clock_off_ms=0)
    return World(seed, (scenery,), count_window_ms=10_000)


def _cars(start: Millis, until: Millis, chance: Random) -> Iterator[WorldObject]:
    for top, way in LANES:
        speed = chance.uniform(*SPEEDS_M_S)
        at = start + chance.randrange(1_000, 3_000)
        while at < until:
            x = -CAR_LENGTH if way > 0 else 1.0
            box = BoundingBox(x, top, x + CAR_LENGTH, top + CAR_HEIGHT)
            passed_at = at + round(1_000 * (ROAD_M / speed + 1))
            yield WorldObject("car", at, passed_at, box, (way * speed / ROAD_M, 0.0))
            at += round(1_000 * chance.uniform(*HEADWAY_S))


def _walkers(start: Millis, until: Millis, chance: Random) -> Iterator[WorldObject]:
    at = start + chance.randrange(1_000, 3_000)
    while at < until:
        way, speed = chance.choice((1, -1)), chance.uniform(0.04, 0.07)
        x = 0.36 if way > 0 else 0.64
        box = BoundingBox(x, WALKERS_TOP, x + 0.03, WALKERS_TOP + 0.1)
        passed_at = at + round(1_000 * 0.28 / speed)
        yield WorldObject("person", at, passed_at, box, (way * speed, 0.0))
        at = passed_at + chance.randrange(4_000, 8_000)


def _people_in_turns(start: Millis, until: Millis, chance: Random) -> Iterator[WorldObject]:
    at, places = start, list(WAITING)
    while at < until:
        place = chance.choice(places)
        places = [x for x in WAITING if x != place]
        # Longer than a track survives where somebody has left, too short to be a fixture there.
        leaves_at = at + EVERY_MS * chance.randrange(8, 18)
        box = BoundingBox(place, 0.85, place + 0.05, 0.99)
        yield WorldObject("person", at, leaves_at, box, (0.0, 0.0))
        at = leaves_at


def _twins(start: Millis, until: Millis) -> Iterator[WorldObject]:
    for at in range(start, until, 10 * EVERY_MS):
        for number, xs in enumerate(((0.45,), (0.25, 0.65))):
            seen_at = at + number * EVERY_MS
            for x in xs:
                box = BoundingBox(x, TWINS_TOP, x + 0.1, TWINS_TOP + 0.07)
                yield WorldObject(GUESSED, seen_at, seen_at + 1, box, (0.0, 0.0))
