import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.detector.canvas import (
    AREA_TOLERANCE,
    Canvas,
    FittedCanvas,
    parse_canvas,
    parse_canvases,
    scale_to_fit,
)
from pycturestream.domain.frames.jpeg import Size

FITTED = FittedCanvas(512 * 384, 32)
sides = st.integers(min_value=1, max_value=65_535)


def every_canvas(canvases):
    limit = int(AREA_TOLERANCE * canvases.area) // canvases.step**2
    for columns in range(1, limit + 1):
        for rows in range(1, limit // columns + 1):
            yield Canvas(columns * canvases.step, rows * canvases.step)


ALL = list(every_canvas(FITTED))


@pytest.mark.parametrize(
    ("size", "canvas"),
    [
        (Size(640, 480), Canvas(512, 384)),
        (Size(1280, 720), Canvas(576, 320)),
        (Size(720, 1280), Canvas(320, 576)),
        (Size(480, 640), Canvas(384, 512)),
        (Size(640, 272), Canvas(672, 288)),
        (Size(500, 500), Canvas(448, 448)),
    ],
)
def test_the_usual_shapes_have_these_canvases(size, canvas):
    assert FITTED.fit(size) == canvas


@given(st.builds(Size, sides, sides))
def test_no_other_canvas_shows_a_picture_larger_or_as_large_with_fewer_pixels(size):
    fitted = FITTED.fit(size)

    assert fitted.area <= FITTED.largest_area <= AREA_TOLERANCE * FITTED.area
    assert fitted.width % FITTED.step == fitted.height % FITTED.step == 0
    scale = scale_to_fit(size, fitted)
    for other in ALL:
        assert scale_to_fit(size, other) <= scale
        if scale_to_fit(size, other) == scale:
            assert other.area >= fitted.area


@given(st.builds(Size, sides, sides), sides, sides)
def test_there_is_always_a_canvas(size, area, step):
    fitted = FittedCanvas(area, step).fit(size)

    assert min(fitted.width, fitted.height) >= step
    assert fitted.area <= max(step**2, AREA_TOLERANCE * area)


def test_a_canvas_that_is_not_fitted_is_always_the_same():
    canvas = Canvas(64, 32)

    assert canvas.fit(Size(9, 400)) == canvas
    assert canvas.largest_area == 64 * 32


def test_a_canvas_is_written_width_first():
    assert parse_canvas("512x384") == Canvas(width=512, height=384)
    assert str(Canvas(width=512, height=384)) == "512x384"
    for wrong in ("512", "512x", "0x32", "-1x32", "512X384", "12345x1"):
        with pytest.raises(ValueError, match="not a size"):
            parse_canvas(wrong)


@pytest.mark.parametrize("canvases", [Canvas(512, 384), FITTED])
def test_what_a_model_takes_can_be_an_argument(canvases):
    assert parse_canvases(str(canvases)) == canvases
