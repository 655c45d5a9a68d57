"""Two senders of one camera: the first is processed, and the second can't get in its way."""

import pytest
from msgspec.structs import replace

from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.frames.sender import SITUATION_MS
from pycturestream.domain.pipeline.track import STRANGERS_KEPT
from tests.scenes import LIVE, NINE, CameraRun, frame, person, restored
from tests.unit.domain.pipeline.test_step import accounts, dropped, rejected

AHEAD_MS = 4_900
"""Just within the tolerance of clocks."""


def sent_by(sender, at, **fields):
    found = frame([person()], at=at, **fields)
    return replace(found, frame=replace(found.frame, sender=sender))


def both(number):
    """Return a frame of each of two senders, the second with a clock that is ahead."""
    at = NINE + 500 * number
    return (
        sent_by("kitchen:1", at),
        sent_by("garage:1", at + AHEAD_MS, received_at=at + 21),
    )


@pytest.mark.parametrize("second", ["garage:1", ""])
def test_a_second_sender_whose_clock_is_ahead_does_not_silence_the_first(second):
    scene = CameraRun()
    for number in range(20):
        real, false = both(number)
        scene.see(real, replace(false, frame=replace(false.frame, sender=second)))
        scene.state = restored(scene.state)
    assert [one.frame.at for one in scene.judged] == [NINE + 500 * n for n in range(20)]
    scene.finish()
    assert accounts(scene) == (40, 20, 20, 0)
    assert scene.windows[-1].window.dropped == {"other-sender": 20}


def test_that_there_are_two_is_reported_once():
    scene = CameraRun()
    for number in range(20):
        scene.see(*both(number))
    assert [event for event, _ in scene.events] == ["online", "second_sender"]
    assert scene.of(CameraEvent)[1].detail == (
        "frames of sender garage are refused; sender kitchen was first"
    )
    at = NINE + 9_500 + SITUATION_MS + 100
    scene.see(sent_by("kitchen:1", at), sent_by("garage:1", at + 1))
    assert [event for event, _ in scene.events].count("second_sender") == 2


@pytest.mark.parametrize("reason", ["stale", "superseded", "overload"])
def test_what_detection_dropped_of_a_second_sender_is_counted_as_such(reason):
    scene = CameraRun().see(sent_by("kitchen:1", NINE))
    scene.drop(replace(dropped(reason, NINE + 500), sender="garage:1"))
    scene.finish()
    assert scene.windows[-1].window.dropped == {"other-sender": 1}
    assert scene.state.track.unobserved is False


@pytest.mark.parametrize("kind", ["frame", "drop", "dead letter"])
def test_a_second_sender_does_not_keep_a_camera_online(kind):
    scene = CameraRun().see(sent_by("kitchen:1", NINE))
    at = NINE + 10_000
    match kind:
        case "frame":
            scene.see(sent_by("garage:1", at))
        case "drop":
            scene.drop(replace(dropped("stale", at), sender="garage:1"))
        case "dead letter":
            scene.reject(replace(rejected(at=at), sender="garage:1"))
    scene.wait_until(NINE + 15_000)
    assert ("offline", NINE + 15_000) in scene.events


def test_junk_takes_no_id():
    scene = CameraRun().reject(replace(rejected(), sender="garage:1"))
    scene.see(sent_by("kitchen:1", NINE + 500))
    assert len(scene.judged) == 1


def test_another_sender_takes_over_when_the_first_one_has_been_silent():
    later = NINE + LIVE.sender_hold_ms + 1_000
    scene = CameraRun().see(sent_by("kitchen:1", NINE), sent_by("garage:1", later))
    assert len(scene.judged) == 2
    scene.see(sent_by("kitchen:1", later + 500))
    assert len(scene.judged) == 2


def test_frames_without_names_are_processed_as_ever():
    scene = CameraRun().see(*(frame(at=NINE + 500 * n) for n in range(5)))
    assert len(scene.judged) == 5
    assert scene.state.track.sender == type(scene.state.track.sender)()


class TestCamerasThatAreNotAccepted:
    def test_a_flood_of_them_is_counted_to_the_unit_and_kept_in_part(self):
        scene = CameraRun()
        for number in range(5 * STRANGERS_KEPT):
            one = rejected(f"stranger-{number}", NINE + number)
            scene.reject(replace(one, reason="unknown-camera"))
        assert len(scene.of(CameraEvent)) == STRANGERS_KEPT
        scene.reject(replace(rejected("last", NINE + 60_000), reason="unknown-camera"))
        assert len(scene.of(CameraEvent)) == STRANGERS_KEPT + 1
        scene.finish()
        assert accounts(scene) == (5 * STRANGERS_KEPT + 1, 0, 0, 5 * STRANGERS_KEPT + 1)

    def test_all_other_dead_letters_are_kept(self):
        scene = CameraRun()
        for number in range(2 * STRANGERS_KEPT):
            scene.reject(rejected(at=NINE + number))
        kept = [event for event, _ in scene.events if event == "dead_letter"]
        assert len(kept) == 2 * STRANGERS_KEPT
