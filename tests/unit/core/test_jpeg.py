import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pycturestream.jpeg import Size, read_size
from pycturestream.refusal import REASONS, Refusal


def picture(width: int = 64, height: int = 48, extension: str = ".jpg") -> bytes:
    shades = np.arange(width * height * 3, dtype=np.uint32).reshape(height, width, 3) % 251
    return cv2.imencode(extension, shades.astype(np.uint8))[1].tobytes()


def refusal_of(data: bytes) -> str | None:
    try:
        read_size(data)
    except Refusal as refusal:
        return refusal.reason
    return None


@given(st.integers(1, 300), st.integers(1, 300))
@settings(max_examples=25, deadline=None)
def test_the_header_says_width_and_height(width, height):
    assert read_size(picture(width, height)) == Size(width, height)


def test_a_progressive_picture_is_read_too():
    data = cv2.imencode(".jpg", np.zeros((20, 30, 3), np.uint8), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])
    assert read_size(data[1].tobytes()) == Size(30, 20)


def test_padding_after_the_end_is_allowed():
    assert read_size(picture() + bytes(100)) == Size(64, 48)


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
        (b"\xff\xd8hello world", "not-jpeg"),
    ],
)
def test_what_is_no_whole_jpeg_is_refused_with_its_reason(data, reason):
    with pytest.raises(Refusal) as refusal:
        read_size(data)
    assert refusal.value.reason == reason


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_damage_is_read_or_refused_and_nothing_else(data):
    damaged = bytearray(picture())
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    assert refusal_of(bytes(damaged[: data.draw(st.integers(0, len(damaged)))])) in {None, *REASONS}
