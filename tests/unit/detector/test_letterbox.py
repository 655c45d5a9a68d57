import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pycturestream.detector.canvas import Canvas, parse_canvas
from pycturestream.detector.letterbox import MARGIN, letterbox
from pycturestream.domain.frames.jpeg import Size

sides = st.integers(min_value=1, max_value=300)
fractions = st.floats(min_value=0, max_value=1, width=32)


def plain(width, height, value=200):
    return np.full((height, width, 3), value, np.uint8)


@settings(deadline=None)
@given(st.builds(Size, sides, sides), st.builds(Canvas, sides, sides))
def test_a_picture_of_any_shape_fills_one_side_of_the_canvas_and_keeps_its_shape(size, canvas):
    boxed = letterbox(plain(size.width, size.height), canvas)

    assert boxed.canvas.shape == (canvas.height, canvas.width, 3)
    assert boxed.width == canvas.width or boxed.height == canvas.height
    scale = min(canvas.width / size.width, canvas.height / size.height)
    assert abs(boxed.width - size.width * scale) <= 1
    assert abs(boxed.height - size.height * scale) <= 1


@settings(deadline=None)
@given(st.builds(Canvas, sides, sides), sides, sides, st.lists(fractions, min_size=4, max_size=4))
def test_a_box_is_mapped_back_to_the_original_picture(canvas, width, height, corners):
    # Given a box of the original picture, drawn on the canvas
    boxed = letterbox(plain(width, height), canvas)
    x_min, x_max = sorted(corners[:2])
    y_min, y_max = sorted(corners[2:])
    drawn = [
        (boxed.left + x_min * boxed.width) / canvas.width,
        (boxed.top + y_min * boxed.height) / canvas.height,
        (boxed.left + x_max * boxed.width) / canvas.width,
        (boxed.top + y_max * boxed.height) / canvas.height,
    ]

    [restored] = boxed.restore(np.array([drawn], np.float32))

    np.testing.assert_allclose(restored, [x_min, y_min, x_max, y_max], atol=1e-3)


@pytest.mark.parametrize(
    ("width", "height", "inside"),
    [
        (640, 272, (slice(83, 301), slice(0, 512))),
        (480, 640, (slice(0, 384), slice(112, 400))),
        (64, 48, (slice(0, 384), slice(0, 512))),
    ],
)
def test_margins_are_above_and_below_or_left_and_right(width, height, inside):
    boxed = letterbox(plain(width, height), Canvas(512, 384))

    assert (boxed.canvas[inside] == 200).all()
    outside = np.ones((384, 512), bool)
    outside[inside] = False
    assert (boxed.canvas[outside] == MARGIN).all()


def test_boxes_are_cut_off_at_the_margins():
    boxed = letterbox(plain(640, 272), Canvas(512, 384))

    [whole] = boxed.restore(np.array([[-0.1, 0, 1.1, 1]], np.float32))

    assert whole.tolist() == [0, 0, 1, 1]


def test_no_boxes_are_mapped_back_to_none():
    boxed = letterbox(plain(20, 10), Canvas(64, 64))

    assert boxed.restore(np.zeros((0, 4), np.float32)).shape == (0, 4)


def test_a_canvas_is_written_width_first():
    assert parse_canvas("512x384") == Canvas(width=512, height=384)
    assert str(Canvas(width=512, height=384)) == "512x384"
    for wrong in ("512", "512x", "0x32", "-1x32", "512X384", "12345x1"):
        with pytest.raises(ValueError, match="not a size"):
            parse_canvas(wrong)
