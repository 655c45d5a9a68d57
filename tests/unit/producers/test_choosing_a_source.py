from math import inf

import pytest

from producers.device import Device
from producers.pace import now
from producers.picture import SourceError
from producers.picture_folder import PictureFolder
from producers.single_picture import SinglePicture
from producers.source import SourceOptions, is_recorded, open_source
from producers.stream import Stream
from producers.video_file import VideoFile
from pycturestream.config.source_address import is_address


def test_a_number_is_a_device_at_the_default_rate():
    assert open_source("0", SourceOptions(default_fps=3, timeout_s=7)) == Device(0, 3, 7)


@pytest.mark.parametrize("url", ["rtsp://10.0.0.7/main", "RTSP://cam/1", "https://cam/video"])
def test_an_address_is_a_stream_at_the_requested_rate(url):
    assert open_source(url, SourceOptions(fps=5, timeout_s=7)) == Stream(url, 5, 7)


def test_a_rate_may_change_while_it_runs_and_then_be_the_default_again(make_video):
    rates = {"now": 5.0}
    options = SourceOptions(fps=lambda: rates["now"], default_fps=3)
    stream, video = open_source("rtsp://cam/1", options), open_source(str(make_video(1)), options)
    assert (now(stream.fps), now(video.fps)) == (5, 5)

    rates["now"] = None
    assert (now(stream.fps), now(video.fps)) == (3, inf)


def test_a_folder_is_a_folder_of_pictures(tmp_path):
    source = open_source(str(tmp_path), SourceOptions("replay", default_fps=2))

    assert source == PictureFolder(tmp_path, "replay", fps=2)


def test_a_file_is_a_video_at_its_own_rate(make_video):
    path = make_video(1)

    assert open_source(str(path), SourceOptions(loop=True)) == VideoFile(
        path, "live", None, loop=True
    )


@pytest.mark.parametrize("name", ["still.jpg", "STILL.JPEG"])
def test_a_file_of_one_picture_is_published_as_it_is(touch, name):
    path = touch(name, b"x")

    assert open_source(str(path), SourceOptions(default_fps=3)) == SinglePicture(path, "live", 3)


def test_a_relative_path_is_one_beside_the_file_that_names_it(make_video):
    path = make_video(1)

    assert open_source(path.name, SourceOptions(), folder=path.parent) == VideoFile(path, "live")


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"gone\.mp4: no such file or folder"):
        open_source(str(tmp_path / "gone.mp4"), SourceOptions())


@pytest.mark.parametrize(
    ("text", "recorded", "address"),
    [("0", False, False), ("rtsp://cam/1", False, True), ("clip.mp4", True, False)],
)
def test_only_files_and_folders_can_be_played_again(text, recorded, address):
    assert (is_recorded(text), is_address(text)) == (recorded, address)
