import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.detector.canvas import Canvas
from pycturestream.detector.letterbox import MARGIN, letterbox
from pycturestream.domain.frames.jpeg import Size

sides = st.integers(min_value=1, max_value=300)
fractions = st.floats(min_value=0, max_value=1, width=32)


def plain(width, height, value=200):
    return np.full((height, width, 3), value, np.uint8)


@given(st.builds(Size, sides, sides), st.builds(Canvas, sides, sides))
def test_a_picture_of_any_shape_fills_one_side_of_the_canvas_and_keeps_its_shape(size, canvas):
    boxed = letterbox(plain(size.width, size.height), canvas)

    assert boxed.canvas.shape == (canvas.height, canvas.width, 3)
    assert boxed.width == canvas.width or boxed.height == canvas.height
    scale = min(canvas.width / size.width, canvas.height / size.height)
    assert abs(boxed.width - size.width * scale) <= 1
    assert abs(boxed.height - size.height * scale) <= 1


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


def test_a_canvas_can_be_made_in_memory_that_holds_another_one():
    memory = np.full(3 * 64 * 64 + 5, 9, np.uint8)

    boxed = letterbox(plain(64, 16), Canvas(64, 32), memory=memory)

    assert np.shares_memory(boxed.canvas, memory)
    assert (boxed.canvas[8:24] == 200).all()
    assert (boxed.canvas[:8] == MARGIN).all()
    assert (boxed.canvas[24:] == MARGIN).all()
    assert (memory[3 * 64 * 32 :] == 9).all()
