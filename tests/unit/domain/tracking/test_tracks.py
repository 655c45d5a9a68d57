from itertools import pairwise

import pytest
from msgspec.structs import replace

from pycturestream.contracts.states import track_states
from pycturestream.domain.detection import Detection
from pycturestream.domain.pipeline.track import TrackState
from pycturestream.domain.tracking.track import (
    CLUTTER_LIFE_MS,
    CONFIRMED_LIFE_MS,
    STATIONARY_AFTER_MS,
    STATIONARY_LIFE_MS,
    TENTATIVE_LIFE_LIMIT_MS,
    WEAK_LIFE_MS,
    Track,
)
from pycturestream.domain.tracking.tracks import update_tracks
from tests.scenes import NINE, box, car, person

ASPECT = 16 / 9


def weak(detection):
    return replace(detection, score=0.45, weak=True)


class Camera:
    """Follows what it sees, and goes through its saved state between any two frames."""

    def __init__(self, every_ms=500):
        self.tracks: tuple[Track, ...] = ()
        self.at = NINE - every_ms
        self.every_ms = every_ms
        self.number = -1
        self.sightings = []

    def see(self, *detections, after_ms=None):
        """Return the track ids that are reported for this frame, from left to right."""
        self.number += 1
        self.at += self.every_ms if after_ms is None else after_ms
        tracks, self.sightings = update_tracks(
            self.tracks, detections, f"f{self.number}", self.at, ASPECT
        )
        self.tracks = track_states.decode(track_states.encode(TrackState(tracks=tracks)))[0].tracks
        ordered = sorted(self.sightings, key=lambda sighting: sighting.detection.box.x_min)
        return [sighting.track.track_id for sighting in ordered]

    def see_all(self, frames):
        return [self.see(*frame) for frame in frames]

    @property
    def confirmed(self):
        return [track for track in self.tracks if track.confirmed]


def ids_of(frames):
    return {track_id for frame in frames for track_id in frame}


# --- identity ---------------------------------------------------------------------------------


def test_a_track_is_named_after_the_frame_it_was_born_in():
    assert Camera().see_all([[], [person(0.2), car(0.6)]])[1] == ["f1#1", "f1#0"]


def test_the_order_of_detections_does_not_matter():
    items = [person(0.1), person(0.6), car(0.3), weak(person(0.8))]
    one, other = Camera(), Camera()
    one.see_all([items, items])
    other.see_all([items, items[::-1]])
    assert one.tracks == other.tracks


@pytest.mark.parametrize("every_ms", [100, 200, 500, 1_000])
def test_a_walker_keeps_one_track_at_any_rate(every_ms):
    steps = range(8_000 // every_ms)
    camera = Camera(every_ms)
    frames = camera.see_all([person(0.05 + 0.0001 * every_ms * n)] for n in steps)
    assert ids_of(frames) == {"f0#0"}


def test_a_fast_walker_who_moves_by_more_than_a_box_keeps_one_track():
    assert ids_of(Camera().see_all([person(0.05 + 0.12 * n)] for n in range(7))) == {"f0#0"}


def test_a_walker_keeps_one_track_though_frames_are_uneven():
    camera, x = Camera(), 0.05
    seen = [camera.see(person(x))]
    for gap_ms in (100, 900, 200, 1_100, 150, 700, 1_000):
        x += 0.1 * gap_ms / 1000
        seen.append(camera.see(person(x), after_ms=gap_ms))
    assert ids_of(seen) == {"f0#0"}


@pytest.mark.parametrize("every_ms", [150, 500])
def test_two_who_cross_keep_their_tracks(every_ms):
    steps = 6_000 // every_ms
    moved = 0.6 / steps
    camera = Camera(every_ms)
    frames = camera.see_all(
        [person(0.1 + moved * n, 0.40), person(0.7 - moved * n, 0.45)] for n in range(steps + 1)
    )
    assert frames[0] == ["f0#0", "f0#1"]
    assert frames[-1] == ["f0#1", "f0#0"]
    assert ids_of(frames) == {"f0#0", "f0#1"}


def test_a_walker_behind_another_one_keeps_the_track():
    camera = Camera(200)
    for n in range(30):
        near, far = person(0.8 - 0.02 * n, 0.42), person(0.2 + 0.02 * n, 0.40)
        hidden = near.box.iou(far.box) > 0.3
        camera.see(*([near] if hidden else [near, far]))
    assert {track.track_id for track in camera.confirmed} == {"f0#0", "f0#1"}
    near, far = person(0.8 - 0.02 * 30, 0.42), person(0.2 + 0.02 * 30, 0.40)
    assert camera.see(near, far) == ["f0#1", "f0#0"]


# --- what never overlaps itself ---------------------------------------------------------------


def driving(start, step, frames, y=0.5, **size):
    """Return a car from the side, frame by frame: 4.5 m long in a picture of 40 m."""
    size = {"width": 0.112, "height": 0.067, **size}
    return [Detection("car", 0.8, box(start + step * n, y, **size)) for n in range(frames)]


STEP_AT_50 = 13.9 / 40 / 2
"""Of the picture's width, at 50 km/h and two pictures a second: one and a half of its lengths."""


@pytest.mark.parametrize("start", [0.0, 0.03, 0.06, 0.09, 0.12, 0.15])
def test_a_car_at_50_km_h_keeps_one_track_at_two_pictures_a_second(start):
    frames = Camera().see_all([item] for item in driving(start, STEP_AT_50, 5))
    assert ids_of(frames) == {"f0#0"}


def test_its_third_sighting_confirms_it_where_the_first_two_lead_to():
    camera = Camera()
    camera.see_all([item] for item in driving(0.0, STEP_AT_50, 2))
    assert [track.confirmed for track in camera.tracks] == [False]
    camera.see(driving(0.0, STEP_AT_50, 3)[-1])
    assert [track.confirmed for track in camera.tracks] == [True]


def test_a_third_sighting_elsewhere_is_a_new_object():
    camera = Camera()
    camera.see_all([item] for item in driving(0.0, STEP_AT_50, 2))
    assert camera.see(*driving(0.7, 0, 1)) == ["f2#0"]


def test_of_two_sightings_far_apart_only_a_third_shows_that_both_were_one_object():
    camera = Camera()
    assumed = []
    for item in driving(0.0, STEP_AT_50, 4):
        camera.see(item)
        assumed.append(camera.tracks[0].assumed)
    assert assumed == [False, True, False, False]


@pytest.mark.parametrize("steps_between", [2.0, 2.3, 2.5, 2.8, 3.0, 4.0])
def test_two_cars_one_behind_the_other_are_not_swapped(steps_between):
    camera = Camera()
    first, second = set(), set()
    for n in range(10):
        front = [x for x in (STEP_AT_50 * n,) if x <= 0.88]
        back = [x for x in (STEP_AT_50 * (n - steps_between),) if 0 <= x <= 0.88]
        names = camera.see(*(driving(x, 0, 1)[0] for x in (*front, *back)))
        first |= set(names[len(back) :])
        second |= set(names[: len(back)])
    assert len(first) == len(second) == 1
    assert first != second


def test_two_cars_that_meet_keep_their_tracks():
    camera = Camera()
    there = driving(0.0, STEP_AT_50, 6, y=0.7)
    back = driving(0.87, -STEP_AT_50, 6, y=0.5)
    frames = camera.see_all(zip(there, back, strict=True))
    assert ids_of(frames) == {"f0#0", "f0#1"}
    assert frames[0] == frames[-1][::-1]


@pytest.mark.parametrize("x", [0.45, 0.6, 0.75])
def test_two_people_who_take_turns_are_still_two(x):
    camera = Camera()
    frames = camera.see_all([[person(0.2)]] * 4 + [[person(x)]] * 4)
    assert frames[-1] != frames[3]
    assert len(camera.confirmed) == 2


def test_a_parked_car_does_not_become_one_that_passes():
    camera = Camera()
    camera.see_all([[driving(0.1, 0, 1)[0]]] * 4)
    frames = camera.see_all([item] for item in driving(0.35, STEP_AT_50, 4))
    assert "f0#0" not in ids_of(frames)


def test_what_was_missed_in_between_is_a_new_object():
    camera = Camera()
    one, _, other = driving(0.0, STEP_AT_50, 3)
    assert camera.see_all([[one], [], [other]]) == [["f0#0"], [], ["f2#0"]]


def test_weak_detections_are_not_paired_far_off():
    camera = Camera()
    one, other, _ = driving(0.0, STEP_AT_50, 3)
    camera.see(one)
    assert camera.see(weak(other)) == []
    assert len(camera.tracks) == 2


# --- confirmation -------------------------------------------------------------------------


def test_three_sightings_make_a_track():
    camera = Camera()
    camera.see_all([person()] for _ in range(2))
    assert not camera.confirmed
    camera.see(person())
    assert len(camera.confirmed) == 1


def test_a_track_with_one_weak_sighting_in_three_is_confirmed():
    camera = Camera()
    camera.see_all([[person()], [weak(person())], [person()]])
    assert len(camera.confirmed) == 1


def test_fixed_clutter_is_never_confirmed_though_it_looks_like_a_person_at_times():
    camera = Camera()
    for n in range(200):
        camera.see(person(score=0.52) if n % 3 == 0 else weak(person()))
    assert not camera.confirmed


def test_a_weak_detection_is_reported_only_for_a_confirmed_track():
    camera = Camera()
    assert camera.see(weak(person())) == []
    camera.see_all([person()] for _ in range(4))
    assert camera.see(weak(person())) == ["f0#0"]
    assert camera.see(weak(person()), weak(car())) == ["f0#0"]


def test_weak_detections_alone_count_as_the_object_for_a_while():
    camera = Camera()
    camera.see_all([person()] for _ in range(4))
    reported = camera.see_all([weak(person())] for _ in range(2 * WEAK_LIFE_MS // camera.every_ms))
    assert reported == [["f0#0"]] * 10 + [[]] * 10
    assert camera.see(person()) == ["f0#0"]


def test_weak_detections_alone_never_change_the_label():
    camera, dog = Camera(), replace(weak(person()), label="dog")
    camera.see_all([person()] for _ in range(4))
    camera.see_all([dog] for _ in range(30))
    camera.see(person())
    assert camera.sightings[0].track.label == "person"


def test_clutter_does_not_take_over_the_track_of_a_person_who_passes_it():
    cone = weak(Detection("person", 0.45, box(0.505, 0.4, 0.09, 0.28)))
    camera = Camera(200)
    camera.see_all([cone] for _ in range(12))
    walk = [0.3 + 0.02 * n for n in range(21)]
    frames = [camera.see(cone, person(x)) for x in walk]
    (walker,) = camera.confirmed
    assert ids_of(frames) == {walker.track_id}
    for _ in range(5):
        assert camera.see(cone) == []


def test_clutter_is_remembered_as_long_as_a_passer_by_may_hide_it():
    camera = Camera()
    camera.see_all([weak(person())] for _ in range(10))
    camera.see_all([] for _ in range(CLUTTER_LIFE_MS // camera.every_ms))
    assert len(camera.tracks) == 1
    camera.see()
    assert not camera.tracks


# --- how long it lives ------------------------------------------------------------------------


@pytest.mark.parametrize(("gap_ms", "same"), [(0, True), (1, False)])
def test_a_confirmed_track_survives_a_short_occlusion_and_no_long_one(gap_ms, same):
    camera = Camera(100)
    camera.see_all([person()] for _ in range(15))
    for _ in range(3):
        camera.see(after_ms=10)
    (seen,) = camera.see(person(), after_ms=CONFIRMED_LIFE_MS - 30 + gap_ms)
    assert (seen == "f0#0") == same


@pytest.mark.parametrize(("missed", "same"), [(1, True), (2, False)])
def test_a_single_sighting_survives_one_frame_and_not_two(missed, same):
    camera = Camera(3_000)
    camera.see(person())
    camera.see_all([] for _ in range(missed))
    assert (camera.see(person()) == ["f0#0"]) == same


def test_frames_far_apart_still_make_a_track_of_a_still_object():
    camera = Camera(10_000)
    assert ids_of(camera.see_all([car()] for _ in range(5))) == {"f0#0"}
    assert camera.confirmed[0].stationary
    assert Camera(TENTATIVE_LIFE_LIMIT_MS + 1).see_all([[car()], [car()]])[1] == ["f1#0"]


def test_gaps_of_a_track_do_not_lengthen_its_life():
    camera = Camera()
    camera.see_all([person()] for _ in range(4))
    for gap_s in (2.5, 5.5):
        camera.see_all([] for _ in range(round(gap_s * 2)))
        seen = camera.see(person())
    assert seen != ["f0#0"]


def test_a_gap_of_ten_seconds_ends_a_walk_and_no_parking():
    camera = Camera()
    camera.see_all([person(0.1 + 0.01 * n), car()] for n in range(25))
    walker, parked = camera.see(person(0.35), car(), after_ms=10_000)
    assert walker == "f25#1"
    assert parked == "f0#0"


# --- what stands ------------------------------------------------------------------------------


def test_a_parked_car_stays_itself_through_a_night():
    camera, seen, stationary = Camera(1_000), [], []
    for n in range(8 * 3_600 // 8):
        trembling = car(0.6 + 0.004 * (-1) ** n)
        dark = n % 100 > 90  # a lorry, fog, rain: not seen for a minute
        seen.append(camera.see(*([] if dark else [trembling]), after_ms=8_000))
        stationary += [sighting.track.stationary for sighting in camera.sightings]
    assert ids_of(seen) == {"f0#0"}
    assert all(stationary[5:])
    assert STATIONARY_AFTER_MS < 5 * 8_000
    assert STATIONARY_LIFE_MS > 9 * 8_000


def test_a_person_who_walks_past_a_parked_car_does_not_move_it():
    camera = Camera()
    camera.see_all([car()] for _ in range(30))
    covered = Detection("car", 0.7, box(0.68, 0.5, 0.17, 0.2))  # its left third is hidden
    camera.see_all([covered, person(0.58, 0.45)] for _ in range(4))
    camera.see_all([car()] for _ in range(4))
    assert [track.track_id for track in camera.confirmed if track.stationary] == ["f0#0"]


def test_a_car_that_drives_off_is_on_the_move_again():
    camera = Camera()
    camera.see_all([car(0.3)] for _ in range(30))
    assert camera.confirmed[0].stationary
    camera.see_all([car(0.3 + 0.03 * n)] for n in range(8))
    assert camera.confirmed[0].track_id == "f0#0"
    assert not camera.confirmed[0].stationary


def test_a_walker_is_not_stationary():
    camera = Camera()
    camera.see_all([person(0.01 * n)] for n in range(60))
    assert not camera.confirmed[0].stationary


# --- what it is -------------------------------------------------------------------------------


def test_flicker_of_the_label_is_voted_out():
    camera, truck = Camera(), replace(car(), label="truck")
    frames = camera.see_all([truck] if n % 3 == 1 else [car()] for n in range(30))
    assert ids_of(frames) == {"f0#0"}
    labels = [camera.see(item) and camera.sightings[0].track.label for item in (truck, car())]
    assert labels == ["car", "car"]


def test_a_label_that_was_wrong_at_first_is_corrected():
    camera, truck = Camera(), replace(car(), label="truck")
    camera.see(truck)
    camera.see_all([car()] for _ in range(3))
    assert [(track.track_id, track.label) for track in camera.confirmed] == [("f0#0", "car")]


def test_a_rider_and_the_bicycle_are_two():
    bicycle = Detection("bicycle", 0.7, box(0.19, 0.55, 0.12, 0.18))
    frames = Camera().see_all([person(), bicycle] for _ in range(6))
    assert all(set(before) == set(after) for before, after in pairwise(frames))
    assert len(ids_of(frames)) == 2


# --- what is remembered -----------------------------------------------------------------------


def test_a_track_is_remembered_in_a_few_hundred_bytes():
    camera = Camera()
    camera.see_all([person(0.1 + 0.0123 * n)] for n in range(20))
    assert len(track_states.encode(TrackState(tracks=camera.tracks))) < 1_000


def test_nothing_seen_is_no_error():
    camera = Camera()
    assert camera.see_all([[], [], []]) == [[], [], []]
    assert camera.tracks == ()
