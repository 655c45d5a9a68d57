from collections import Counter, defaultdict
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.load import Load, Schedule, encode_pictures
from producers.picture import Picture, Skipped, SourceError
from producers.publish_accounting import PublishAccount
from producers.video_file import VideoFile
from pycturestream.config.settings import Settings

RATES = st.sampled_from([0.5, 1, 2, 7.5, 29.97])


class FakePublisher:
    """Accepts frames as a publisher does; each may take some time."""

    def __init__(self, clock, seconds_a_frame=0.0):
        self.frames = []
        self._clock = clock
        self._seconds_a_frame = seconds_a_frame

    def open_account(self):
        return PublishAccount(open_limit=1)

    def publish(self, frame, account):
        self.frames.append((self._clock.now(), frame))
        self._clock.elapsed += self._seconds_a_frame
        account.begin(timeout_s=0)
        account.deliver(frame.captured_at)


@given(st.integers(1, 20), RATES, st.integers(1, 5), st.integers(0, 9))
def test_each_camera_has_its_rate_exactly_and_an_even_beat(cameras, fps, seconds, seed):
    moments = defaultdict(list)
    for due in Schedule(cameras, fps, seconds, seed).frames():
        moments[due.camera].append(due.at)
        assert due.number == len(moments[due.camera]) - 1

    for times in moments.values():
        assert 0 <= times[0] < 1 / fps
        assert [later - earlier for earlier, later in pairwise(times)] == pytest.approx(
            [1 / fps] * (len(times) - 1)
        )
        assert abs(len(times) - seconds * fps) < 1


@given(st.integers(1, 20), RATES)
def test_frames_come_in_the_order_of_their_time(cameras, fps):
    times = [due.at for due in islice(Schedule(cameras, fps).frames(), 100)]

    assert times == sorted(times)


def test_a_seed_gives_the_same_moments_each_time_and_another_seed_others():
    first, again, other = (list(Schedule(8, 2, 3, seed).frames()) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_a_frame_is_sent_when_it_is_due_and_carries_that_time(clock):
    publisher = FakePublisher(clock)
    load = Load(Schedule(2, 4, 3), [b"picture"], publisher, "load")

    load.run(clock)

    assert Counter(frame.camera_id for _, frame in publisher.frames) == {
        "load-01": 12,
        "load-02": 12,
    }
    for sent_at, frame in publisher.frames:
        assert frame.mode == "live"
        assert 0 <= sent_at - frame.captured_at <= 1
    assert load.report().lag_ms() == {"p50": 0, "p99": 0, "max": 0}


def test_a_sender_that_falls_behind_makes_frames_older_and_leaves_none_out(clock):
    publisher = FakePublisher(clock, seconds_a_frame=0.5)
    load = Load(Schedule(1, 4, 2), [b"picture"], publisher, "load")

    load.run(clock)

    report = load.report()
    captured = [frame.captured_at for _, frame in publisher.frames]
    assert [later - earlier for earlier, later in pairwise(captured)] == [250] * 7
    assert [sent - frame.captured_at for sent, frame in publisher.frames] == pytest.approx(
        [250 * number for number in range(8)], abs=1
    )
    assert report.lag_ms()["max"] == pytest.approx(1750, abs=1)
    assert (report.sent, report.total.published, report.total.dropped) == (8, 8, {})


def test_cameras_begin_at_different_pictures(clock):
    publisher = FakePublisher(clock)
    jpegs = [b"0", b"1", b"2", b"3"]

    Load(Schedule(2, 1, 4), jpegs, publisher, "load").run(clock)

    shown = defaultdict(list)
    for _, frame in publisher.frames:
        shown[frame.camera_id].append(frame.jpeg)
    assert shown == {"load-01": [b"0", b"1", b"2", b"3"], "load-02": [b"2", b"3", b"0", b"1"]}


def test_a_load_ends_early_when_the_clock_stops(clock):
    class Stopper(FakePublisher):
        def publish(self, frame, account):
            super().publish(frame, account)
            clock.stopped = len(self.frames) == 3

    publisher = Stopper(clock)
    load = Load(Schedule(1, 1), [b"picture"], publisher, "load")

    load.run(clock)

    assert load.report().sent == 3


def test_a_load_that_sent_nothing_can_be_reported(clock):
    report = Load(Schedule(1, 1), [b"picture"], FakePublisher(clock), "load").report()

    assert (report.sent, report.rate, report.lag_ms()["max"]) == (0, 0, 0)


# --- pictures ---------------------------------------------------------------------------------


class Items:
    def __init__(self, *items):
        self._items = items

    def pictures(self, _clock):
        yield from self._items


def test_pictures_are_encoded_once_and_within_the_budget(clock, make_video):
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    limits = Settings(frame_byte_budget=50_000)

    jpegs = encode_pictures(Items(*[Picture(noise, 0, "x")] * 9), limits, clock, number=4)
    video_jpegs = encode_pictures(VideoFile(Path(make_video(7)), "replay"), limits, clock)

    assert len(jpegs) == 4
    assert max(map(len, jpegs)) <= 50_000
    assert len(video_jpegs) == 7


@pytest.mark.parametrize("items", [(), (Skipped("bad-name", "x"),)])
def test_a_source_without_pictures_is_an_error(clock, items):
    with pytest.raises(SourceError, match="holds no picture"):
        encode_pictures(Items(*items), Settings(), clock)


def test_a_picture_that_can_not_be_made_to_fit_is_an_error(clock):
    broken = Picture(bytes(3_000_000), 0, "x")

    with pytest.raises(SourceError, match="too large"):
        encode_pictures(Items(broken), Settings(), clock)
