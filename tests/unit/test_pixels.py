"""JPEG to pixels and back: what is decoded, and what of a picture leaves the system."""

import cv2
import numpy as np
import pytest

from pycturestream.domain.frames.rejection import Rejection
from pycturestream.pixels import OUTGOING_BYTE_LIMIT, decode, encode_anew
from tests import jpegs

LIMIT = 10_000_000


@pytest.mark.parametrize(
    ("jpeg", "reason"),
    [
        (b"", "not-an-image"),
        (jpegs.photo()[:-100], "truncated"),
        (jpegs.START + jpegs.frame_header(64, 48) + jpegs.scan() + jpegs.END, "not-jpeg"),
        (jpegs.arithmetic(64, 48, 3), "not-jpeg"),
        (
            jpegs.START + jpegs.frame_header(12_000, 12_000) + jpegs.scan() + jpegs.END,
            "too-many-pixels",
        ),
        (jpegs.progressive(3_000, 3_000, channels=1, passes=40), "too-many-pixels"),
    ],
)
def test_what_costs_too_much_or_is_no_picture_is_not_decoded(jpeg, reason):
    with pytest.raises(Rejection) as rejection:
        decode(jpeg, LIMIT)
    assert rejection.value.reason == reason


def test_a_picture_leaves_with_what_it_shows_and_nothing_else():
    photo = jpegs.photo()
    sent = photo[:2] + jpegs.EXIF + photo[2:] + b"behind the end"

    leaving = encode_anew(sent, LIMIT)

    assert b"GPS" not in leaving
    assert leaving.endswith(jpegs.END)
    assert leaving.count(jpegs.END) == 1
    assert b"behind" not in leaving
    difference = jpegs.pixels_of(leaving).astype(int) - jpegs.pixels_of(photo)
    assert np.abs(difference).mean() < 15


def test_a_turned_picture_leaves_upright():
    photo = jpegs.encoded(64, 48)
    orientation = b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"
    tags = b"MM\x00\x2a\x00\x00\x00\x08\x00\x01" + orientation + bytes(4)
    exif = jpegs.segment(0xE1, b"Exif\0\0" + tags)

    leaving = encode_anew(photo[:2] + exif + photo[2:], LIMIT)

    assert jpegs.pixels_of(leaving).shape[:2] == (64, 48)


@pytest.mark.parametrize(("width", "height"), [(900, 700), (3_000, 2_000), (40, 5_000)])
def test_a_large_picture_leaves_smaller(width, height):
    sent = jpegs.photo(width, height)

    leaving = encode_anew(sent, LIMIT)

    assert len(leaving) <= OUTGOING_BYTE_LIMIT
    rows, columns = jpegs.pixels_of(leaving).shape[:2]
    assert columns / rows == pytest.approx(width / height, rel=0.05)
    # And as large as it may be
    assert len(leaving) > OUTGOING_BYTE_LIMIT / 4


def test_less_quality_comes_before_fewer_pixels():
    sent = jpegs.photo(600, 400)
    assert len(sent) > OUTGOING_BYTE_LIMIT
    best = cv2.imencode(".jpg", jpegs.pixels_of(sent), (cv2.IMWRITE_JPEG_QUALITY, 55))[1]
    assert len(best) <= OUTGOING_BYTE_LIMIT

    assert jpegs.pixels_of(encode_anew(sent, LIMIT)).shape == (400, 600, 3)
