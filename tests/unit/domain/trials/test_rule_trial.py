import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.contracts.detections import read_detections
from pycturestream.domain.cameras.camera import Camera, Motion, Rule, Zone
from pycturestream.domain.frames.admission import Dropped, Place
from pycturestream.domain.pipeline.chain import CameraState
from pycturestream.domain.times import DAY_MS
from pycturestream.domain.trials import rule_trial
from pycturestream.domain.trials.rule_trial import (
    Background,
    Trial,
    lead_ms,
    new_masks,
    read_background,
)
from tests.builders import as_json
from tests.scenes import (
    LEFT_HALF,
    LIVE,
    NINE,
    NOBODY_HERE,
    CameraRun,
    empty,
    frame,
    guarded,
    person,
    restored,
    walk,
)

AWAY = Rule("camera-away", about="offline", clear_after_ms=5_000)
GUARDED = guarded(NOBODY_HERE, AWAY)


def log(scene):
    """Return the log of a scene: frames, and what happened to the camera."""
    records = [as_json(output) for output in scene.outputs]
    frames = [read_detections(record) for topic, record in records if topic == "detections"]
    events = [record for topic, record in records if topic == "camera-events"]
    return frames, read_background(events)


def tried(scene, camera=None, until=None):
    """Return each change of an alert by the rules of a camera, tried on the log of a scene."""
    frames, background = log(scene)
    trial = Trial(camera or scene.camera, background, LIVE)
    state, changes = CameraState(), []
    for found in frames:
        state, emitted = rule_trial.observe(state, trial, found)
        changes += emitted
    _, emitted = rule_trial.end(state, trial, until or scene.state.track.clock)
    return [*changes, *emitted]


def dropped(at, reason="stale"):
    return Dropped("gate", Place("frames", 0, 1), at, reason, at)


def states(changes):
    return [(change.alert.rule, change.state) for change in changes]


@st.composite
def histories(draw):
    """Return a scene in which people come, stay and go, and the camera is sometimes offline."""
    scene, at = CameraRun(GUARDED), NINE
    for _ in range(draw(st.integers(1, 12))):
        spot = draw(st.sampled_from([0.1, 0.4, 0.7]))
        many = draw(st.integers(1, 12))
        items = [person(spot)] if draw(st.booleans()) else []
        for _ in range(many):
            scene.see(frame([item.rounded() for item in items], at=at))
            at += draw(st.sampled_from([500, 1_000, 8_000]))
        if draw(st.booleans()):
            at += draw(st.sampled_from([14_000, 16_000, 40_000, 200_000]))
            scene.wait_until(at - 400)
    return scene


@given(histories())
def test_todays_rules_raise_on_the_log_what_the_job_raised(scene):
    assert tried(scene) == scene.alerts


def test_a_frame_that_is_in_the_log_twice_after_a_crash_is_judged_once():
    scene = CameraRun(GUARDED).see(*walk(0.1, 0.02, 10))
    frames, background = log(scene)
    (changes,) = rule_trial.run(
        [Trial(GUARDED, background, LIVE)], [*frames[:6], *frames[3:]], NINE + 5_000
    )
    assert states(changes) == [("nobody-here", "raised")]
    assert changes[0].alert.frame_id == scene.alerts[0].alert.frame_id


def test_a_trial_continues_from_stored_state():
    frames, background = log(CameraRun(GUARDED).see(*walk(0.1, 0.02, 10)))
    trial = Trial(GUARDED, background, LIVE)
    state, changes = CameraState(), []
    for found in frames:
        state, emitted = rule_trial.observe(restored(state), trial, found)
        changes += emitted
    assert states(changes) == [("nobody-here", "raised")]


def test_other_rules_are_tried_on_the_same_frames():
    scene = CameraRun(GUARDED).see(*walk(0.1, 0.02, 10))
    strict = guarded(Rule("sure", ("person",), min_score=0.9))
    loose = guarded(Rule("any", frames=1))
    frames, background = log(scene)
    trials = [Trial(camera, background, LIVE) for camera in (strict, loose)]
    none, one = rule_trial.run(trials, frames, NINE + 5_000)
    assert none == []
    assert states(one) == [("any", "raised")]


def test_a_gap_in_the_log_is_no_absence_of_the_camera():
    """Frames that were dropped leave no record, and the camera was there."""
    scene = CameraRun(GUARDED).see(frame(at=NINE))
    for second in range(1, 60):
        scene.drop(dropped(NINE + 1_000 * second))
    scene.see(frame(at=NINE + 60_000))
    assert tried(scene) == scene.alerts == []


def test_an_absence_in_the_log_counts():
    scene = CameraRun(GUARDED).see(frame(at=NINE))
    scene.drop(dropped(NINE + 9_000)).wait_until(NINE + 30_000).see(frame(at=NINE + 60_000))
    changes = tried(scene)
    assert changes == scene.alerts
    assert changes[0].at == NINE + 9_000 + 15_000


def test_a_camera_is_back_by_the_log_though_its_frame_was_dropped():
    scene = CameraRun(GUARDED).see(frame(at=NINE)).wait_until(NINE + 60_000)
    scene.drop(dropped(NINE + 60_000, "duplicate"))
    scene.see(*empty(4, at=NINE + 70_000, every_ms=5_000))
    assert [(change.state, change.at) for change in scene.alerts] == [
        ("raised", NINE + 15_000),
        ("cleared", NINE + 65_000),
    ]
    assert tried(scene) == scene.alerts


def test_a_camera_that_stays_offline_is_raised_before_the_trial_ends():
    scene = CameraRun(GUARDED).see(frame(at=NINE)).wait_until(NINE + 60_000)
    patient = guarded(replace(AWAY, for_ms=40_000))
    (change,) = tried(scene, patient, until=NINE + 60_000)
    assert (change.state, change.at) == ("raised", NINE + 40_000)


def test_an_alert_that_is_open_at_the_end_stays_open():
    scene = CameraRun(GUARDED).see(*walk(0.1, 0.02, 10))
    assert states(tried(scene, until=NINE + 600_000)) == [("nobody-here", "raised")]


def test_no_pictures_of_a_camera_that_motion_makes_send_clear_its_alerts():
    camera = guarded(motion=Motion("trigger"))
    scene = CameraRun(camera).see(*walk(0.1, 0.02, 10)).wait_until(NINE + 60_000)
    assert tried(scene) == scene.alerts
    assert states(scene.alerts) == [("nobody-here", "raised"), ("nobody-here", "cleared")]


def test_an_object_that_is_still_there_after_dropped_frames_is_not_new():
    scene = CameraRun(GUARDED).see(*walk(0.1, 0.02, 10))
    for second in range(6, 36):
        scene.drop(dropped(NINE + 1_000 * second))
    scene.see(*walk(0.7, 0.0, 10, at=NINE + 36_000)).wait_until(NINE + 41_000)
    assert states(scene.alerts) == [("nobody-here", "raised")]
    scene.wait_until(NINE + 54_000)
    scene.see(frame(at=NINE + 66_000)).wait_until(NINE + 125_000)  # all windows are closed
    assert states(tried(scene)) == states(scene.alerts)


def test_objects_behind_a_new_mask_are_ignored():
    mask = Zone("tree", LEFT_HALF.polygon)
    masked = replace(GUARDED, masks=(mask,))
    frames, background = log(CameraRun(GUARDED).see(*walk(0.2, 0.0, 10)))
    trial = Trial(masked, background, LIVE, new_masks(GUARDED, masked))
    assert rule_trial.run([trial], frames, NINE + 5_000) == [[]]


def test_a_mask_that_the_pictures_had_already_hides_nothing_more():
    mask = Zone("tree", LEFT_HALF.polygon)
    masked = replace(GUARDED, masks=(mask,))
    assert new_masks(masked, replace(masked, masks=(replace(mask, name="a tree"),))) == ()


@pytest.mark.parametrize(
    ("rule", "days"), [(NOBODY_HERE, 0), (Rule("quiet", about="unusually-quiet"), 15)]
)
def test_the_hourly_baseline_must_be_learned_before_a_trial_begins(rule, days):
    assert lead_ms([Camera("gate"), guarded(rule)]) // DAY_MS == days


def test_nothing_seen_is_nothing_raised():
    assert rule_trial.run([Trial(GUARDED, Background(), LIVE)], [], NINE) == [[]]


@given(histories(), st.data())
def test_explanations_agree_with_alerts(run, data):
    frames, background = log(run)
    number = data.draw(st.integers(1, len(frames)))
    trial = Trial(GUARDED, background, LIVE)
    scene, explained = rule_trial.explain(trial, frames[:number])
    judged = run.judged[number - 1]
    assert scene.seen == judged.seen
    assert {rule.rule for rule in explained} == {"nobody-here"}
    for threat in judged.threats:
        assert threat.alert_id in {rule.alert_id for rule in explained}


def test_an_explanation_names_the_condition_that_did_not_hold():
    frames, background = log(CameraRun(GUARDED).see(*walk(0.1, 0.02, 2)))
    _, (rule,) = rule_trial.explain(Trial(GUARDED, background, LIVE), frames)
    ((_, conditions),) = rule.objects.items()
    assert rule.alert_id is None
    assert [one.name for one in conditions if not one.held] == ["frames"]


def test_without_frames_there_is_nothing_to_explain():
    assert rule_trial.explain(Trial(GUARDED, Background(), LIVE), []) is None
