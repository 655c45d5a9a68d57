import numpy as np
import pytest

from producers.device import Device
from producers.newest_picture import newest_pictures
from producers.picture import Picture, SourceError


class FakeCamera:
    """Gives a picture at each of its moments; those that are not waited for are lost."""

    def __init__(self, clock, moments):
        self.clock = clock
        self.moments = list(moments)

    def newest(self):
        self.moments = [moment for moment in self.moments if moment >= self.clock.elapsed]
        if not self.moments:
            return None
        self.clock.elapsed = self.moments.pop(0)
        return Picture(np.zeros((48, 64, 3), np.uint8), self.clock.now(), "cam")


def test_a_fast_camera_gives_pictures_at_the_requested_rate(clock):
    pictures = list(newest_pictures(FakeCamera(clock, [i / 30 for i in range(300)]), 2, clock))

    assert len(pictures) == pytest.approx(20, abs=1)


def test_a_camera_asked_for_its_own_rate_loses_nothing_to_unsteadiness(clock):
    unsteady = [i / 10 + (0.03 if i % 2 else 0) for i in range(100)]

    assert len(list(newest_pictures(FakeCamera(clock, unsteady), 10, clock))) == 100


def test_a_rate_that_changes_is_followed_at_once(clock):
    camera = FakeCamera(clock, [i / 10 for i in range(100)])
    wanted = {3.0: 0.1, 5.0: 5}

    def rate():
        return next((fps for until, fps in wanted.items() if clock.elapsed < until), 1)

    begin = clock.now()
    times = [picture.captured_at - begin for picture in newest_pictures(camera, rate, clock)]

    assert [at for at in times if at < 3000] == [0]
    assert 3000 <= times[1] <= 3300
    assert len([at for at in times if 3000 <= at < 5000]) == pytest.approx(10, abs=1)
    assert len([at for at in times if at >= 5000]) == pytest.approx(5, abs=1)


def test_after_a_pause_no_pictures_are_made_up(clock):
    moments = [0, 0.5, 1, 10, 10.1, 10.2, 10.3, 10.5, 11]

    pictures = list(newest_pictures(FakeCamera(clock, moments), 2, clock))

    begin = clock.now() - round(1000 * clock.elapsed)
    times = [picture.captured_at - begin for picture in pictures]
    assert times[:4] == [0, 500, 1000, 10_000]
    assert len(times) <= 6


def test_no_picture_comes_once_the_clock_has_stopped(clock):
    camera = FakeCamera(clock, [0, 1, 2, 3])
    pictures = newest_pictures(camera, 1, clock)
    next(pictures)
    clock.stopped = True

    assert list(pictures) == []


def test_a_device_that_is_not_there_is_named(clock):
    with pytest.raises(SourceError, match=r"^device 97: can't be opened$"):
        next(Device(97, fps=2, timeout_s=60).pictures(clock))
