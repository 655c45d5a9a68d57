import os
from itertools import islice

import pytest

from producers.picture import SourceError
from producers.single_picture import SinglePicture
from pycturestream.domain.times import parse_rfc3339, rfc3339

NAMED = parse_rfc3339("2026-07-01T12:00:00Z")


def test_a_picture_is_published_as_it_is_and_as_taken_now(touch, clock):
    path = touch("still.jpg", b"\xff\xd8 any bytes")

    [picture] = SinglePicture(path, "live", fps=2).pictures(clock)

    assert picture.content == b"\xff\xd8 any bytes"
    assert (picture.captured_at, picture.origin) == (clock.now(), "still.jpg")


def test_in_a_loop_it_comes_as_often_as_it_is_wanted(touch, clock):
    begin, path = clock.now(), touch("still.jpg", b"x")

    looping = SinglePicture(path, "live", fps=2, loop=True).pictures(clock)

    assert [picture.captured_at - begin for picture in islice(looping, 3)] == [0, 500, 1000]


@pytest.mark.parametrize(
    ("name", "start", "taken_at"),
    [
        ("gate_20260701120000.jpg", None, "2026-07-01T12:00:00.000Z"),
        ("gate_20260701120000.jpg", NAMED + 5, "2026-07-01T12:00:00.005Z"),
        ("still.jpg", None, "2026-11-21T09:00:00.125Z"),
        ("gate_19700101000007.jpg", None, "2026-11-21T09:00:00.125Z"),
    ],
)
def test_history_has_the_time_of_its_name_or_file_unless_another_is_given(
    touch, clock, name, start, taken_at
):
    path = touch(name, b"x")
    os.utime(path, (1_795_251_600.125, 1_795_251_600.125))

    [picture] = SinglePicture(path, "replay", fps=2, start=start).pictures(clock)

    assert rfc3339(picture.captured_at) == taken_at


def test_a_file_of_1970_needs_the_time_to_be_given(touch, clock):
    path = touch("still.jpg", b"x")
    os.utime(path, (7, 7))

    with pytest.raises(SourceError, match="--start says when it was taken"):
        list(SinglePicture(path, "replay", fps=2).pictures(clock))


def test_a_picture_that_is_gone_is_named(touch, clock):
    path = touch("still.jpg", b"x")
    path.unlink()

    with pytest.raises(SourceError, match=r"still\.jpg: No such file"):
        list(SinglePicture(path, "live", fps=2).pictures(clock))
