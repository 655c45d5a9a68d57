import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.encode import Encoder, Fit, TooLargeError

FIT = Fit(byte_budget=100_000, byte_limit=1_000_000, pixel_limit=40_000_000, side_minimum=32)


def encode(content, fit):
    return Encoder(fit).encode(content)


def noise(width, height, seed=0):
    """Return the content that is hardest to compress as JPEG."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def size_of(jpeg):
    height, width = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape[:2]
    return width, height


def as_jpeg(pixels):
    return bytes(cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, 95))[1])


def test_a_picture_that_fits_keeps_its_size():
    jpeg = encode(np.full((720, 1280, 3), 90, np.uint8), FIT)

    assert size_of(jpeg) == (1280, 720)


def test_quality_goes_before_pixels():
    pixels = noise(400, 300)
    budget = len(cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, 55))[1])

    jpeg = encode(pixels, Fit(budget, 1_000_000, 40_000_000, 32))

    assert size_of(jpeg) == (400, 300)


@given(st.integers(32, 900), st.integers(32, 900), st.integers(20_000, 100_000))
def test_the_worst_picture_keeps_to_the_budget_and_its_shape(width, height, budget):
    jpeg = encode(noise(width, height), Fit(budget, 1_000_000, 40_000_000, 32))

    new_width, new_height = size_of(jpeg)
    assert len(jpeg) <= budget
    assert new_width == pytest.approx(width * new_height / height, abs=0.51 * (1 + width / height))


def test_what_would_be_too_small_to_see_goes_over_the_budget_rather():
    jpeg = encode(noise(64, 48), Fit(100, 1_000_000, 40_000_000, 32))

    assert len(jpeg) > 100
    assert min(size_of(jpeg)) >= 32


def test_the_limit_is_never_exceeded():
    with pytest.raises(TooLargeError, match="allowed 200"):
        encode(noise(64, 48), Fit(100, 200, 40_000_000, 32))


@given(st.binary(max_size=300))
def test_a_file_within_the_budget_stays_as_it_is_even_when_damaged(content):
    assert encode(content, FIT) == content


def test_a_file_over_the_budget_is_encoded_again():
    jpeg = encode(as_jpeg(noise(800, 500)), FIT)

    assert len(jpeg) <= FIT.byte_budget
    assert size_of(jpeg)[0] / size_of(jpeg)[1] == pytest.approx(1.6, rel=0.01)


@pytest.mark.parametrize(
    "content",
    [b"no picture at all" * 10_000, as_jpeg(noise(800, 500))[:-20_000]],
    ids=["rubbish", "truncated"],
)
def test_a_damaged_file_over_the_budget_stays_as_it_is(content):
    assert encode(content, FIT) == content


def test_a_file_that_would_decode_to_too_many_pixels_is_not_decoded():
    content = as_jpeg(noise(800, 500))

    assert encode(content, Fit(100_000, 1_000_000, 399_999, 32)) == content


def test_a_damaged_file_over_the_limit_is_too_large():
    with pytest.raises(TooLargeError, match="1700000 bytes, allowed 1000000"):
        encode(b"no picture at all" * 100_000, FIT)


# --- one camera's pictures in a row -------------------------------------------------------------


class Counted(Encoder):
    """Counts what it encodes."""

    encoded = 0

    def _at(self, step, pixels):
        self.encoded += 1
        return super()._at(step, pixels)


def test_a_camera_that_is_always_too_large_is_encoded_once_a_picture():
    encoder = Counted(Fit(20_000, 1_000_000, 40_000_000, 32))
    encoder.encode(noise(400, 300))
    searched = encoder.encoded

    jpegs = [encoder.encode(noise(400, 300, seed)) for seed in range(10)]

    assert searched > 5
    assert encoder.encoded - searched <= 12
    assert all(len(jpeg) <= 20_000 for jpeg in jpegs)


def test_after_a_hard_picture_an_easy_one_has_its_full_size_again():
    encoder = Encoder(Fit(20_000, 1_000_000, 40_000_000, 32))
    easy = np.full((300, 400, 3), 90, np.uint8)

    jpegs = [encoder.encode(pixels) for pixels in (noise(400, 300), easy)]

    assert size_of(jpegs[0]) < (400, 300)
    assert jpegs[1] == encode(easy, FIT)


def test_a_camera_that_changes_its_size_is_never_scaled_below_the_least_side():
    encoder = Encoder(Fit(3_000, 1_000_000, 40_000_000, 32))

    sizes = [size_of(encoder.encode(noise(*size))) for size in ((800, 600), (40, 60), (33, 33))]

    assert all(min(size) >= 32 for size in sizes)


def test_a_picture_in_shades_of_grey_is_encoded_as_such():
    jpeg = encode(noise(400, 301)[:, :, 0], Fit(20_000, 1_000_000, 40_000_000, 32))

    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels.ndim == 2
    assert len(jpeg) <= 20_000


def test_what_is_too_wide_for_a_jpeg_is_too_large():
    with pytest.raises(TooLargeError, match="70000x1 can't be a JPEG"):
        encode(np.zeros((1, 70_000, 3), np.uint8), FIT)


def test_a_camera_with_a_resolution_keeps_it_over_the_budget_and_never_over_the_limit():
    pixels = noise(400, 300)
    tight = Fit(10_000, 1_000_000, 40_000_000, 32)

    assert size_of(Encoder(tight).encode(pixels, keep_size=True)) == (400, 300)
    with pytest.raises(TooLargeError):
        Encoder(Fit(10_000, 20_000, 40_000_000, 32)).encode(pixels, keep_size=True)
