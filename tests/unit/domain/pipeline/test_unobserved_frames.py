"""While all frames are dropped the scene is unobserved: its objects may still be there."""

import pytest
from msgspec.structs import replace

from pycturestream.domain.frames.admission import Dropped, Place
from tests.scenes import LIVE, NINE, CameraRun, car, empty, frame, guarded, person

GUARDED = guarded()
MINUTE = 60_000
STANDING = (person(0.2), car())


def drop_frames(scene: CameraRun, at: int, *, for_ms: int, reason: str = "stale") -> None:
    """Let frames come that are dropped, two a second."""
    for moment in range(at, at + for_ms, 500):
        dropped = Dropped("gate", Place("frames", 0, moment - NINE), moment, reason, moment)
        scene.drop(dropped)


def process_frames(scene: CameraRun, items, *, at: int, frames: int = 8) -> int:
    """Process frames, two a second; return when the last one was captured."""
    for number in range(frames):
        scene.see(frame(items, at=at + number * 500))
    return at + (frames - 1) * 500


@pytest.fixture
def scene():
    """A person and a car have stood before a guarded camera for some seconds; one alert."""
    scene = CameraRun(GUARDED)
    process_frames(scene, STANDING, at=NINE)
    assert [change.state for change in scene.alerts] == ["raised"]
    return scene


def track_ids(scene):
    return [item.track_id for item in scene.judged[-1].seen]


def test_a_stationary_object_keeps_its_track_and_its_alert(scene):
    before = track_ids(scene)
    drop_frames(scene, NINE + 4_000, for_ms=MINUTE)
    process_frames(scene, STANDING, at=NINE + 4_000 + MINUTE)
    assert track_ids(scene) == before
    assert [change.state for change in scene.alerts] == ["raised"]


def test_an_object_that_has_moved_gets_a_new_track_and_no_second_alert():
    scene = CameraRun(GUARDED)
    for number in range(8):
        scene.see(frame([person(0.1 + 0.05 * number)], at=NINE + number * 500))
    before = track_ids(scene)
    drop_frames(scene, NINE + 4_000, for_ms=MINUTE)
    end = process_frames(scene, [person(0.1)], at=NINE + 4_000 + MINUTE)
    assert track_ids(scene) != before
    assert [change.state for change in scene.alerts] == ["raised"]
    scene.see(*empty(30, at=end + 500))
    raised, cleared = scene.alerts
    assert (cleared.state, cleared.alert.alert_id) == ("cleared", raised.alert.alert_id)
    assert [*cleared.alert.track_ids] == [
        *before,
        *(item.track_id for judged in scene.judged[8:9] for item in judged.seen),
    ]


def test_one_object_more_than_before_joins_the_situation(scene):
    drop_frames(scene, NINE + 4_000, for_ms=MINUTE)
    process_frames(scene, (*STANDING, person(0.8)), at=NINE + 4_000 + MINUTE)
    assert [(c.state, c.alert.count) for c in scene.alerts] == [("raised", 1), ("updated", 2)]


def test_an_object_that_has_left_is_cleared_once_a_frame_shows_it(scene):
    drop_frames(scene, NINE + 4_000, for_ms=MINUTE)
    scene.wait_until(NINE + 4_000 + MINUTE)
    assert [change.state for change in scene.alerts] == ["raised"]
    scene.see(*empty(30, at=NINE + 4_000 + MINUTE))
    assert [change.state for change in scene.alerts] == ["raised", "cleared"]


def test_a_camera_that_goes_offline_after_that_clears_its_alerts(scene):
    drop_frames(scene, NINE + 4_000, for_ms=MINUTE)
    scene.wait_until(NINE + 3 * MINUTE)
    assert [change.state for change in scene.alerts] == ["raised", "cleared"]
    assert scene.events[-1][0] == "offline"


def test_no_deadline_is_set_for_what_only_a_frame_can_show(scene):
    """Or a timer would fire again and again."""
    drop_frames(scene, NINE + 4_000, for_ms=MINUTE)
    scene.wait_until(deadline := scene.deadline())
    assert scene.deadline() > deadline


@pytest.mark.parametrize("reason", ["stale", "superseded", "overload", "paused"])
def test_a_camera_with_few_processed_frames_still_clears_its_alerts(reason):
    """Under overload drops follow every processed frame; an alert must end all the same."""
    scene = CameraRun(GUARDED)
    process_frames(scene, STANDING, at=NINE)
    for number in range(40):
        at = NINE + 4_000 + number * 2_000
        scene.see(frame(at=at))
        drop_frames(scene, at + 500, for_ms=1_500, reason=reason)
    assert [change.state for change in scene.alerts] == ["raised", "cleared"]


@pytest.mark.parametrize("reason", ["duplicate", "out-of-order"])
def test_a_dropped_frame_that_shows_nothing_new_leaves_nothing_unobserved(scene, reason):
    drop_frames(scene, NINE + 4_000, for_ms=MINUTE, reason=reason)
    assert not scene.state.track.unobserved


def test_in_a_replay_nothing_goes_unobserved():
    scene = CameraRun(GUARDED, replace(LIVE, mode="replay"))
    dropped = Dropped("gate", Place("frames.replay", 0, 0), NINE, "stale", NINE)
    assert not scene.drop(dropped).state.track.unobserved
