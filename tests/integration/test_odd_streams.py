"""Streams as cameras send them: H.264, interlaced, damaged, with other things between pictures."""

from contextlib import closing, contextmanager
from itertools import islice

import pytest

from producers.picture import Picture, Skipped
from producers.stream import Stream
from pycturestream.clock import SystemClock
from tests import jpegs
from tests.http_camera import http_camera, part
from tests.rtsp_server import RtspServer
from tests.videos import grey, h264_units

pytestmark = pytest.mark.integration

SHADES = 20


@contextmanager
def camera(units):
    """Serve access units of H.264 again and again, and yield the camera's address."""
    server = RtspServer(lambda number: units[number % len(units)], fps=25, codec="h264")
    try:
        yield server.address
    finally:
        server.stop()


@contextmanager
def received(address, fps=1000, timeout_s=10):
    with closing(Stream(address, fps, timeout_s).pictures(SystemClock())) as items:
        yield items


def shades(items):
    return [round(float(item.content.mean()) / 10) for item in items if isinstance(item, Picture)]


def damaged(items):
    found = [item for item in items if isinstance(item, Skipped)]
    assert {item.reason for item in found} <= {"damaged"}
    return sum(item.count for item in found)


@pytest.fixture(scope="module")
def units():
    return h264_units([grey(number, 512, 256) for number in range(SHADES)])


# --- RTSP -------------------------------------------------------------------------------------


def test_h264_pictures_come_as_they_are(units):
    with camera(units) as address, received(address) as items:
        found = list(islice(items, 30))

    assert len(found) == len(shades(found))
    assert len(set(shades(found))) >= SHADES / 2
    assert {item.content.shape for item in found} == {(256, 512, 3)}


def test_interlaced_pictures_are_as_bright_as_their_scene():
    units = h264_units([grey(12, 512, 256)] * 10, interlaced=True)

    with camera(units) as address, received(address) as items:
        found = list(islice(items, 10))

    assert shades(found) == [12] * 10
    assert {item.content.shape for item in found} == {(256, 512, 3)}


@pytest.mark.parametrize(
    "spoil", [lambda unit: bytes(len(unit)), lambda unit: unit[:5] + b"\xff" * 400]
)
def test_broken_pictures_do_not_end_a_stream(units, spoil):
    broken = list(units)
    for number in (3, 4, 15):
        broken[number] = spoil(units[number])

    with camera(broken) as address, received(address) as items:
        found = list(islice(items, 60))

    assert len(shades(found)) >= 40
    assert max(shades(found)) >= SHADES - 2


def test_what_is_broken_is_counted_and_named(units):
    broken = list(units)
    for number in (3, 4, 15):
        broken[number] = units[number][:5] + bytes(len(units[number]))

    with camera(broken) as address, received(address) as items:
        found = list(islice(items, 60))

    assert damaged(found) >= 3
    detail = next(item.detail for item in found if isinstance(item, Skipped))
    assert detail.startswith("a picture of rtsp://127.0.0.1:")
    assert "h264: Invalid data" in detail
    assert "hunter2" not in detail


def test_a_size_that_changes_is_followed_and_stretches_nothing(units):
    narrow = h264_units([grey(5, 256, 512)] * SHADES)

    with camera([*units, *narrow]) as address, received(address) as items:
        shapes = [item.content.shape for item in islice(items, 50) if isinstance(item, Picture)]

    assert set(shapes) == {(256, 512, 3), (512, 256, 3)}


# --- over HTTP --------------------------------------------------------------------------------

PAUSE_S = 0.01
JPEGS = [jpegs.photo(64 + 16 * number, 48) for number in range(8)]


@pytest.mark.parametrize("length", [True, False])
@pytest.mark.parametrize(
    "foreign",
    [
        part(b""),
        part(b"", length=False),
        part(b"no signal", b"text/plain"),
        part(b"no signal\r\nplease wait\r\n" * 50, b"text/html; charset=utf-8"),
        part(bytes(range(256)) * 80, b"application/octet-stream"),
        part(jpegs.photo(64, 48)[:300]),
        part(bytes(3_000)),
        b"\r\n\r\n",
    ],
    ids=["empty", "empty without length", "text", "page", "bytes", "cut", "zeros", "blank lines"],
)
def test_what_is_no_picture_does_not_end_a_stream(foreign, length):
    pictures = [part(jpeg, length=length) for jpeg in JPEGS]
    behind_it = {64 + 16 * number for number in range(4, 8)}
    widths = []

    with (
        http_camera([*pictures[:3], foreign, *pictures[3:]] * 500, PAUSE_S) as address,
        received(address) as items,
    ):
        # A busy machine misses some, as only the newest one is handed out.
        for item in islice(items, 2_000):
            if isinstance(item, Picture):
                widths.append(item.content.shape[1])
            if len(widths) >= 40 and behind_it <= set(widths):
                break

    assert behind_it <= set(widths)
    assert len(widths) >= 40
