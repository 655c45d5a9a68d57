"""The operator `understand`, with state and timers that a test can inspect."""

import json
from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from pyflink.common import Row

from pycturestream.contracts.cameras import encode_camera
from pycturestream.contracts.codec import DeadLetter, encode_outcome
from tests.scenes import LIVE, NINE, REPLAY, frame, guarded, person
from tests.unit.domain.pipeline.test_step import dropped, rejected
from udfs import understand_scenes
from udfs.understand_scenes import END_OF_TIME, UnderstandScenes

GUARDED = guarded(revision=5)


class Counters:
    """A fake for Flink's metric group."""

    def __init__(self, counted=None, prefix=""):
        self.counted, self.prefix = {} if counted is None else counted, prefix

    def counter(self, name):
        key = self.prefix + name
        return SimpleNamespace(inc=lambda: self.counted.update({key: self.counted.get(key, 0) + 1}))

    def distribution(self, name):
        return SimpleNamespace(update=lambda value: self.counted.setdefault(name, []).append(value))

    def add_group(self, key, value):
        return Counters(self.counted, f"{key}={value}:")


class Flink:
    """A fake runtime: one key, its state, its timers and the broadcast state."""

    def __init__(self):
        self.states, self.cameras, self.timers, self.metrics = {}, {}, {}, Counters()

    def get_state(self, descriptor):
        name = descriptor.name
        return SimpleNamespace(
            value=lambda: self.states.get(name),
            update=lambda value: self.states.update({name: value}),
            clear=lambda: self.states.pop(name, None),
        )

    def get_metrics_group(self):
        return self.metrics

    def get_current_key(self):
        return "gate"

    def get_broadcast_state(self, _descriptor):
        return SimpleNamespace(get=self.cameras.get, put=self.cameras.__setitem__)

    def timer_service(self):
        return SimpleNamespace(
            register_event_time_timer=lambda at: self.timers.update(event=at),
            register_processing_time_timer=lambda at: self.timers.update(processing=at),
        )


@pytest.fixture
def clock(monkeypatch):
    """A clock that is stopped unless a test advances it."""
    fake = SimpleNamespace(now=NINE)
    monkeypatch.setattr(understand_scenes, "_now", lambda: fake.now)
    return fake


def opened(flink, limits=LIVE, cameras=None):
    function = UnderstandScenes(limits, "live", 600_000, cameras or {})
    function.open(flink)
    return function


def process(function, flink, outcome):
    return list(function.process_element(Row(encode_outcome(outcome)), flink))


def walk_in(function, flink, clock, frames=3):
    rows = []
    for _ in range(frames):
        clock.now += 500
        rows += process(function, flink, frame([person()], at=clock.now))
    return rows


def records_of(rows, topic):
    return [json.loads(row[2]) for row in rows if row[0] == topic]


def test_results_are_addressed_to_their_topic_and_keyed_by_camera(clock):
    flink = Flink()
    rows = walk_in(opened(flink, cameras={"gate": encode_camera(GUARDED)}), flink, clock)
    assert {row[0] for row in rows} == {"detections", "alerts", "narrations", "camera-events"}
    assert {row[1] for row in rows} == {b"gate"}
    assert flink.metrics.counted["frames_processed"] == 3


def test_state_survives_the_worker(clock):
    flink, settings = Flink(), {"gate": encode_camera(GUARDED)}
    walk_in(opened(flink, cameras=settings), flink, clock, frames=2)
    rows = walk_in(opened(flink, cameras=settings), flink, clock, frames=4)
    assert [alert["state"] for alert in records_of(rows, "alerts")] == ["raised"]


def test_a_dead_letter_keeps_its_bytes_and_its_reason():
    flink = Flink()
    letter, *_ = process(opened(flink), flink, DeadLetter(rejected(), b"gate", b"bytes"))
    assert (letter[0], letter[1], letter[2]) == ("frames.dead-letter", b"gate", b"bytes")
    assert letter[3]["reason"] == b"truncated"
    assert (letter[3]["partition"], letter[3]["offset"]) == (b"2", b"9")
    assert flink.metrics.counted["frames_refused"] == 1


def test_drops_are_counted_by_reason_whichever_operator_decides_them(clock):
    flink = Flink()
    function = opened(flink)
    again = frame([person()], at=clock.now)
    for outcome in (dropped("stale"), dropped("stale"), again, again):
        process(function, flink, outcome)
    assert flink.metrics.counted["reason=stale:frames_dropped"] == 2
    assert flink.metrics.counted["reason=duplicate:frames_dropped"] == 1


class TestSettings:
    def publish_settings(self, function, flink, camera):
        value = camera if isinstance(camera, bytes | None) else encode_camera(camera)
        list(function.process_broadcast_element(Row(b"gate", value), flink))

    def alerts(self, function, flink, clock):
        return records_of(walk_in(function, flink, clock), "alerts")

    def test_broadcast_settings_apply(self, clock):
        flink = Flink()
        function = opened(flink)
        self.publish_settings(function, flink, GUARDED)
        assert self.alerts(function, flink, clock)

    def test_an_older_revision_never_replaces_a_newer_one(self, clock):
        flink = Flink()
        function = opened(flink, cameras={"gate": encode_camera(GUARDED)})
        self.publish_settings(function, flink, replace(GUARDED, rules=(), revision=4))
        assert self.alerts(function, flink, clock)

    def test_a_removed_camera_has_no_rules(self, clock):
        flink = Flink()
        function = opened(flink, cameras={"gate": encode_camera(GUARDED)})
        self.publish_settings(function, flink, None)
        assert not self.alerts(function, flink, clock)

    def test_settings_that_can_not_be_read_change_nothing(self, clock):
        flink = Flink()
        function = opened(flink, cameras={"gate": encode_camera(GUARDED)})
        self.publish_settings(function, flink, b"{")
        assert self.alerts(function, flink, clock)


class TestOffline:
    def fire(self, function, flink):
        at = flink.timers["processing"]
        return list(function.on_timer(at, flink))

    def test_a_camera_without_pictures_is_reported_offline(self, clock):
        flink = Flink()
        function = opened(flink)
        walk_in(function, flink, clock)
        rows = []
        while not rows:
            clock.now = flink.timers["processing"]
            rows = self.fire(function, flink)
        assert [event["event"] for event in records_of(rows, "camera-events")] == ["offline"]
        assert clock.now == NINE + 1_500 + LIVE.offline_after_ms

    def test_time_goes_on_until_everything_is_emitted(self, clock):
        flink = Flink()
        function = opened(flink)
        rows = walk_in(function, flink, clock)
        while "timer" in flink.states:
            clock.now = flink.timers["processing"]
            rows += self.fire(function, flink)
        assert [event["event"] for event in records_of(rows, "camera-events")][-1] == "frames"
        assert len(records_of(rows, "counts")) >= 1

    def test_a_job_that_paused_does_not_report_the_camera_offline(self, clock):
        flink = Flink()
        function = opened(flink)
        walk_in(function, flink, clock)
        clock.now = flink.timers["processing"] + 60_000
        assert not self.fire(function, flink)
        assert flink.timers["processing"] > clock.now

    def test_a_new_worker_waits_for_its_model_before_it_marks_cameras_offline(self, clock):
        flink = Flink()
        walk_in(opened(flink), flink, clock)
        clock.now = flink.timers["processing"]
        assert not self.fire(opened(flink), flink)


def test_a_replay_ends_by_its_end_and_not_by_the_clock(clock):
    flink = Flink()
    function = opened(flink, REPLAY)
    walk_in(function, flink, clock)
    assert flink.timers == {"event": END_OF_TIME}
    rows = list(function.on_timer(END_OF_TIME, flink))
    assert {row[0] for row in rows} == {"counts", "camera-events"}
