"""A network camera that sends more pixels than are allowed: refused before memory is taken."""

import threading
from contextlib import contextmanager

import psutil
import pytest

from producers.picture import SourceError
from producers.stream import Stream
from producers.video import file_address, open_video
from producers.video_file import VideoFile
from pycturestream.clock import SystemClock
from tests import jpegs
from tests.http_camera import http_camera, part

SMALL, HUGE = jpegs.photo(64, 48), jpegs.encoded(12_000, 12_000, channels=1)
"""Of 3,000 and of 144 million pixels; for these a decoder takes 144 MB, and OpenCV 432 more."""
MEGABYTE = 1_000_000


def camera(*pictures, repeats=20):
    """Serve a stream of JPEGs, the last one `repeats` times more, and yield its address."""
    return http_camera([part(jpeg) for jpeg in (*pictures, *(pictures[-1:] * repeats))])


@contextmanager
def largest_memory():
    """Watch the child processes, and yield a list whose item is the most that one of them took."""
    found, stop = [0], threading.Event()

    def watch():
        while not stop.wait(0.01):
            for child in psutil.Process().children(recursive=True):
                try:
                    found[0] = max(found[0], child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    thread = threading.Thread(target=watch)
    thread.start()
    yield found
    stop.set()
    thread.join()


def test_a_camera_of_too_many_pixels_is_refused_with_its_size():
    with camera(HUGE) as address, largest_memory() as taken:
        pictures = Stream(address, fps=100, timeout_s=60).pictures(SystemClock())
        with pytest.raises(
            SourceError, match=r"^http://[0-9.:]+: 12000x12000, allowed 40000000 pixels$"
        ):
            next(pictures)
    assert taken[0] < 200 * MEGABYTE


def test_a_camera_that_grows_breaks_off_before_memory_is_taken():
    with camera(*[SMALL] * 50, HUGE) as address, largest_memory() as taken:
        pictures = Stream(address, fps=1000, timeout_s=60).pictures(SystemClock())
        assert next(pictures).content.shape == (48, 64, 3)
        with pytest.raises(SourceError, match="broke off"):
            list(pictures)
    assert taken[0] < 200 * MEGABYTE


def test_a_camera_may_change_between_usual_sizes():
    large = [jpegs.photo(1280, 720)] * 3
    with camera(*[SMALL] * 20, *large, SMALL, repeats=5_000) as address:
        pictures = Stream(address, fps=1000, timeout_s=60).pictures(SystemClock())
        assert sum(1 for _, picture in zip(range(60), pictures, strict=False) if picture) == 60
        pictures.close()


def test_the_limit_is_that_of_the_settings(make_video):
    path = make_video(3)
    with (
        pytest.raises(SourceError, match=r"clip\.avi: 64x48, allowed 3000 pixels"),
        open_video(file_address(str(path)), "clip.avi", pixel_limit=3_000),
    ):
        pass
    file = VideoFile(path, "replay", pixel_limit=3_000)
    with pytest.raises(SourceError, match="64x48, allowed 3000 pixels"):
        next(file.pictures(SystemClock()))
