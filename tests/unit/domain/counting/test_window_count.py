from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.counting.window_count import Tallies, correct, count
from pycturestream.domain.tracking.scene import see
from pycturestream.domain.tracking.track import Sighting
from tests.scenes import (
    LEFT_HALF,
    MIDDLE,
    NINE,
    REPLAY,
    CameraRun,
    car,
    empty,
    frame,
    guarded,
    person,
    restored,
    standing_at,
    there_and_back,
    track,
    trembling,
    walk,
)

MINUTE = 60_000
DOORED = Camera("gate", zones=(LEFT_HALF,), lines=(MIDDLE,))


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


def test_a_window_has_the_maximum_the_mean_and_the_unique_count():
    scene = CameraRun().see(*walk(0.1, 0.02, 5), frame([person(0.2), person(0.7)], at=NINE + 2_500))
    scene.wait_until(NINE + MINUTE + 2_000)
    assert numbers(scene) == {("person", NINE, 1): (6, 2, 1.167, 1)}


def test_a_window_waits_for_frames_that_are_on_their_way():
    scene = CameraRun().see(*walk(0.1, 0.02, 5)).wait_until(NINE + MINUTE + 1_999)
    assert not scene.counts


def test_a_window_without_objects_is_an_explicit_zero():
    camera = guarded()
    scene = CameraRun(camera).see(*empty(3, at=NINE)).wait_until(NINE + MINUTE + 2_000)
    assert numbers(scene) == {("person", NINE, 1): (3, 0, 0.0, 0)}


def test_a_label_that_was_seen_before_is_zero_when_it_is_gone():
    scene = CameraRun().see(frame([car()], at=NINE), frame(at=NINE + MINUTE))
    scene.wait_until(NINE + 2 * MINUTE + 2_000)
    assert numbers(scene)["car", NINE + MINUTE, 1] == (1, 0, 0.0, 0)


def test_a_camera_without_pictures_has_no_zeros():
    scene = CameraRun().see(frame(at=NINE)).wait_until(NINE + 10 * MINUTE)
    assert {count.window_start for count in scene.counts} == {NINE}


def test_nothing_is_emitted_twice():
    scene = CameraRun().see(*walk(0.1, 0.02, 3))
    for second in range(60, 120):
        scene.wait_until(NINE + second * 1_000)
    assert len(scene.counts) == 1


def test_a_late_frame_corrects_its_window_under_a_higher_revision():
    scene = CameraRun(limits=REPLAY).see(
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
        counts = CameraRun(limits=REPLAY).see(*order, last).finish().counts
        final = max((c for c in counts if c.window_start == NINE), key=lambda c: c.revision)
        finals.add((final.frames, final.maximum, final.mean))
    assert finals == {(4, 3, 1.5)}


def test_a_frame_that_is_too_late_is_recorded_and_not_counted():
    scene = CameraRun(limits=REPLAY).see(
        frame(at=NINE), frame(at=NINE + 10 * MINUTE), frame([person()], at=NINE + 9)
    )
    scene.finish()
    assert len(scene.judged) == 3
    assert ("person", NINE, 2) not in numbers(scene)
    assert numbers(scene)["person", NINE, 1] == (1, 0, 0.0, 0)


def crossings(scene, label="person"):
    """Return entered, left, in and out, summed over the newest revisions of all windows."""
    newest = {c.window_start: c for c in scene.counts if c.label == label}.values()
    return tuple(
        sum(sum(numbers.values()) for numbers in column)
        for column in zip(
            *((c.entered, c.left, c.crossed_in, c.crossed_out) for c in newest), strict=True
        )
    )


def different(scene, label="person"):
    """Return unique and new of each window."""
    return [(c.unique, c.new) for c in scene.counts if c.label == label]


def test_coming_in_and_going_out_is_counted_at_zone_and_line():
    scene = CameraRun(DOORED, REPLAY).see(*there_and_back()).finish()
    (window,) = scene.counts
    assert (window.entered, window.left) == ({"left-half": 1}, {"left-half": 1})
    assert (window.crossed_in, window.crossed_out) == ({"middle": 1}, {"middle": 1})


def test_borders_without_crossings_are_explicit_zeros():
    scene = CameraRun(DOORED, REPLAY).see(frame()).finish()
    (window,) = scene.counts
    assert window.entered == window.left == {"left-half": 0}
    assert window.crossed_in == window.crossed_out == {"middle": 0}


def test_a_box_that_trembles_on_a_border_crosses_nothing():
    assert crossings(CameraRun(DOORED, REPLAY).see(*trembling(0.5, 60)).finish()) == (0, 0, 0, 0)


def test_a_box_that_trembles_on_a_line_and_goes_on_counts_once():
    arriving = [frame([person(0.7 - 0.03 * n)], at=NINE + n * 500) for n in range(8)]
    leaving = [frame([person(0.42 - 0.03 * n)], at=NINE + 24_000 + n * 500) for n in range(8)]
    waiting = trembling(0.5, 40, at=NINE + 4_000)
    scene = CameraRun(DOORED, REPLAY).see(*arriving, *waiting, *leaving).finish()
    assert crossings(scene) == (1, 0, 1, 0)


def test_a_parked_car_is_one_car_all_night():
    arrived = [frame([car(0.3)], at=NINE + n * 500) for n in range(40)]
    heartbeats = [frame([car(0.3)], at=NINE + n * 10_000) for n in range(2, 8 * 360)]
    scene = CameraRun(DOORED, REPLAY).see(*arrived, *heartbeats).finish()
    assert crossings(scene, "car") == (0, 0, 0, 0)
    unique, new = zip(*different(scene, "car"), strict=True)
    assert set(unique) == {1}
    assert sum(new) == 1


@pytest.mark.parametrize("gap_ms", [4_000, 10_000])
def test_being_found_inside_after_a_gap_is_not_entering(gap_ms):
    before = [frame([person(0.7)], at=NINE + n * 500) for n in range(4)]
    after = [frame([person(0.2)], at=NINE + 1_500 + gap_ms + n * 500) for n in range(4)]
    assert crossings(CameraRun(DOORED, REPLAY).see(*before, *after).finish()) == (0, 0, 0, 0)


def test_an_object_in_two_windows_is_unique_in_both_and_new_in_the_first():
    scene = CameraRun(DOORED, REPLAY).see(*walk(0.1, 0.004, 100, at=NINE + 30_000)).finish()
    assert different(scene) == [(1, 1), (1, 0)]


def test_an_object_whose_label_changes_is_counted_under_the_newest_of_the_window():
    other = Tallies()
    for number, label in enumerate(("dog", "dog", "cat")):
        confirmed = replace(track(standing_at(0.3, 0.5)), label=label)
        seen = [see(Sighting(person(), confirmed), {})]
        other = count(other, seen, (), [confirmed.track_id], NINE + number * 500, MINUTE)
    (window,) = other.windows
    assert {name: (t.unique, t.new) for name, t in window.labels.items()} == {
        "dog": (0, 0),
        "cat": (1, 1),
    }


def test_a_closed_window_keeps_the_label_that_an_object_had():
    other = Tallies()
    for number, label in enumerate(("dog", "cat")):
        confirmed = replace(track(standing_at(0.3, 0.5)), label=label)
        seen = [see(Sighting(person(), confirmed), {})]
        other = count(other, seen, (), [confirmed.track_id], NINE + number * MINUTE, MINUTE)
    first, second = other.windows
    assert (first.labels["dog"].unique, first.labels["dog"].new) == (1, 1)
    assert (second.labels["cat"].unique, second.labels["cat"].new) == (1, 0)


@given(st.lists(st.sampled_from(("dog", "cat", "fox")), max_size=20), st.integers(1, 30))
def test_unique_and_new_are_never_negative_and_an_object_is_new_once(labels, every_s):
    tallies = Tallies()
    for number, label in enumerate(labels):
        confirmed = replace(track(standing_at(0.3, 0.5)), label=label)
        at = NINE + number * every_s * 1_000
        tallies = count(
            tallies, [see(Sighting(person(), confirmed), {})], (), [confirmed.track_id], at, MINUTE
        )
    numbers = [tally for window in tallies.windows for tally in window.labels.values()]
    assert all(0 <= tally.new <= tally.unique for tally in numbers)
    assert sum(tally.new for tally in numbers) == bool(labels)
    assert all(sum(t.unique for t in w.labels.values()) == 1 for w in tallies.windows)


FRAMES = st.lists(
    st.tuples(st.integers(0, 3 * MINUTE), st.integers(0, 4), st.integers(0, 2)),
    max_size=12,
    unique_by=lambda shot: shot[0],
)


@given(FRAMES.flatmap(lambda shots: st.tuples(st.just(shots), st.permutations(shots))))
def test_any_order_of_late_frames_gives_the_same_tallies(orders):
    in_order, disorder = (_tallied(shots) for shots in orders)
    assert in_order == disorder


def _tallied(shots):
    tallies = Tallies()
    for late_ms, people, cars in shots:
        seen = [see(Sighting(item, track(item.box)), {}) for item in [person()] * people]
        seen += [see(Sighting(car(), replace(track(car().box), label="car")), {})] * cars
        tallies = correct(tallies, seen, NINE + late_ms, MINUTE)
    return {window.start: window for window in tallies.windows}, tallies.label_seen_at


def test_late_frames_do_not_change_the_counted_tracks():
    frames = list(there_and_back())
    late = frame([person(0.9)], at=NINE + 100)
    calm = CameraRun(DOORED, REPLAY).see(*frames).finish()
    disturbed = CameraRun(DOORED, REPLAY).see(*frames, late).finish()
    assert crossings(disturbed) == crossings(calm)
    assert different(disturbed)[-1] == different(calm)[-1] == (1, 1)


def test_a_restart_at_any_moment_changes_no_count():
    frames = [*there_and_back(), *trembling(0.5, 20, at=NINE + 50_000)]
    undisturbed = CameraRun(DOORED, REPLAY).see(*frames).finish()
    for moment in range(len(frames)):
        scene = CameraRun(DOORED, REPLAY).see(*frames[:moment])
        scene.state = restored(scene.state)
        assert scene.see(*frames[moment:]).finish().counts == undisturbed.counts


def test_the_state_of_counting_does_not_grow_with_time():
    scene = CameraRun(DOORED, REPLAY)
    for number in range(200):
        passer_by = walk(0.2, 0.05, 8, at=NINE + number * 8_000)
        scene.see(*passer_by, *empty(8, at=NINE + number * 8_000 + 4_000))
    assert sum(new for _, new in different(scene.finish())) == 200
    assert len(scene.state.count.tallies.windows) <= 3
    assert len(scene.state.count.tallies.counted) <= 1
    assert len(scene.state.track.zone_states) <= 1
