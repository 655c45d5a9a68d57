import cv2
import numpy as np
import pytest

from pycturestream.blur.face_scale import AREA, face_scale
from pycturestream.detector.canvas import Canvas
from pycturestream.detector.decoding import (
    FACE_BYTES,
    UndecodablePicture,
    decode_for_faces,
    decode_jpeg,
)
from pycturestream.detector.letterbox import letterbox
from pycturestream.domain.frames.jpeg import Size

CANVAS = Canvas(512, 384)
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
EXIF_TURNED_RIGHT = (
    b"\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01"
    b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
)
"""An APP1 segment with the tag Orientation = 6: turn it a quarter to the right to see it."""


def encode(rgb):
    ok, jpeg = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    assert ok
    return jpeg.tobytes()


def halves(width, height, left, right):
    picture = np.empty((height, width, 3), np.uint8)
    picture[:, : width // 2] = left
    picture[:, width // 2 :] = right
    return picture


def colour(canvas, x, y):
    return canvas[int(y * canvas.shape[0]), int(x * canvas.shape[1])].astype(int)


@pytest.mark.parametrize(
    ("width", "height"), [(200, 150), (641, 301), (1280, 720), (1079, 1919), (2592, 1944)]
)
def test_colours_and_sides_are_kept_at_every_decoding_size(width, height):
    boxed = decode_jpeg(encode(halves(width, height, RED, BLUE)), CANVAS)

    assert boxed.original == Size(width, height)
    left = (boxed.left + boxed.width * 0.25) / CANVAS.width
    right = (boxed.left + boxed.width * 0.75) / CANVAS.width
    np.testing.assert_allclose(colour(boxed.canvas, left, 0.5), RED, atol=12)
    np.testing.assert_allclose(colour(boxed.canvas, right, 0.5), BLUE, atol=12)


@pytest.mark.parametrize(
    ("width", "height"), [(1280, 720), (1081, 1919), (2593, 1945), (4200, 900)]
)
def test_a_reduced_decoding_shows_what_a_full_one_shows(width, height):
    # Given a picture with soft structure and odd sides
    coarse = np.random.default_rng(3).integers(0, 256, (9, 16, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)

    boxed = decode_jpeg(encode(picture), CANVAS)

    full = letterbox(picture, CANVAS)
    assert (boxed.left, boxed.top, boxed.width, boxed.height) == (
        full.left,
        full.top,
        full.width,
        full.height,
    )
    difference = np.abs(boxed.canvas.astype(int) - full.canvas)
    assert difference.mean() < 2
    assert np.percentile(difference, 99) < 12


def test_a_rotated_picture_is_turned_upright():
    # Given a camera on its side: red was above green
    jpeg = encode(halves(640, 480, RED, GREEN))
    turned = jpeg[:2] + EXIF_TURNED_RIGHT + jpeg[2:]

    boxed = decode_jpeg(turned, CANVAS)

    assert boxed.original == Size(480, 640)
    np.testing.assert_allclose(colour(boxed.canvas, 0.5, 0.25), RED, atol=12)
    np.testing.assert_allclose(colour(boxed.canvas, 0.5, 0.75), GREEN, atol=12)


def test_grey_pictures_have_three_channels():
    ok, jpeg = cv2.imencode(".jpg", np.full((90, 160), 77, np.uint8))
    assert ok

    boxed = decode_jpeg(jpeg.tobytes(), CANVAS)

    np.testing.assert_allclose(colour(boxed.canvas, 0.5, 0.5), (77, 77, 77), atol=3)


def test_bytes_without_a_picture_are_undecodable():
    whole = encode(halves(200, 150, RED, BLUE))
    headers_only = whole[: whole.index(b"\xff\xda")] + b"\xff\xd9"

    for broken in (b"", b"no picture", whole[: len(whole) // 2], headers_only):
        with pytest.raises(UndecodablePicture):
            decode_jpeg(broken, CANVAS)


def for_faces(jpeg):
    return decode_for_faces(jpeg, np.empty(FACE_BYTES, np.uint8))


@pytest.mark.parametrize(
    ("width", "height"),
    [(320, 240), (768, 576), (1280, 720), (1079, 1919), (4200, 900), (60_000, 32)],
)
def test_the_face_model_gets_as_many_pixels_as_it_sees_and_no_more(width, height):
    pixels = for_faces(encode(halves(width, height, RED, BLUE)))

    rows, columns = pixels.shape[:2]
    assert rows * columns <= AREA
    assert columns == pytest.approx(width * min(1, face_scale(Size(width, height))), abs=1)
    assert columns / rows == pytest.approx(width / height, rel=1 / rows)
    for x, blue_first in ((0.25, RED[::-1]), (0.75, BLUE[::-1])):
        np.testing.assert_allclose(colour(pixels, x, 0.5), blue_first, atol=12)


def test_the_face_model_gets_upright_pictures():
    jpeg = encode(halves(640, 480, RED, GREEN))
    pixels = for_faces(jpeg[:2] + EXIF_TURNED_RIGHT + jpeg[2:])
    assert pixels.shape == (640, 480, 3)
    np.testing.assert_allclose(colour(pixels, 0.5, 0.25), RED[::-1], atol=12)


def test_bytes_without_a_picture_are_undecodable_for_faces_too():
    with pytest.raises(UndecodablePicture):
        for_faces(b"no picture")
