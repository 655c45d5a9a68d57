from itertools import permutations

from pycturestream.camera import Camera
from tests.scenes import (
    NINE,
    NOBODY_HERE,
    REPLAY,
    Scene,
    car,
    empty,
    frame,
    person,
    walk,
)

MINUTE = 60_000


def numbers(scene):
    return {
        (count.label, count.window_start, count.revision): (
            count.frames,
            count.maximum,
            round(count.mean, 3),
            count.unique,
        )
        for count in scene.counts
    }


def test_a_window_tells_the_most_the_mean_and_the_unique():
    scene = Scene().see(*walk(0.1, 0.02, 5), frame([person(0.2), person(0.7)], at=NINE + 2_500))
    scene.wait_until(NINE + MINUTE + 2_000)
    assert numbers(scene) == {("person", NINE, 1): (6, 2, 1.167, 1)}


def test_a_window_waits_for_frames_that_are_on_their_way():
    scene = Scene().see(*walk(0.1, 0.02, 5)).wait_until(NINE + MINUTE + 1_999)
    assert not scene.counts


def test_a_window_without_a_thing_is_an_explicit_zero():
    camera = Camera("gate", rules=(NOBODY_HERE,))
    scene = Scene(camera).see(*empty(3, at=NINE)).wait_until(NINE + MINUTE + 2_000)
    assert numbers(scene) == {("person", NINE, 1): (3, 0, 0.0, 0)}


def test_a_label_that_was_seen_before_is_zero_when_it_is_gone():
    scene = Scene().see(frame([car()], at=NINE), frame(at=NINE + MINUTE))
    scene.wait_until(NINE + 2 * MINUTE + 2_000)
    assert numbers(scene)["car", NINE + MINUTE, 1] == (1, 0, 0.0, 0)


def test_a_silent_camera_has_no_zeros():
    scene = Scene().see(frame(at=NINE)).wait_until(NINE + 10 * MINUTE)
    assert {count.window_start for count in scene.counts} == {NINE}


def test_nothing_is_told_twice():
    scene = Scene().see(*walk(0.1, 0.02, 3))
    for second in range(60, 120):
        scene.wait_until(NINE + second * 1_000)
    assert len(scene.counts) == 1


def test_a_late_frame_corrects_its_window_under_a_higher_revision():
    scene = Scene(limits=REPLAY).see(
        frame([person()], at=NINE), frame(at=NINE + MINUTE + 3_000), frame([person()], at=NINE + 9)
    )
    scene.finish()
    assert numbers(scene)["person", NINE, 1] == (1, 1, 1.0, 0)
    assert numbers(scene)["person", NINE, 2] == (2, 1, 1.0, 0)


def test_any_order_of_late_frames_gives_the_same_final_window():
    frames = [frame([person()] * number, at=NINE + number * 7_000) for number in range(4)]
    last = frame(at=NINE + MINUTE + 5_000)
    finals = set()
    for order in permutations(frames):
        counts = Scene(limits=REPLAY).see(*order, last).finish().counts
        final = max((c for c in counts if c.window_start == NINE), key=lambda c: c.revision)
        finals.add((final.frames, final.maximum, final.mean))
    assert finals == {(4, 3, 1.5)}


def test_a_frame_that_is_too_late_is_recorded_and_not_counted():
    scene = Scene(limits=REPLAY).see(
        frame(at=NINE), frame(at=NINE + 10 * MINUTE), frame([person()], at=NINE + 9)
    )
    scene.finish()
    assert len(scene.judged) == 3
    assert ("person", NINE, 2) not in numbers(scene)
    assert numbers(scene)["person", NINE, 1] == (1, 0, 0.0, 0)
