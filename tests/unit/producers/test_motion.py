"""Scenes at 4 pictures a second: ten seconds to learn the place, then something happens."""

import cv2
import numpy as np
import pytest

from producers.masking import Masking
from producers.motion import MotionGate
from producers.video_file import VideoFile
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.cameras.camera import Motion, Zone

FPS = 4
QUIET_S = 6
"""Before it happens."""
WIDTH, HEIGHT = 320, 240
THROUGH_S = 9
"""Seconds that a person takes to walk through."""
NOISE = 3.0
"""Of a camera by day, in levels of 255."""
LEFT = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
EVERYTHING = Zone("all", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
PIXEL_LIMIT = 40_000_000

BY_DAY = np.array([0.1, 0.6, 0.3], np.float32)
BY_INFRARED = np.array([0.2, 0.1, 0.7], np.float32)
"""What is added to blue, green and red."""

y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)


@pytest.fixture(scope="module")
def colours(clock_of_files):
    """Return a real place without its people: the median of a video of it."""
    video = VideoFile(PROJECT_FOLDER / "samples" / "plaza.mp4", "replay", 0.5)
    pictures = [
        cv2.resize(picture.content, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        for picture in video.pictures(clock_of_files)
    ]
    return np.median(pictures, axis=0).astype(np.float32)


@pytest.fixture(scope="module")
def place(colours):
    """Return it in shades of grey, which is all that the gate uses."""
    return colours @ BY_DAY


@pytest.fixture(scope="module")
def clock_of_files():
    class Clock:
        stopped = False

    return Clock()


def gate(kind="on", masks=(), **values):
    # Neither heartbeat nor hold, so that what passes is what moves.
    return MotionGate(
        Motion(kind, **({"heartbeat_s": 1e9, "hold_s": 0.0} | values)), Masking(masks), PIXEL_LIMIT
    )


def moving(scene, seconds=12, gate=None, noise=NOISE, seed=0):
    """Return the moments since the event at which a scene passes a gate.

    The scene is a function of those seconds; below 0 nothing has happened yet.
    """
    gate = gate or globals()["gate"]()
    chance = np.random.default_rng(seed)
    grain = chance.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    found = []
    for number in range((QUIET_S + seconds) * FPS):
        second = number / FPS - QUIET_S
        pixels = scene(second)
        strength = noise(second) if callable(noise) else noise
        pixels = pixels + strength * np.roll(grain, chance.integers(HEIGHT), axis=0)
        if gate.passes(np.clip(pixels, 0, 255).astype(np.uint8), round(1000 * number / FPS)):
            found.append(second)
    return found


def person(pixels, left, top=125, width=11, height=31, grey=60):
    """Return a picture with a person in it, as large as people are there."""
    pixels = pixels.copy()
    pixels[top : top + height, int(left) : int(left) + width] = grey
    return pixels


def walk(place, **looks):
    """Return the scene of a person who walks through."""
    return lambda at: person(place, 20 + 27 * at, **looks) if 0 <= at < THROUGH_S else place


def after_the_first(moments):
    """Leave out the first picture, which passes as a heartbeat."""
    return [moment for moment in moments if moment > -QUIET_S]


# --- what moves -------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", [0, 3, 15])
def test_a_person_who_walks_through_is_seen_also_in_noise(place, noise):
    seen = after_the_first(moving(walk(place), noise=noise))

    assert len(seen) > 0.7 * THROUGH_S * FPS
    assert all(0 <= moment < THROUGH_S + 0.5 for moment in seen)


def test_a_person_by_night_is_seen(place):
    seen = after_the_first(moving(walk(place * 0.15, grey=60), noise=4))

    assert len(seen) > 0.7 * THROUGH_S * FPS
    assert all(0 <= moment < THROUGH_S + 0.5 for moment in seen)


def test_what_is_smaller_than_the_least_area_is_not_seen(place):
    size = {"width": 3, "height": 8}
    least = 4 * 3 * 8 / (WIDTH * HEIGHT)

    assert after_the_first(moving(walk(place, **size), gate=gate(min_area=least))) == []
    assert after_the_first(moving(walk(place, **size), gate=gate(min_area=least / 8)))


def test_who_stops_is_seen_for_some_time_and_then_belongs_to_the_place(place):
    def scene(at):
        return person(place, 20 + 27 * min(at, 4)) if at >= 0 else place

    seen = after_the_first(moving(scene, seconds=50))

    assert 20 < seen[-1] < 45


# --- what only looks as if --------------------------------------------------------------------


@pytest.mark.parametrize("strength", [0, 8, 30])
def test_noise_does_not_move(place, strength):
    assert after_the_first(moving(lambda _: place, noise=strength)) == []


@pytest.mark.parametrize("strength", [4, 15])
def test_noise_at_night_does_not_move(place, strength):
    assert after_the_first(moving(lambda _: place * 0.15, noise=strength)) == []


def test_gain_that_makes_more_noise_does_not_move(place):
    assert after_the_first(moving(lambda _: place, noise=lambda at: 2 if at < 0 else 20)) == []


def lamp(at):
    """Return how a lamp that is switched on lights the place: more where it hangs."""
    return 90 * np.exp(-((x - 208) ** 2 + (y - 83) ** 2) / (2 * 80**2)) * (at >= 0)


def cloud(at):
    """Return how the shadow of a cloud with its soft edges dims the light as it moves through."""
    distance = np.abs(x + 0.3 * y - (46 * at - 125)) - 62
    return 1 - 0.4 / (1 + np.exp(np.minimum(distance / 5.5, 50)))


LIGHT = {
    "dawn": lambda place, at: place * (1 + 0.8 * np.clip(at / 12, 0, 1)),
    "dusk": lambda place, at: place * (1 - 0.8 * np.clip(at / 12, 0, 1)),
    "all lamps on": lambda place, at: place * (1.8 if at >= 0 else 1),
    "all lamps off": lambda place, at: place * (0.3 if at >= 0 else 1),
    "one lamp on": lambda place, at: place + lamp(at),
    "fog": lambda place, at: place * 0.6 + 70 if at >= 0 else place,
    "exposure that hunts": lambda place, at: place * (1 + 0.25 * np.sin(2 * at) * (at >= 0)),
    "flicker": lambda place, at: place * (1 + 0.15 * (round(at * FPS) % 2)),
}


@pytest.mark.parametrize("change", LIGHT.values(), ids=LIGHT.keys())
def test_a_change_of_light_does_not_move(place, change):
    assert after_the_first(moving(lambda at: change(place, at))) == []


def test_a_switch_to_infrared_does_not_move(place, colours):
    """It shows other shades, lit by the camera's own lamp, with more noise."""
    beam = 0.4 + 0.8 * np.exp(-((x - WIDTH / 2) ** 2 + (y - HEIGHT / 2) ** 2) / (2 * 100**2))
    by_night = (colours @ BY_INFRARED) * beam

    seen = moving(lambda at: by_night if at >= 0 else place, noise=lambda at: 8 if at >= 0 else 3)

    assert after_the_first(seen) == []


def test_the_shadow_of_a_cloud_hardly_moves(place):
    assert len(after_the_first(moving(lambda at: place * cloud(at)))) <= 2


def test_after_a_change_of_light_a_person_is_seen_again_soon(place):
    def scene(at):
        lit = place * (1.8 if at >= 0 else 1)
        return person(lit, 20 + 27 * at) if 0 <= at < THROUGH_S else lit

    seen = after_the_first(moving(scene))

    assert seen[0] < 3
    assert len(seen) > 0.6 * THROUGH_S * FPS


def test_another_view_is_learned_anew(place):
    turned = place[:, ::-1]

    assert after_the_first(moving(lambda at: turned if at >= 0 else place)) == []


# --- where ------------------------------------------------------------------------------------


def test_only_what_moves_in_the_region_counts(place):
    seen = after_the_first(moving(walk(place), gate=gate(region=(LEFT,))))

    assert seen
    assert all(moment < (WIDTH / 2 - 20) / 27 + 1 for moment in seen)


def test_somebody_who_fills_a_small_region_is_no_change_of_light(place):
    door = Zone("door", ((0.5, 0.55), (0.54, 0.55), (0.54, 0.65), (0.5, 0.65)))
    standing = person(place, 155)

    seen = moving(lambda at: standing if at >= 0 else place, gate=gate(region=(door,)))

    assert len(after_the_first(seen)) == 12 * FPS


def test_a_light_that_changes_under_a_mask_only_does_not_blind_the_gate(place):
    """Most of the picture is masked, and flickers."""
    scene, most = walk(place, top=200), Zone("most", ((0, 0), (1, 0), (1, 0.75), (0, 0.75)))
    flicker = np.where(y < 0.75 * HEIGHT, 1.4, 1.0)

    seen = moving(
        lambda at: scene(at) * (flicker if round(at * FPS) % 2 else 1), gate=gate(masks=(most,))
    )

    assert len(after_the_first(seen)) > 0.7 * THROUGH_S * FPS


def test_what_moves_along_the_edge_of_a_mask_below_it_does_not_count(place):
    """Otherwise a masked road would open the gate of the pavement beside it."""
    road = Zone("road", ((0, 0.5), (1, 0.5), (1, 1), (0, 1)))

    def scene(at):
        return person(place, 27 * at, top=121, width=80, height=60, grey=255) if at >= 0 else place

    assert after_the_first(moving(scene, seconds=8, gate=gate(masks=(road,)))) == []


def test_what_moves_under_a_mask_does_not_count(place):
    seen = after_the_first(moving(walk(place), gate=gate(masks=(LEFT,))))

    assert seen
    assert all(moment > (WIDTH / 2 - 20 - 11) / 27 for moment in seen)


def test_with_everything_masked_nothing_moves(place):
    assert after_the_first(moving(walk(place), seconds=5, gate=gate(masks=(EVERYTHING,)))) == []


# --- when -------------------------------------------------------------------------------------


def test_a_heartbeat_passes_when_nothing_moves(place):
    beats = moving(lambda _: place, gate=gate(heartbeat_s=5))

    assert beats == [-6, -1, 4, 9]


def test_a_heartbeat_of_a_slow_camera_does_not_wait_for_the_picture_after_it(place):
    pixels, tested = place.astype(np.uint8), gate(heartbeat_s=10.0)
    times = [0, 5_030, 9_970, 15_020, 19_980, 25_010, 29_990]

    passed = [at for at in times if tested.passes(pixels, at)]

    assert passed == [0, 9_970, 19_980, 29_990]


def test_the_heartbeat_counts_from_the_last_picture_that_passed(place):
    scene = walk(place)

    passed = moving(lambda at: scene(at + 6), seconds=9, gate=gate(heartbeat_s=5))

    last = max(moment for moment in passed if moment < 5)
    assert [moment - last for moment in passed if moment > last] == [5]


def test_what_comes_after_a_movement_passes_for_as_long_as_is_held(place):
    bare, held = (after_the_first(moving(walk(place), gate=gate(hold_s=s))) for s in (0, 2))

    assert held[0] == bare[0]
    assert held[-1] == bare[-1] + 2
    assert held == list(np.arange(held[0], held[-1] + 0.1, 1 / FPS))


def test_a_trigger_lets_nothing_pass_before_and_after_the_recording(place):
    recorded = moving(walk(place), gate=gate("trigger", heartbeat_s=1.0, hold_s=2.0))

    assert 0 <= recorded[0] < 3
    assert recorded == list(np.arange(recorded[0], recorded[-1] + 0.1, 1 / FPS))
    assert THROUGH_S < recorded[-1] < THROUGH_S + 3


def test_a_new_gate_begins_with_a_heartbeat_and_learns(place):
    gates = [gate(), gate("trigger")]
    passed = [
        [each.passes(place.astype(np.uint8), 250 * number) for number in range(20)]
        for each in gates
    ]

    assert passed == [[True] + 19 * [False], 20 * [False]]


def test_heartbeats_go_on_when_the_clock_is_set_back_or_ahead(place):
    pixels, tested = place.astype(np.uint8), gate(heartbeat_s=10.0)
    back, ahead = -3_600_000, 10**9
    times = [
        *range(0, 5000, 500),
        *range(back, back + 20_000, 500),
        *range(ahead, ahead + 15_000, 500),
    ]

    passed = [at for at in times if tested.passes(pixels, at)]

    # Of the ten seconds of the first heartbeat 4.5 had passed when the clock was set back.
    assert passed == [0, back + 5_500, back + 15_500, ahead, ahead + 10_000]


# --- any picture ------------------------------------------------------------------------------


def test_jpegs_are_judged_like_pixels(place):
    scene, tested, seen = walk(place), gate(), []
    for number in range((QUIET_S + THROUGH_S) * FPS):
        second = number / FPS - QUIET_S
        _, jpeg = cv2.imencode(".jpg", scene(second).astype(np.uint8))
        if tested.passes(bytes(jpeg), round(1000 * number / FPS)):
            seen.append(second)

    assert len(after_the_first(seen)) > 0.7 * THROUGH_S * FPS


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff"])
def test_what_can_not_be_decoded_passes(content):
    assert all(gate("trigger").passes(content, at) for at in (0, 1000))


def test_a_picture_of_too_many_pixels_passes_undecoded():
    _, jpeg = cv2.imencode(".jpg", np.zeros((100, 100, 3), np.uint8))
    tested = MotionGate(Motion("trigger"), Masking(()), pixel_limit=9_999)

    assert tested.passes(bytes(jpeg), 0)


@pytest.mark.parametrize("shape", [(1, 1, 3), (3000, 2, 3), (2, 3000, 3), (720, 1280), (48, 64, 3)])
def test_pictures_of_any_shape_can_be_judged(shape):
    tested = gate()

    passed = [tested.passes(np.full(shape, 90, np.uint8), 250 * number) for number in range(10)]

    assert passed == [True] + 9 * [False]


def test_a_camera_that_changes_its_size_is_learned_anew(place):
    tested, small = gate(), np.ascontiguousarray(place[:100, :300]).astype(np.uint8)

    passed = [tested.passes(place.astype(np.uint8), 250 * number) for number in range(10)]
    passed += [tested.passes(small, 2500 + 250 * number) for number in range(10)]

    assert passed == [True] + 19 * [False]


# --- real footage -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["plaza", "gate"])
def test_where_people_walk_all_the_time_nearly_all_passes(name, clock_of_files):
    video = VideoFile(PROJECT_FOLDER / "samples" / f"{name}.mp4", "replay", FPS)
    pictures = list(video.pictures(clock_of_files))[: 15 * FPS]
    tested = gate(hold_s=3.0)

    passed = sum(tested.passes(each.content, each.captured_at) for each in pictures)

    assert passed > 0.8 * len(pictures)
