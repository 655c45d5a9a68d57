"""Rate requests: how often the job wants frames of a camera."""

import pytest
from msgspec.structs import replace

from pycturestream.domain.attention import (
    IDLE_AFTER_MS,
    REPEAT_AFTER_MS,
    WANTED_FOR_MS,
    RateRequest,
    rate,
)
from pycturestream.domain.cameras.camera import Attention, Camera
from tests.scenes import NINE, NOBODY_HERE, REPLAY, CameraRun, car, frame, guarded, person

GATE = guarded(fps=2, attention=Attention(idle_fps=0.2, alert_fps=5))
LATER = NINE + IDLE_AFTER_MS


def requests(scene: CameraRun) -> list[tuple[str, str]]:
    return [(request.camera_id, request.level) for request in scene.of(RateRequest)]


def test_a_camera_is_seen_as_ever_until_nothing_has_moved_for_a_while():
    scene = CameraRun(GATE).see(frame(at=NINE), frame(at=LATER - 1), frame(at=LATER))
    assert [request.level for request in scene.of(RateRequest)] == ["normal", "normal", "idle"]
    assert [request.fps for request in scene.of(RateRequest)] == [2, 2, 0.2]


def test_whatever_moves_wakes_an_idle_camera_at_first_sight():
    scene = CameraRun(GATE).see(
        frame(at=NINE), frame(at=LATER), frame([person()], at=LATER + 5_000)
    )
    assert requests(scene)[-2:] == [("gate", "idle"), ("gate", "normal")]


def test_a_stationary_object_does_not_keep_a_camera_from_idling():
    parked = [frame([car()], at=NINE + second * 1_000) for second in range(90)]
    assert CameraRun(GATE).see(*parked).of(RateRequest)[-1].level == "idle"


def test_an_alert_raises_the_rate_until_it_ends():
    intruder = [frame([person()], at=NINE + n * 500) for n in range(3)]
    scene = CameraRun(GATE).see(*intruder)
    assert scene.of(RateRequest)[-1] == RateRequest(
        "gate", "alert", 5, NINE + 1_000 + WANTED_FOR_MS, "gate"
    )
    scene.see(frame(at=NINE + 1_000 + NOBODY_HERE.clear_after_ms))
    assert requests(scene)[-1] == ("gate", "normal")


def test_neighbours_are_raised_with_an_alert_and_released_when_it_ends():
    camera = replace(GATE, attention=None, neighbours=("door",))
    intruder = [frame([person()], at=NINE + n * 500) for n in range(3)]
    over = NINE + 1_000 + NOBODY_HERE.clear_after_ms
    raised, released = CameraRun(camera).see(*intruder, frame(at=over)).of(RateRequest)
    assert raised == RateRequest("door", "alert", None, NINE + 1_000 + WANTED_FOR_MS, "gate")
    assert released == replace(raised, until=over)


def test_a_wish_is_repeated_before_it_runs_out():
    frames = [frame(at=NINE + n * 1_000) for n in range(REPEAT_AFTER_MS // 1_000 + 1)]
    first, second = CameraRun(GATE).see(*frames).of(RateRequest)
    assert second.until - first.until == REPEAT_AFTER_MS
    assert first.until > NINE + REPEAT_AFTER_MS


def test_a_camera_that_does_not_ask_for_it_is_left_alone():
    assert not CameraRun(Camera("gate")).see(frame(at=NINE), frame(at=LATER)).of(RateRequest)


def test_history_wants_nothing():
    assert not CameraRun(GATE, REPLAY).see(frame(at=NINE), frame(at=LATER)).of(RateRequest)


@pytest.mark.parametrize(("level", "fps"), [("idle", 0.2), ("normal", 2), ("alert", 5)])
def test_the_rate_of_a_level_is_the_cameras_own(level: str, fps: float):
    assert rate(GATE, level) == fps
    assert rate(replace(GATE, attention=None), level) == 2
