import pytest
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera, Motion
from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.frames.admission import Dropped, Place, Rejected
from tests.scenes import (
    LEFT_HALF,
    LIVE,
    NINE,
    REPLAY,
    CameraRun,
    empty,
    frame,
    guarded,
    person,
    restored,
    trembling,
    walk,
)

GUARDED = guarded()


def dropped(reason="stale", at=NINE):
    return Dropped("gate", Place("frames", 0, 1), at, reason, at)


def rejected(camera_id="gate", at=NINE):
    return Rejected(camera_id, Place("frames", 2, 9), at, "truncated", "too short", 12, "ab")


def accounts(scene):
    """Return received, processed, dropped and dead letters over all windows, newest revision."""
    windows = {event.window.start: event.window for event in scene.windows}
    return (
        sum(window.received for window in windows.values()),
        sum(window.processed for window in windows.values()),
        sum(sum(window.dropped.values()) for window in windows.values()),
        sum(sum(window.dead_letters.values()) for window in windows.values()),
    )


class TestRepeatedAndDisorderedFrames:
    @pytest.mark.parametrize("limits", [LIVE, REPLAY])
    def test_a_duplicate_is_dropped(self, limits):
        scene = CameraRun(limits=limits).see(frame(), frame()).finish()
        assert len(scene.judged) == 1
        assert scene.windows[-1].window.dropped == {"duplicate": 1}

    def test_the_same_raw_time_with_other_bytes_is_no_duplicate(self):
        stuck = [
            frame(at=NINE + n * 500, camera_at=12, digest=f"{n}", received_at=NINE + n * 500)
            for n in range(3)
        ]
        assert len(CameraRun().see(*stuck).judged) == 3

    def test_a_frame_out_of_order_is_dropped_in_live_mode(self):
        scene = CameraRun().see(frame(at=NINE + 500), frame(at=NINE)).finish()
        assert [judged.found.frame.captured_at for judged in scene.judged] == [NINE + 500]
        assert scene.windows[-1].window.dropped == {"out-of-order": 1}

    def test_a_frame_out_of_order_is_recorded_in_a_replay_and_changes_no_track(self):
        scene = CameraRun(limits=REPLAY).see(
            frame([person(0.2)], at=NINE),
            frame([person(0.24)], at=NINE + 1_000),
            frame([person(0.22)], at=NINE + 500),
            frame([person(0.28)], at=NINE + 1_500),
        )
        tracks = [judged.seen[0].track_id for judged in scene.judged]
        assert tracks[0] == tracks[1] == tracks[3] != tracks[2]

    def test_a_history_that_was_published_twice_is_taken_once(self):
        frames = list(walk(0.05, 0.004, 200))
        scene = CameraRun(GUARDED, REPLAY).see(*frames, *frames).finish()
        assert len(scene.judged) == 200
        assert accounts(scene) == (400, 200, 200, 0)


class TestPresence:
    def test_a_camera_is_reported_online_once(self):
        assert CameraRun().see(*empty(5, at=NINE)).events == [("online", NINE)]

    def test_a_camera_without_pictures_is_reported_offline_once(self):
        scene = CameraRun().see(frame()).wait_until(NINE + 14_999)
        assert scene.events == [("online", NINE)]
        scene.wait_until(NINE + 15_000).wait_until(NINE + 99_000)
        assert scene.events == [("online", NINE), ("offline", NINE + 15_000)]

    def test_a_camera_that_comes_back_is_reported_online_again(self):
        scene = CameraRun().see(frame(), frame(at=NINE + 60_000))
        assert [event for event, _ in scene.events] == ["online", "offline", "online"]

    def test_a_camera_that_sends_only_on_motion_is_never_reported_offline(self):
        camera = guarded(motion=Motion("trigger"))
        scene = CameraRun(camera).see(*walk(0.2, 0.0, 4)).wait_until(NINE + 60_000)
        assert not scene.events
        assert [change.state for change in scene.alerts] == ["raised", "cleared"]

    def test_an_unknown_camera_is_never_online(self):
        scene = CameraRun()
        scene.reject(replace(rejected(), reason="unknown-camera"))
        assert [event for event, _ in scene.events] == ["dead_letter"]

    def test_a_dropped_frame_is_a_sign_of_life(self):
        scene = CameraRun()
        scene.drop(dropped())
        assert scene.events == [("online", NINE)]

    def test_a_wrong_clock_is_reported_when_it_begins_and_ends(self):
        wrong = [frame(at=NINE + n * 500, camera_at=NINE + n * 500 - 9_000) for n in range(3)]
        scene = CameraRun().see(*wrong, frame(at=NINE + 5_000))
        assert [event for event, _ in scene.events] == ["online", "clock_corrected", "clock_right"]
        assert scene.of(CameraEvent)[1].detail == "off by -9.0 s"


class TestFrameAccounts:
    def test_every_record_is_entered_once(self):
        scene = CameraRun().see(*empty(5, at=NINE), frame(at=NINE))
        for reason in ("stale", "superseded", "stale"):
            scene.drop(dropped(reason))
        scene.reject(rejected())
        scene.finish()
        assert accounts(scene) == (10, 5, 4, 1)
        assert scene.windows[-1].window.dropped == {"stale": 2, "superseded": 1, "duplicate": 1}

    def test_a_window_is_the_minute_of_arrival(self):
        scene = CameraRun().see(
            frame(at=NINE, received_at=NINE + 59_000),
            frame(at=NINE + 500, received_at=NINE + 60_000),
        )
        scene.finish()
        assert {event.window.start: event.window.received for event in scene.windows} == {
            NINE: 1,
            NINE + 60_000: 1,
        }

    def test_records_that_are_read_after_a_pause_still_belong_to_their_window(self):
        early = [frame(at=NINE + n * 500, received_at=NINE + n * 500) for n in range(40)]
        late = [
            frame(at=NINE + 20_000 + n * 500, received_at=NINE + 20_000 + n * 500)
            for n in range(20)
        ]
        scene = CameraRun().see(*early).wait_until(NINE + 600_000).see(*late).finish()
        assert accounts(scene)[0] == 60

    def test_a_dead_letter_is_reported_with_where_it_lies(self):
        scene = CameraRun()
        scene.reject(rejected())
        detail = scene.of(CameraEvent)[-1].detail
        assert "truncated: too short; 12 bytes, sha256 ab, frames[2]@9" in detail


class TestTime:
    def test_time_never_runs_back(self):
        scene = CameraRun(GUARDED).see(*walk(0.1, 0.02, 4)).wait_until(NINE + 90_000)
        before = scene.state
        scene.wait_until(NINE)
        assert scene.state == before

    def test_the_deadline_is_when_something_happens_and_not_before(self):
        scene = CameraRun(GUARDED).see(*walk(0.1, 0.02, 4))
        deadlines = []
        while (deadline := scene.deadline()) is not None:
            quiet = len(scene.outputs)
            scene.wait_until(deadline - 1)
            assert len(scene.outputs) == quiet
            scene.wait_until(deadline)
            assert len(scene.outputs) > quiet
            deadlines.append(deadline)
        assert [event for event, _ in scene.events] == ["online", "offline"]
        assert [change.state for change in scene.alerts] == ["raised", "cleared"]
        assert len(scene.counts) == 1
        assert accounts(scene)[0] == 4

    def test_the_end_of_a_replay_leaves_nothing_open(self):
        scene = CameraRun(GUARDED, REPLAY).see(*walk(0.1, 0.02, 4)).finish()
        assert scene.deadline() is None
        assert [change.state for change in scene.alerts] == ["raised", "cleared"]
        assert accounts(scene) == (4, 4, 0, 0)


class TestPlaces:
    ZONED = Camera("gate", zones=(LEFT_HALF,))

    def test_an_object_that_trembles_out_of_a_zone_stays_in_it_and_keeps_its_dwell_time(self):
        scene = CameraRun(self.ZONED).see(*trembling(0.5, 3))
        # The bottom center is at .504, .496, .504: the first is near the zone, but not in it.
        assert [judged.seen[0].zones for judged in scene.judged] == [
            (),
            ("left-half",),
            ("left-half",),
        ]
        assert scene.judged[-1].seen[0].dwell_ms == {"left-half": 500}

    def test_a_late_frame_is_placed_in_zones_by_itself(self):
        late = frame([person(0.1)], at=NINE + 250)
        scene = CameraRun(self.ZONED, REPLAY).see(*walk(0.6, 0.02, 3), late)
        assert [dict(item.dwell_ms) for item in scene.judged[-1].seen] == [{"left-half": 0}]


def test_a_history_continues_from_its_encoded_state_at_any_point():
    frames = [
        *walk(0.05, 0.03, 25),
        *empty(40, at=NINE + 12_500),
        *walk(0.9, -0.03, 70, at=NINE + 33_000),
    ]
    undisturbed = CameraRun(GUARDED, REPLAY).see(*frames).finish()
    interrupted = CameraRun(GUARDED, REPLAY)
    for found in frames:
        interrupted.state = restored(interrupted.state)
        interrupted.see(found)
    assert interrupted.finish().outputs == undisturbed.outputs


def test_new_settings_apply_from_the_next_frame_on():
    scene = CameraRun(Camera("gate", warm_up_ms=0)).see(*walk(0.1, 0.02, 4))
    assert not scene.alerts
    scene.camera = replace(GUARDED, revision=1)
    scene.see(*walk(0.18, 0.02, 4, at=NINE + 2_000))
    assert [change.state for change in scene.alerts] == ["raised"]
