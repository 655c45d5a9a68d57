import os
from itertools import islice

import pytest

from producers.picture import SourceError
from producers.video_file import VideoFile

START = 1_700_000_000_000


def numbers(pictures):
    """Return the indexes of these pictures in the recording."""
    return [round(float(picture.content.mean()) / 10) for picture in pictures]


def test_a_replay_has_the_times_of_the_recording(make_video, clock):
    file = VideoFile(make_video(5, fps=10), "replay", start=START)

    pictures = list(file.pictures(clock))

    assert numbers(pictures) == [0, 1, 2, 3, 4]
    assert [picture.captured_at - START for picture in pictures] == [0, 100, 200, 300, 400]
    assert clock.waits == []


def test_a_replay_begins_when_the_file_was_last_changed(make_video, clock):
    path = make_video(1)

    [picture] = VideoFile(path, "replay").pictures(clock)

    assert picture.captured_at == path.stat().st_mtime_ns // 1_000_000


def test_a_replay_of_a_file_of_1970_needs_its_start(make_video, clock):
    path = make_video(1)
    os.utime(path, (7, 7))

    with pytest.raises(SourceError, match="--start says when it was taken"):
        list(VideoFile(path, "replay").pictures(clock))
    assert len(list(VideoFile(path, "live").pictures(clock))) == 1


def test_a_replay_at_a_lower_rate_leaves_pictures_out(make_video, clock):
    file = VideoFile(make_video(10, fps=10), "replay", fps=4, start=START)

    pictures = list(file.pictures(clock))

    assert numbers(pictures) == [0, 2, 5, 7]
    assert [picture.captured_at - START for picture in pictures] == [0, 200, 500, 700]


def test_more_than_the_files_own_rate_brings_no_picture_twice(make_video, clock):
    file = VideoFile(make_video(4, fps=10), "replay", fps=50)

    assert numbers(file.pictures(clock)) == [0, 1, 2, 3]


def test_a_live_file_is_played_by_the_clock_and_taken_now(make_video, clock):
    begin = clock.now()

    pictures = list(VideoFile(make_video(10, fps=10), "live", fps=5).pictures(clock))

    assert numbers(pictures) == [0, 2, 4, 6, 8]
    assert [picture.captured_at - begin for picture in pictures] == [0, 200, 400, 600, 800]


def test_a_slow_reader_of_a_live_file_misses_pictures_but_not_the_present(make_video, clock):
    pictures = VideoFile(make_video(10, fps=10), "live").pictures(clock)
    first = next(pictures)
    clock.elapsed = 0.55

    assert numbers([first, next(pictures)]) == [0, 5]
    pictures.close()


def test_a_loop_begins_again_without_a_pause(make_video, clock):
    begin = clock.now()
    looping = VideoFile(make_video(3, fps=10), "live", loop=True).pictures(clock)

    pictures = list(islice(looping, 7))
    looping.close()

    assert numbers(pictures) == [0, 1, 2, 0, 1, 2, 0]
    assert [picture.captured_at - begin for picture in pictures] == list(range(0, 700, 100))


def test_a_picture_names_its_origin(make_video, clock):
    [picture] = VideoFile(make_video(1, name="gate.avi"), "live").pictures(clock)

    assert picture.origin == "gate.avi#0"


def test_a_name_that_is_no_text_may_be_shown_and_sent(make_video, clock):
    path = make_video(1)
    path = path.rename(path.with_name(os.fsdecode(b"caf\xe9\x1b.avi")))

    [picture] = VideoFile(path, "live").pictures(clock)

    assert picture.origin == r"caf\udce9\x1b.avi#0"


def test_a_file_that_is_no_video_is_named(touch, clock):
    path = touch("notes.mp4", b"not a video")

    with pytest.raises(SourceError, match=r"notes\.mp4: can't be opened"):
        next(VideoFile(path, "live").pictures(clock))
