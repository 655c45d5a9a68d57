"""Cameras whose clocks are wrong, from their records to what is understood of them."""

from collections import Counter
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.domain.frames.admission import (
    AdmissionContext,
    AdmissionLimits,
    Admitted,
    Arrival,
    Dropped,
    Place,
    admit,
)
from pycturestream.domain.frames.clock_trust import RIGHT_FRAMES, UntrustedClocks
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
        self.untrusted = UntrustedClocks(TOLERANCE_MS)

    def send(self, arrivals: Iterable[Arrival]) -> "Camera":
        for arrived in arrivals:
            context = AdmissionContext(untrusted_clocks=self.untrusted)
            outcomes = admit([arrived], LIMITS, arrived.received_at, context)
            self.take(outcomes, arrived.received_at)
        return self

    def take(self, outcomes, now: int):
        (frame,) = outcomes
        assert isinstance(frame, Admitted)
        self.untrusted.judge(frame)
        found = FrameDetections(frame, "same", ModelVersion("m", "1"), (person(),), now)
        self.scene.see(found)

    @property
    def judged(self) -> list[int]:
        return [judged.found.frame.captured_at for judged in self.scene.judged]

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.scene.events]


def shots(number: int = 20) -> range:
    return range(NINE, NINE + number * EVERY_MS, EVERY_MS)


@given(shifts, ages, latencies)
def test_however_wrong_a_clock_is_the_time_is_that_of_a_right_one_as_the_broker_saw_it(
    shift, age, latency
):
    arrived = arrival(lambda at: at + shift, NINE, age=age, latency=latency)
    (frame,) = admit([arrived], LIMITS, arrived.received_at)
    assert (frame.captured_at, frame.clock_corrected) == (NINE + latency, True)
    assert frame.camera_captured_at == NINE + shift


@given(st.just(0) | shifts, st.integers(STALE_AFTER_MS, HOUR_MS), latencies)
def test_a_late_picture_stays_late_whatever_its_clock_shows(shift, age, latency):
    arrived = arrival(lambda at: at + shift, NINE, age=age, latency=latency)
    (outcome,) = admit([arrived], LIMITS, arrived.received_at + 1)
    assert outcome == Dropped(
        "gate", arrived.place, arrived.received_at, "stale", outcome.captured_at
    )


@given(shifts)
def test_one_wrong_clock_changes_nothing_for_another_camera(shift):
    wrong = arrival(lambda at: at + shift, NINE, camera=b"wrong")
    right = arrival(lambda at: at, NINE + 10)
    now = right.received_at
    assert admit([wrong, right], LIMITS, now)[1:] == admit([right], LIMITS, now)


class Broker:
    """A job that reads one camera's records, some of which a broker with a wrong clock stamped."""

    def __init__(self):
        self.camera = Camera()

    def send(self, steps: Callable[[int], int], clock: Clock = lambda at: at) -> Camera:
        """Send pictures at their time; the broker's clock is off by `steps` of it."""
        for at in shots():
            arrived = arrival(clock, at)
            now = arrived.received_at + 20
            stamped = replace(arrived, received_at=arrived.received_at + steps(at))
            context = AdmissionContext(untrusted_clocks=self.camera.untrusted)
            self.camera.take(admit([stamped], LIMITS, now, context), now)
        return self.camera


jumps = st.integers(TOLERANCE_MS + 100, 10**12)


@given(jumps)
def test_a_broker_whose_clock_is_ahead_for_one_picture_costs_no_picture(jump_ms):
    camera = Broker().send(lambda at: jump_ms if at == shots()[5] else 0)
    assert camera.judged == list(shots())
    assert camera.events == ["online"]


@given(jumps, st.sampled_from([lambda at: at, lambda at: at - 10 * HOUR_MS]))
def test_a_broker_whose_clock_goes_ahead_and_back_costs_no_picture(jump_ms, clock):
    camera = Broker().send(lambda at: jump_ms if at in shots()[5:15] else 0, clock)
    assert len(camera.judged) == 20
    assert sorted(camera.judged) == camera.judged


@given(jumps)
def test_a_broker_whose_clock_is_behind_costs_no_picture_of_a_camera_whose_clock_is_right(jump_ms):
    camera = Broker().send(lambda at: -jump_ms if at in shots()[5:15] else 0)
    assert camera.judged == list(shots())


@pytest.mark.parametrize("jitter", range(-200, 201, 50))
def test_a_broker_at_the_edge_of_the_tolerance_costs_no_picture(jitter):
    camera = Broker().send(lambda at: TOLERANCE_MS + (jitter if at % 1_000 else -jitter))
    assert camera.judged == list(shots())


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_nothing_later_than_now_and_the_tolerance_is_remembered(broker_off, camera_off):
    arrived = arrival(lambda at: at + camera_off, NINE)
    stamped = replace(arrived, received_at=NINE + broker_off)
    (outcome,) = admit([stamped], LIMITS, NINE)
    assert outcome.received_at <= NINE + TOLERANCE_MS
    assert getattr(outcome, "captured_at", 0) <= NINE + TOLERANCE_MS


def test_a_record_that_waited_is_stale_by_the_broker_s_clock():
    arrived = arrival(lambda at: at, NINE)
    (outcome,) = admit([arrived], LIMITS, NINE + HOUR_MS)
    assert (outcome.reason, outcome.received_at) == ("stale", arrived.received_at)


def test_a_replay_takes_the_broker_s_time_as_it_is():
    arrived = arrival(lambda at: at, NINE)
    (frame,) = admit([arrived], replace(LIMITS, mode="replay"), NINE - HOUR_MS)
    assert (frame.received_at, frame.captured_at) == (arrived.received_at, NINE)


@given(st.integers(-(10**13), 10**13).filter(lambda at: abs(at - NINE) > HOUR_MS))
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
def test_after_any_small_jump_pictures_are_soon_taken_again(jump_ms):
    def clock(at: int) -> int:
        return at + jump_ms if at >= shots(60)[20] else at

    camera = Camera().send(arrival(clock, at) for at in shots(60))
    assert len(camera.judged) >= 60 - TOLERANCE_MS // EVERY_MS - 1
    assert camera.judged[-1] > shots(60)[-1] - TOLERANCE_MS


@given(st.sampled_from([-0.1, -0.06, 0.06, 0.1]), st.randoms(use_true_random=False))
def test_a_clock_that_drifts_out_of_the_tolerance_is_reported_once(drift, chance):
    def clock(at: int) -> int:
        return at + round((at - NINE) * drift)

    camera = Camera().send(arrival(clock, at, latency=chance.randrange(300)) for at in shots(200))
    assert len(camera.judged) >= 200 - TOLERANCE_MS // EVERY_MS - 1
    assert camera.events.count("clock_corrected") <= 1
    assert camera.events.count("clock_right") == 0


@given(st.integers(-(10**16), 10**16), st.none() | st.integers(-(10**16), 10**16))
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


# --- what was found is unlearned ---------------------------------------------------------------

off_by = st.integers(-TOLERANCE_MS + 200, TOLERANCE_MS - 200)
far_off = st.integers(3 * TOLERANCE_MS, 10**12) | st.integers(-(10**12), -3 * TOLERANCE_MS)


@given(off_by, far_off, st.integers(0, 59))
def test_one_time_far_off_costs_a_clock_no_trust(off, outlier, position):
    wrong = shots(60)[position]

    def clock(at: int) -> int:
        return at + (outlier if at == wrong else off)

    camera = Camera().send(arrival(clock, at, latency=0) for at in shots(60))

    # The wrong one was taken when it arrived: of a clock that is behind, later than the next ones.
    assert len(camera.judged) >= 60 - 1 - max(0, -off) // EVERY_MS
    assert "gate" not in camera.untrusted
    assert camera.events.count("clock_corrected") <= 1


@given(st.integers(-2 * TOLERANCE_MS, 2 * TOLERANCE_MS), st.integers(0, 9))
def test_a_clock_is_trusted_again_after_any_time_that_was_wrong(outlier, position):
    wrong = shots(60)[position]

    def clock(at: int) -> int:
        return at + (outlier if at == wrong else 3_000)

    camera = Camera().send(arrival(clock, at) for at in shots(60))

    assert "gate" not in camera.untrusted
    assert camera.events[-1] in {"online", "clock_right"}
    assert len(camera.judged) >= 60 - 2 * TOLERANCE_MS // EVERY_MS
    assert camera.judged[-1] == shots(60)[-1] + 3_000


def test_a_clock_that_was_set_is_not_trusted_until_it_is_right_for_a_while():
    clocks = UntrustedClocks(TOLERANCE_MS)

    def judge(off: int) -> bool:
        arrived = arrival(lambda at: at + off, NINE, latency=0)
        context = AdmissionContext(untrusted_clocks=clocks)
        (frame,) = admit([arrived], LIMITS, NINE, context)
        clocks.judge(frame)
        return "gate" not in clocks

    assert [judge(HOUR_MS), judge(HOUR_MS)] == [True, False]
    assert [judge(3_000) for _ in range(RIGHT_FRAMES)] == [False] * (RIGHT_FRAMES - 1) + [True]
    assert [judge(TOLERANCE_MS + 100), judge(100)] == [False, True]
