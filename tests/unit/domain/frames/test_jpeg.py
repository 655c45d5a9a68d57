import tracemalloc
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.frames.jpeg import (
    END_OF_IMAGE,
    PASSES,
    Size,
    check_cost,
    read_header,
    read_size,
)
from pycturestream.domain.frames.rejection import Reason, Rejection
from tests import jpegs

DATA = Path(__file__).parents[3] / "data"
FRAME_HEADER = b"\xff\xc0"
START_OF_SCAN = b"\xff\xda"
HUFFMAN_TABLE = b"\xff\xc4"
COMMENT = b"\xff\xfe"


def picture(width: int = 64, height: int = 48, extension: str = ".jpg", *options: int) -> bytes:
    shades = np.arange(width * height * 3, dtype=np.uint32).reshape(height, width, 3) % 251
    return cv2.imencode(extension, shades.astype(np.uint8), options)[1].tobytes()


def decoded_size(data: bytes) -> Size | None:
    """Return the size that the decoder sees."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return None if pixels is None else Size(pixels.shape[1], pixels.shape[0])


def rejection_of(data: bytes) -> str | None:
    try:
        read_size(data)
    except Rejection as rejection:
        return rejection.reason
    return None


def segment(marker: bytes, content: bytes) -> bytes:
    return marker + (len(content) + 2).to_bytes(2, "big") + content


def with_first(inserted: bytes) -> bytes:
    """Return a picture with something before all that it has."""
    return picture()[:2] + inserted + picture()[2:]


def with_frame_header(changed: bytes, at: int) -> bytes:
    """Return a picture with other bytes at that place of its frame header."""
    data = bytearray(picture())
    start = data.index(FRAME_HEADER) + at
    data[start : start + len(changed)] = changed
    return bytes(data)


def with_more(inserted: bytes) -> bytes:
    """Return a picture with something between its scan and its end."""
    return picture()[:-2] + inserted + END_OF_IMAGE


def progressive_with_more(inserted: bytes) -> bytes:
    """Return the same of a picture of which the decoder shows nothing before its end."""
    return picture(64, 48, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)[:-2] + inserted + END_OF_IMAGE


def without_huffman_tables() -> bytes:
    data = picture()
    while (start := data.find(HUFFMAN_TABLE)) >= 0:
        length = int.from_bytes(data[start + 2 : start + 4], "big")
        data = data[:start] + data[start + 2 + length :]
    return data


def with_scans(number: int) -> bytes:
    """Return a progressive picture that repeats its last scan."""
    data = picture(64, 48, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    last = data[data.rindex(START_OF_SCAN) : -2]
    return data[:-2] + last * (number - data.count(START_OF_SCAN)) + END_OF_IMAGE


@given(st.integers(1, 300), st.integers(1, 300))
def test_the_header_gives_width_and_height(width, height):
    assert read_size(picture(width, height)) == Size(width, height)


@pytest.mark.parametrize(
    "data",
    [
        picture(64, 48, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
        picture(64, 48, ".jpg", cv2.IMWRITE_JPEG_RST_INTERVAL, 1),
        without_huffman_tables(),
        with_first(b"\xff" * 7),
        with_first(segment(b"\xff\xe1", b"Exif\0\0" + picture(16, 16) + bytes(40_000)) * 3),
        with_first(segment(COMMENT, END_OF_IMAGE + FRAME_HEADER)),
        picture() + bytes(100_000),
        picture() + picture(32, 24),
        picture() + b"ftypmp4" + START_OF_SCAN * 100,
        with_first(segment(b"\xff\xe0", b"JFIF\0") + bytes(608)),
        with_first(segment(COMMENT, b"") + b"rubbish\xff\x00\xff\xd3\xff\x01"),
        with_first(COMMENT + b"\x00\x00" + COMMENT + b"\x00\x01"),
        with_first(segment(COMMENT, b"") * 2_000),
        with_more(bytes(608)),
        picture()[:-2] + picture(32, 24),
        with_more(b"\xff\xf0"),
        with_more(jpegs.scan((1, 2, 3)) * 100),
    ],
    ids=[
        "progressive",
        "restart-markers",
        "a-webcam's-without-huffman-tables",
        "fill-bytes",
        "large-exif-with-previews",
        "a-comment-that-looks-like-markers",
        "padded",
        "with-a-second-picture-behind-it",
        "with-a-film-behind-it",
        "zeros-between-segments",
        "rubbish-between-segments",
        "segments-shorter-than-their-length",
        "thousands-of-segments",
        "padded-before-its-end",
        "another-picture-instead-of-its-end",
        "a-marker-that-is-none-behind-its-scan",
        "scans-that-are-not-decoded",
    ],
)
def test_jpegs_of_cameras_and_phones_are_read_as_by_the_decoder(data):
    assert read_size(data) == decoded_size(data) == Size(64, 48)


def test_a_snapshot_with_zeros_between_its_segments_is_read():
    """One large maker's cameras send them so."""
    snapshot = (DATA / "zeros-between-segments.jpg").read_bytes()
    assert read_size(snapshot) == decoded_size(snapshot) == Size(768, 576)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not-an-image"),
        (b"hello", "not-an-image"),
        (picture(extension=".png"), "not-jpeg"),
        (picture()[:100], "truncated"),
        (picture()[:-50], "truncated"),
        (b"\xff\xd8", "truncated"),
        (b"\xff\xd8\xff", "truncated"),
        (b"\xff\xd8\xff\xc0\x00\x11\x08\x00", "truncated"),
        (b"\xff\xd8hello world", "not-jpeg"),
        (b"\xff\xd8" + b"\xff" * 100_000, "truncated"),
        (b"\xff\xd8" + b"\xff\xd0" * 100_000, "truncated"),
        (b"\xff\xd8" + segment(COMMENT, b"") * 10_001, "not-jpeg"),
        (with_first(END_OF_IMAGE), "not-jpeg"),
        (with_first(b"\xff\xd8"), "not-jpeg"),
        (with_first(segment(b"\xff\xf0", b"?")), "not-jpeg"),
        (with_frame_header(b"\xc3", 1), "not-jpeg"),
        (with_frame_header(b"\xcb", 1), "not-jpeg"),
        (with_frame_header(b"\x0c", 4), "not-jpeg"),
        (with_frame_header(b"\x00\x00", 5), "too-small"),
        (with_frame_header(b"\x00\x00", 7), "too-small"),
        (with_scans(65), "not-jpeg"),
        (jpegs.arithmetic(64, 48, 2), "not-jpeg"),
        (jpegs.arithmetic(64, 48, 1, jpegs.ARITHMETIC), "not-jpeg"),
        (jpegs.START + jpegs.frame_header(64, 48, (1, 2)) + jpegs.END, "not-jpeg"),
        (jpegs.START + jpegs.frame_header(64, 48, (1, 2, 3, 4, 5)) + jpegs.END, "not-jpeg"),
        (with_frame_header(b"\x00\x08", 2), "not-jpeg"),
        (progressive_with_more(jpegs.frame_header(64, 48)), "not-jpeg"),
        (progressive_with_more(jpegs.scan((1, 2, 3, 1))), "not-jpeg"),
        (progressive_with_more(segment(b"\xff\xdf", b"\x11")), "not-jpeg"),
        (progressive_with_more(segment(COMMENT, b"") * 10_001), "not-jpeg"),
        (progressive_with_more(COMMENT + b"\x80\x00"), "truncated"),
    ],
)
def test_anything_but_a_complete_jpeg_is_rejected_with_its_reason(data, reason):
    with pytest.raises(Rejection) as rejection:
        read_size(data)
    assert rejection.value.reason == reason


def test_a_picture_may_have_as_many_scans_as_any_encoder_makes():
    assert read_size(with_scans(64)) == Size(64, 48)


def test_scans_beyond_the_limit_are_not_even_counted():
    bomb = jpegs.progressive(64, 48)[:-2] + START_OF_SCAN * 500_000
    tracemalloc.start()
    try:
        assert rejection_of(bomb) == rejection_of(bomb + END_OF_IMAGE) == "not-jpeg"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * len(bomb)  # a second copy, with its end


def test_a_hidden_header_of_a_larger_size_is_read_as_by_the_decoder():
    """Both skip an escaped byte where a marker should be; what it hides is then read."""
    large = with_frame_header(b"\x00\x60\x00\x80", 5)
    start, end = large.index(FRAME_HEADER), large.index(START_OF_SCAN)
    visible = segment(COMMENT, picture()[start:end])
    hidden = large[2:start] + large[start:end] + visible[:4]
    trick = large[:2] + segment(b"\xff\x00", hidden) + visible[4:] + large[end:]
    assert read_size(trick) == decoded_size(trick) == Size(128, 96)


@pytest.mark.parametrize(
    "hiding",
    [
        segment(COMMENT, END_OF_IMAGE),
        b"\xff" + segment(COMMENT, END_OF_IMAGE),
        COMMENT + b"\x00\x01",
        COMMENT + b"\x00\x00",
        bytes(608),
        b"\xff\x00\xff\xd0\xff\x01\xff",
    ],
)
def test_no_scan_hides_behind_what_the_decoder_skips(hiding):
    before = jpegs.progressive(64, 48, channels=1)[:-2] + hiding
    assert read_header(before + jpegs.scan() * 3 + END_OF_IMAGE).passes == 6 + 3
    assert rejection_of(before + jpegs.scan() * 59 + END_OF_IMAGE) == "not-jpeg"


def test_the_scans_of_a_baseline_picture_are_counted_where_the_first_has_not_all_components():
    several = jpegs.START + jpegs.frame_header(64, 48, (1, 2, 3)) + jpegs.scan((1,)) * 5
    assert read_header(several + jpegs.END).passes == 5


@pytest.mark.parametrize(
    ("data", "passes"),
    [
        (jpegs.encoded(64, 48, channels=1), 1),
        (jpegs.encoded(64, 48), 3),
        (jpegs.progressive(64, 48, channels=1), 6),
        (jpegs.progressive(64, 48), 14),
        (picture(64, 48, ".jpg", cv2.IMWRITE_JPEG_RST_INTERVAL, 1), 3),
        (with_more(segment(b"\xff\xdc", b"\x00\x30")), 3),
    ],
    ids=["grey", "colour", "progressive-grey", "progressive-colour", "restarts", "lines-again"],
)
def test_a_pass_is_a_component_in_a_scan(data, passes):
    assert read_header(data).passes == passes


def cost_of(data: bytes, pixel_limit: int) -> str | None:
    try:
        check_cost(read_header(data), pixel_limit)
    except Rejection as rejection:
        return rejection.reason
    return None


def test_the_larger_a_picture_the_fewer_passes_it_may_have():
    area = 64 * 48
    usual, many = jpegs.progressive(64, 48), jpegs.progressive(64, 48, passes=2 * PASSES)
    assert cost_of(usual, area) is None
    assert cost_of(usual, area - 1) == "too-many-pixels"
    assert cost_of(many, area) == "too-many-pixels"
    assert cost_of(many, 2 * area) is None


@given(st.data())
def test_any_damaged_jpeg_is_read_or_rejected_and_nothing_else(data):
    damaged = bytearray(picture())
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    assert rejection_of(bytes(damaged[: data.draw(st.integers(0, len(damaged)))])) in {
        None,
        *get_args(Reason),
    }
