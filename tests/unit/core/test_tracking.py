import pytest

from pycturestream.detection import Detection
from pycturestream.tracking import (
    CONFIRMED_LIFE_MS,
    STATIONARY_AFTER_MS,
    TENTATIVE_LIFE_MS,
    Track,
    follow,
)
from tests.scenes import NINE, box, car, person


def run(frames, *, every_ms=500):
    """Follow lists of detections; return the track ids of each frame, in detection order."""
    tracks: tuple[Track, ...] = ()
    ids = []
    for number, detections in enumerate(frames):
        tracks, seen = follow(tracks, detections, f"f{number}", NINE + number * every_ms)
        ids.append([track.track_id for track in seen])
    return ids, tracks


def test_a_track_is_named_after_the_frame_it_was_born_in():
    ids, _ = run([[], [person(), car()]])
    assert ids[1] == ["f1#0", "f1#1"]


def test_a_walker_keeps_his_track_at_two_pictures_a_second():
    ids, _ = run([[person(0.1 + 0.07 * n)] for n in range(10)])
    assert {track_id for (track_id,) in ids} == {"f0#0"}


def test_a_fast_walker_who_leaves_his_own_box_keeps_his_track():
    ids, _ = run([[person(0.05 + 0.12 * n)] for n in range(7)])
    assert {track_id for (track_id,) in ids} == {"f0#0"}


def test_two_who_cross_keep_their_tracks():
    frames = [[person(0.1 + 0.05 * n, 0.40), person(0.7 - 0.05 * n, 0.45)] for n in range(12)]
    ids, _ = run(frames)
    assert all(frame == ["f0#0", "f0#1"] for frame in ids)


def test_the_order_of_detections_does_not_matter():
    one = run([[person(0.1), person(0.6)], [person(0.12), person(0.62)]])[0]
    two = run([[person(0.1), person(0.6)], [person(0.62), person(0.12)]])[0]
    assert one[1] == two[1][::-1]


def test_labels_do_not_share_a_track():
    same_place = box()
    ids, _ = run([[Detection("car", 0.9, same_place)], [Detection("person", 0.9, same_place)]])
    assert ids[0] != ids[1]


def test_a_confirmed_track_survives_a_short_occlusion_and_no_long_one():
    tracks: tuple[Track, ...] = ()
    for number in range(4):
        tracks, _ = follow(tracks, [person()], f"f{number}", NINE + number * 500)
    last = NINE + 3 * 500
    _, soon = follow(tracks, [person()], "soon", last + CONFIRMED_LIFE_MS)
    _, late = follow(tracks, [person()], "late", last + CONFIRMED_LIFE_MS + 1)
    assert (soon[0].track_id, late[0].track_id) == ("f0#0", "late#0")


def test_a_single_sighting_is_forgotten_sooner():
    tracks, _ = follow((), [person()], "f0", NINE)
    _, late = follow(tracks, [person()], "late", NINE + TENTATIVE_LIFE_MS + 1)
    assert late[0].track_id == "late#0"


def test_a_parked_car_becomes_stationary_and_stays_itself_through_jitter():
    frames = [[car(0.6 + 0.004 * (-1) ** n)] for n in range(60)]
    ids, tracks = run(frames)
    assert {track_id for (track_id,) in ids} == {"f0#0"}
    assert tracks[0].stationary
    assert STATIONARY_AFTER_MS < 60 * 500


def test_a_walker_is_not_stationary():
    _, tracks = run([[person(0.01 * n)] for n in range(60)])
    assert not tracks[0].stationary


def test_velocity_is_in_picture_widths_a_second():
    _, tracks = run([[person(0.1 + 0.05 * n)] for n in range(8)])
    assert tracks[0].velocity == pytest.approx((0.1, 0.0), abs=0.001)


def test_nothing_seen_is_no_error():
    assert run([[], [], []])[1] == ()
