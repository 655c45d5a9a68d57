import numpy as np
import pytest

from producers.device import Device
from producers.picture import SourceError
from producers.video_capture import watch


class FakeCamera:
    """Gives a picture at each of its moments; a grab waits for the next one."""

    def __init__(self, clock, moments):
        self.clock = clock
        self.moments = list(moments)
        self.converted = 0

    def grab(self):
        if not self.moments:
            return False
        self.clock.elapsed = self.moments.pop(0)
        return True

    def retrieve(self):
        self.converted += 1
        return np.zeros((48, 64, 3), np.uint8)


def test_a_fast_camera_is_seen_at_the_asked_rate_and_the_rest_is_not_converted(clock):
    camera = FakeCamera(clock, [i / 30 for i in range(300)])

    pictures = list(watch(camera, 2, clock, "cam"))

    assert len(pictures) == pytest.approx(20, abs=1)
    assert camera.converted == len(pictures)
    assert camera.moments == []


def test_a_camera_asked_for_its_own_rate_loses_nothing_to_unsteadiness(clock):
    unsteady = [i / 10 + (0.03 if i % 2 else 0) for i in range(100)]

    assert len(list(watch(FakeCamera(clock, unsteady), 10, clock, "cam"))) == 100


def test_after_a_pause_no_pictures_are_made_up(clock):
    moments = [0, 0.5, 1, 10, 10.1, 10.2, 10.3, 10.5, 11]

    pictures = list(watch(FakeCamera(clock, moments), 2, clock, "cam"))

    begin = clock.now() - round(1000 * clock.elapsed)
    times = [picture.captured_at - begin for picture in pictures]
    assert times[:4] == [0, 500, 1000, 10_000]
    assert len(times) <= 6


def test_the_end_of_the_day_ends_the_watch(clock):
    camera = FakeCamera(clock, [0, 1, 2, 3])
    pictures = watch(camera, 1, clock, "cam")
    next(pictures)
    clock.stopped = True

    assert list(pictures) == []


def test_a_device_that_is_not_there_is_named(clock):
    with pytest.raises(SourceError, match=r"^device 97: can't be opened$"):
        next(Device(97, fps=2).pictures(clock))
