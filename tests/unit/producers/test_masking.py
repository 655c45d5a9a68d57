import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import masking as module
from producers.encode import Encoder, Fit
from producers.masking import MaskError, Masking
from pycturestream.domain.cameras.camera import Zone
from pycturestream.domain.geometry import fault_of

SQUARE = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
NOISE_OF_JPEG = 40
"""What the encoder bleeds over a mask's edge, in levels of 255."""


def masking(*polygons):
    return Masking([Zone(f"mask {n}", polygon) for n, polygon in enumerate(polygons)])


def bright(width, height, seed=0):
    """Return a picture with no black pixel, and with everything that is hard to encode."""
    return np.random.default_rng(seed).integers(100, 256, (height, width, 3), dtype=np.uint8)


def decoded(jpeg):
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def inside(polygon, width, height):
    """Return which pixels have their center in a polygon, by OpenCV's own test."""
    corners = (np.array(polygon) * (width, height) - 0.5).astype(np.float32)
    return np.array(
        [
            [cv2.pointPolygonTest(corners, (x, y), measureDist=False) >= 0 for x in range(width)]
            for y in range(height)
        ]
    )


def test_what_is_masked_is_black_and_the_rest_as_it_was():
    pixels = bright(80, 60)
    before = pixels.copy()

    masked = masking(SQUARE).apply(pixels)

    assert not masked[15:45, 20:60].any()
    assert (masked[:10] == pixels[:10]).all()
    assert (masked[:, 66:] == pixels[:, 66:]).all()
    assert (pixels == before).all()


def test_without_masks_nothing_is_done():
    pixels = bright(80, 60)

    assert masking().apply(pixels) is pixels
    assert not masking()


def test_width_and_height_are_not_mixed_up():
    left_third = ((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0))

    masked = masking(left_third).apply(bright(300, 40))

    assert not masked[:, :90].any()
    assert masked[:, 95:].all()


def test_a_mask_of_the_whole_picture_leaves_nothing():
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

    assert not masking(whole).apply(bright(33, 17)).any()


def test_pictures_of_another_size_are_masked_as_well():
    mask = masking(SQUARE)

    for width, height in ((80, 60), (40, 30), (60, 80), (80, 60)):
        masked = mask.apply(bright(width, height))
        assert not masked[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4].any()


def test_a_picture_in_shades_of_grey_is_masked_as_well():
    assert not masking(SQUARE).apply(bright(80, 60)[:, :, 0])[15:45, 20:60].any()


coordinates = st.floats(0, 1, width=32)
corners = st.tuples(coordinates, coordinates)


@given(st.tuples(corners, corners, corners), st.integers(2, 90), st.integers(2, 90))
def test_no_pixel_in_a_mask_survives_at_any_size(polygon, width, height):
    try:
        mask = masking(polygon)
    except MaskError:
        return

    masked = mask.apply(bright(width, height))

    assert not masked[inside(polygon, width, height)].any()


@pytest.mark.parametrize(
    ("width", "budget"), [(320, 1_000_000), (320, 10_000), (320, 3_000), (1920, 12_000)]
)
def test_what_is_decoded_of_a_masked_picture_is_black_also_when_it_was_made_smaller(width, budget):
    """What scaling and encoding bleed over a mask's edge must not pass for what was under it."""
    triangle = ((0.31, 0.12), (0.83, 0.44), (0.22, 0.87))
    fit = Fit(budget, 1_000_000, 40_000_000, 32)

    jpeg = Encoder(fit).encode(masking(triangle).apply(bright(width, width * 9 // 16)))

    pixels = decoded(jpeg)
    height, width = pixels.shape[:2]
    assert len(jpeg) <= budget
    assert pixels[inside(triangle, width, height)].max() <= NOISE_OF_JPEG


def test_pictures_that_differ_under_a_mask_only_become_the_same_bytes():
    """The strongest proof: they can hold nothing of what is masked."""
    one, other = bright(640, 360), bright(640, 360)
    other[90:270, 160:480] = 255 - other[90:270, 160:480]
    mask, fit = masking(SQUARE), Fit(20_000, 1_000_000, 40_000_000, 32)

    jpegs = [Encoder(fit).encode(mask.apply(pixels)) for pixels in (one, other)]

    assert (one != other).any()
    assert jpegs[0] == jpegs[1]


@pytest.mark.parametrize(
    ("polygon", "message"),
    [
        (((0.1, 0.1), (0.9, 0.9)), "at least 3 corners"),
        (((0.1, 0.1), (0.5, 0.5), (0.9, 0.9)), "must have an area"),
        (((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)), "must not cross itself"),
        (((0.1, 0.1), (0.9, 0.1), (0.5, 1.2)), "within 0..1"),
        (((0.1, 0.1), (0.9, 0.1), (0.5, float("nan"))), "within 0..1"),
        ((), "at least 3 corners"),
        (SQUARE * 2, "must not come to a corner twice"),
        ((*SQUARE, SQUARE[0]) * 2, "must not come to a corner twice"),
    ],
)
def test_a_mask_that_can_not_be_relied_on_is_rejected(polygon, message):
    with pytest.raises(MaskError, match=message):
        masking(polygon)


@pytest.mark.parametrize(
    "polygon",
    [
        SQUARE * 2,
        SQUARE * 3,
        (*SQUARE, SQUARE[0]) * 2,
        (*SQUARE, (0.5, 0.25), (0.75, 0.5), (0.5, 0.75), (0.25, 0.5)),
    ],
)
def test_a_mask_that_is_not_drawn_is_rejected_even_if_its_corners_seem_good(polygon, monkeypatch):
    monkeypatch.setattr(module, "fault_of", lambda _polygon: None)

    with pytest.raises(MaskError, match="must not go round twice"):
        masking(polygon)


@given(st.lists(corners, min_size=3, max_size=6))
def test_what_has_a_clear_inside_is_drawn_whole(polygon):
    if not fault_of(polygon):
        masking(tuple(polygon))
