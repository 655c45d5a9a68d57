"""Cameras whose clocks are wrong, from their records to what is understood of them."""

from collections import Counter
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pycturestream.domain.frames.admission import (
    AdmissionContext,
    AdmissionLimits,
    Admitted,
    Arrival,
    Dropped,
    Place,
    admit,
)
from pycturestream.domain.pipeline.events import FrameDetections, ModelVersion
from pycturestream.domain.times import parse_rfc3339
from tests.builders import as_json
from tests.scenes import NINE, CameraRun, person
from tests.simulation.world import picture

TOLERANCE_MS = 5_000
STALE_AFTER_MS = 2_000
EVERY_MS = 500
HOUR_MS = 3_600_000
LIMITS = AdmissionLimits("live", STALE_AFTER_MS, TOLERANCE_MS, 100_000, 1_000_000, 32)
STILL = picture("gate", 0)

Clock = Callable[[int], int]
"""The time of a camera's clock at a true time."""
shifts = st.integers(2 * TOLERANCE_MS, 10**13) | st.integers(-(10**13), -2 * TOLERANCE_MS)
ages = st.integers(0, STALE_AFTER_MS - 100)
latencies = st.integers(0, 90)


def arrival(clock: Clock, at: int, *, age: int = 0, latency: int = 30, camera: bytes = b"gate"):
    """Return what arrives of a picture that was taken at `at` and sent `age` later."""
    sent_at = at + age
    return Arrival(
        Place("frames", 0, at - NINE + HOUR_MS),
        sent_at + latency,
        camera,
        STILL,
        b"%d" % clock(at),
        b"%d" % clock(sent_at),
    )


class Camera:
    """One camera from the first half of the job to the second, a frame at a time."""

    def __init__(self):
        self.scene = CameraRun()
        self.dropped = Counter()
        self.untrusted = set()

    def send(self, arrivals: Iterable[Arrival]) -> "Camera":
        for arrived in arrivals:
            context = AdmissionContext(untrusted_clocks=self.untrusted)
            (frame,) = admit([arrived], LIMITS, arrived.received_at, context)
            assert isinstance(frame, Admitted)
            self.untrusted = {"gate"} if frame.clock_corrected else set()
            model = ModelVersion("m", "1")
            found = FrameDetections(frame, "same", model, (person(),), frame.received_at)
            self.scene.see(found)
        return self

    @property
    def judged(self) -> list[int]:
        return [judged.found.frame.captured_at for judged in self.scene.judged]

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.scene.events]


def shots(number: int = 20) -> range:
    return range(NINE, NINE + number * EVERY_MS, EVERY_MS)


@given(shifts, ages, latencies)
@settings(max_examples=100, deadline=None)
def test_however_wrong_a_clock_is_the_time_is_that_of_a_right_one_as_the_broker_saw_it(
    shift, age, latency
):
    arrived = arrival(lambda at: at + shift, NINE, age=age, latency=latency)
    (frame,) = admit([arrived], LIMITS, arrived.received_at)
    assert (frame.captured_at, frame.clock_corrected) == (NINE + latency, True)
    assert frame.camera_captured_at == NINE + shift


@given(st.just(0) | shifts, st.integers(STALE_AFTER_MS, HOUR_MS), latencies)
@settings(max_examples=100, deadline=None)
def test_a_late_picture_stays_late_whatever_its_clock_shows(shift, age, latency):
    arrived = arrival(lambda at: at + shift, NINE, age=age, latency=latency)
    (outcome,) = admit([arrived], LIMITS, arrived.received_at + 1)
    assert outcome == Dropped(
        "gate", arrived.place, arrived.received_at, "stale", outcome.captured_at
    )


@given(shifts)
@settings(max_examples=100, deadline=None)
def test_one_wrong_clock_changes_nothing_for_another_camera(shift):
    wrong = arrival(lambda at: at + shift, NINE, camera=b"wrong")
    right = arrival(lambda at: at, NINE + 10)
    now = right.received_at
    assert admit([wrong, right], LIMITS, now)[1:] == admit([right], LIMITS, now)


@given(st.integers(-(10**13), 10**13).filter(lambda at: abs(at - NINE) > HOUR_MS))
@settings(max_examples=30, deadline=None)
def test_a_stopped_clock_before_a_still_scene_hides_no_picture(stuck_at):
    camera = Camera().send(arrival(lambda _: stuck_at, at) for at in shots())
    assert camera.judged == [at + 30 for at in shots()]
    assert camera.events == ["online", "clock_corrected"]


@pytest.mark.parametrize("jump_ms", [-HOUR_MS, HOUR_MS, -24 * HOUR_MS, 365 * 24 * HOUR_MS])
def test_a_clock_that_jumps_loses_no_picture_and_is_reported_once_each_way(jump_ms):
    def clock(at: int) -> int:
        return at + jump_ms if shots()[5] <= at < shots()[15] else at

    camera = Camera().send(arrival(clock, at) for at in shots())
    assert len(camera.judged) == 20
    assert camera.events == ["online", "clock_corrected", "clock_right"]


@given(st.integers(-2 * TOLERANCE_MS, 2 * TOLERANCE_MS))
@settings(max_examples=30, deadline=None)
def test_after_any_small_jump_pictures_are_soon_taken_again(jump_ms):
    def clock(at: int) -> int:
        return at + jump_ms if at >= shots(60)[20] else at

    camera = Camera().send(arrival(clock, at) for at in shots(60))
    assert len(camera.judged) >= 60 - TOLERANCE_MS // EVERY_MS - 1
    assert camera.judged[-1] > shots(60)[-1] - TOLERANCE_MS


@given(st.sampled_from([-0.1, -0.06, 0.06, 0.1]), st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_a_clock_that_drifts_out_of_the_tolerance_is_reported_once(drift, chance):
    def clock(at: int) -> int:
        return at + round((at - NINE) * drift)

    camera = Camera().send(arrival(clock, at, latency=chance.randrange(300)) for at in shots(200))
    assert len(camera.judged) >= 200 - TOLERANCE_MS // EVERY_MS - 1
    assert camera.events.count("clock_corrected") <= 1
    assert camera.events.count("clock_right") == 0


@given(st.integers(-(10**16), 10**16), st.none() | st.integers(-(10**16), 10**16))
@settings(max_examples=100, deadline=None)
def test_any_time_is_rejected_or_can_be_written_and_read_again(captured_at, sent_at):
    headers = (b"%d" % captured_at, None if sent_at is None else b"%d" % sent_at)
    arrived = Arrival(Place("frames", 0, 1), NINE, b"gate", STILL, *headers)
    (outcome,) = admit([arrived], LIMITS, NINE)
    if isinstance(outcome, Admitted):
        scene = CameraRun().see(FrameDetections(outcome, "d", ModelVersion("m", "1"), (), NINE))
        _, record = as_json(scene.judged[0])
        assert parse_rfc3339(record["camera_captured_at"]) == captured_at
        assert len(record["camera_captured_at"]) == len("2026-11-21T09:00:00.125Z")
    else:
        assert outcome.reason in {"bad-timestamp", "stale"}
