"""What is fast or narrow is counted, though no picture shows it on the border; where it ends.

The table of docs/counting.md is computed here: a car from the side, in a view of some metres of
road with a line in its middle, at each of so many phases of the camera's pictures.
"""

import re
from collections import Counter

import pytest

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.cameras.camera import Crossing, Line, Rule, Zone
from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from tests.scenes import NINE, CameraRun, frame, guarded, standing_at

ASPECT = 1280 / 720
LENGTH_M, HEIGHT_M = 4.5, 1.5
"""Of a car."""
PHASES = 10
MIDDLE = Line("middle", (0.5, 1.0), (0.5, 0.0))
"""Drawn upwards: to the right is in."""
STRIP = Zone("strip", ((0.5, 0.0), (0.51, 0.0), (0.51, 1.0), (0.5, 1.0)))
TABLE = re.compile(r"^\| (\d+) \|" + r" (\d+) m \|" * 4 + "$", re.MULTILINE)
SPEEDS = (30, 50, 70, 100)
"""Of the table, in km/h."""


def from_the_side(front_m, view_m, y=0.6):
    """Return the part of a car that a view shows, once half of it is in the picture."""
    if not 0 < front_m - LENGTH_M / 2 < view_m:
        return []
    left, right = (front_m - LENGTH_M) / view_m, front_m / view_m
    top = y - HEIGHT_M * ASPECT / view_m
    box = BoundingBox(max(0.0, left), max(0.0, top), min(1.0, right), y)
    return [Detection("car", 0.8, box).rounded()]


def passing(camera, speed_kmh, fps, view_m, phase):
    """Return the run of a camera past which one car drives."""
    run, every_ms, step_m = CameraRun(camera), 1_000 / fps, speed_kmh / 3.6 / fps
    for number in range(round((view_m + 2 * LENGTH_M) / step_m) + 2):
        car = from_the_side(step_m * (number + phase / PHASES), view_m)
        run.see(frame(car, at=NINE + round(number * every_ms)))
    return run.wait_until(NINE + 300_000)


def counted(run, label="car"):
    """Return what all windows have counted of a label."""
    numbers = Counter()
    for count in run.counts:
        if count.label == label:
            numbers.update(new=count.new)
            for kind, borders in (
                ("in", count.crossed_in),
                ("out", count.crossed_out),
                ("entered", count.entered),
                ("left", count.left),
            ):
                numbers.update({f"{kind} {name}": number for name, number in borders.items()})
    return +numbers


@pytest.mark.parametrize("phase", range(PHASES))
def test_a_car_at_50_km_h_is_counted_at_two_pictures_a_second(phase):
    run = passing(guarded(lines=(MIDDLE,), zones=(STRIP,)), 50, 2, view_m=40, phase=phase)
    assert counted(run) == {"new": 1, "in middle": 1, "entered strip": 1, "left strip": 1}


@pytest.mark.parametrize("phase", range(PHASES))
def test_a_rule_about_crossing_notices_it_once(phase):
    over = Rule("over", ("car",), crosses=(Crossing("middle", "in"),))
    run = passing(guarded(over, lines=(MIDDLE,)), 50, 2, view_m=40, phase=phase)
    assert [change.state for change in run.alerts] == ["raised", "cleared"]


def rows():
    text = (PROJECT_FOLDER / "docs" / "counting.md").read_text(encoding="utf-8")
    return [tuple(map(int, match)) for match in TABLE.findall(text)]


def test_the_table_has_a_row_for_each_usual_rate():
    assert [row[0] for row in rows()] == [1, 2, 3, 5, 10]


@pytest.mark.parametrize(
    ("fps", "speed_kmh", "view_m"),
    [(row[0], *cell) for row in rows() for cell in zip(SPEEDS, row[1:], strict=True)],
)
def test_the_table_says_how_much_road_a_view_must_hold(fps, speed_kmh, view_m):
    camera = guarded(lines=(MIDDLE,))
    truth = {"new": 1, "in middle": 1}
    enough = [counted(passing(camera, speed_kmh, fps, view_m, phase)) for phase in range(PHASES)]
    assert enough == [truth] * PHASES
    short_m = 0.75 * view_m
    if short_m > 2 * LENGTH_M:  # in less, a car fills the picture
        less = [counted(passing(camera, speed_kmh, fps, short_m, phase)) for phase in range(PHASES)]
        assert truth != min(less, key=len)


class TestAWalkerThroughANarrowZone:
    def walk(self, camera, phase=0, every_ms=500):
        run = CameraRun(camera)
        for number in range(16):
            x = 0.1 + 0.05 * (number + phase / PHASES)
            person = Detection("person", 0.8, standing_at(x, 0.6, 0.06, 0.3))
            run.see(frame([person], at=NINE + every_ms * number))
        return run

    @pytest.mark.parametrize("phase", range(PHASES))
    def test_is_counted_in_and_out_at_any_phase(self, phase):
        run = self.walk(guarded(zones=(STRIP,)), phase).wait_until(NINE + 300_000)
        assert counted(run, "person") == {"new": 1, "entered strip": 1, "left strip": 1}

    @pytest.mark.parametrize("phase", range(PHASES))
    def test_is_noticed_by_a_rule_that_one_picture_is_enough_for(self, phase):
        rule = Rule("keep-out", ("person",), zones=("strip",), frames=1)
        run = self.walk(guarded(rule, zones=(STRIP,)), phase).wait_until(NINE + 300_000)
        assert [(change.state, change.alert.zones) for change in run.alerts] == [
            ("raised", ("strip",)),
            ("cleared", ("strip",)),
        ]

    def test_is_in_it_in_the_record_of_one_picture(self):
        run = self.walk(guarded(zones=(STRIP,)), phase=5)
        assert [judged.frame.seen[0].zones for judged in run.judged].count(("strip",)) == 1

    def test_does_not_stay_long_enough_for_a_rule_about_staying(self):
        rule = Rule("stays", ("person",), zones=("strip",), frames=1, dwell_ms=200)
        assert self.walk(guarded(rule, zones=(STRIP,)), phase=5).alerts == []


def test_two_false_detections_far_apart_raise_no_alert_and_are_not_narrated():
    twice = Rule("twice", ("car",), frames=2)
    run = CameraRun(guarded(twice))
    for number in range(20):
        flicker = from_the_side(10.0 + 7 * (number % 4), 40) if number % 4 < 2 else []
        run.see(frame(flicker, at=NINE + 500 * number))
    assert run.alerts == []
    assert run.sentences == []
