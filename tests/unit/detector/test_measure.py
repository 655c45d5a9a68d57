"""What is measured of a picture does not depend on what does not belong to it."""

import cv2
import numpy as np
import pytest

from pycturestream.detector.canvas import Canvas
from pycturestream.detector.letterbox import letterbox
from pycturestream.detector.measure import measure
from pycturestream.domain.frames.picture_measure import BLACK, COLUMNS, ROWS, shade_of

CANVAS = Canvas(512, 384)


def scene(width=640, height=480, seed=1):
    """Return a picture with coarse and fine structure, RGB; the same one at every size."""
    source = np.random.default_rng(seed)
    coarse = cv2.resize(source.uniform(60, 200, (12, 16)), (1280, 960))
    fine = cv2.resize(source.normal(0, 30, (120, 160)), (1280, 960))
    grey = np.clip(coarse + fine, 20, 255).astype(np.uint8)
    return cv2.resize(np.dstack([grey] * 3), (width, height), interpolation=cv2.INTER_AREA)


def of(picture):
    return measure(letterbox(picture, CANVAS))


def test_a_plain_grey_picture_has_brightness_only():
    found = of(np.full((480, 640, 3), 51, np.uint8))
    assert (found.brightness, found.contrast, found.sharpness) == (0.2, 0, 0)
    assert found.thumbnail == bytes([shade_of(51)] * (ROWS * COLUMNS))


def test_cells_are_ordered_row_by_row_from_the_top_left():
    picture = np.full((480, 640, 3), 100, np.uint8)
    picture[:40, 600:] = 200
    cells = of(picture).thumbnail
    assert max(range(len(cells)), key=cells.__getitem__) == COLUMNS - 1


@pytest.mark.parametrize("size", [(320, 240), (1280, 960), (600, 450)])
def test_the_size_of_a_picture_does_not_matter(size):
    found, reference = of(scene(*size)), of(scene())
    assert found.sharpness == pytest.approx(reference.sharpness, rel=0.25)
    differences = np.subtract(list(found.thumbnail), list(reference.thumbnail))
    assert np.abs(differences).max() <= 3


def test_margins_are_not_measured():
    wide = scene()[120:360]
    assert of(wide).thumbnail.count(BLACK) == 0
    assert of(wide).brightness == pytest.approx(wide.mean() / 255, abs=0.01)


def test_sharpness_falls_with_blur_but_not_with_light():
    reference = of(scene()).sharpness
    assert of((scene() * 0.4).astype(np.uint8)).sharpness == pytest.approx(reference, rel=0.1)
    assert of(cv2.GaussianBlur(scene(), (0, 0), 4)).sharpness < 0.5 * reference


def test_black_areas_are_not_measured():
    masked = scene()
    masked[:, :330] = 0
    jpeg = cv2.imencode(".jpg", masked, [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    found, right = of(cv2.imdecode(jpeg, cv2.IMREAD_COLOR)), of(scene()[:, 340:])
    assert found.thumbnail.count(BLACK) == ROWS * COLUMNS // 2
    assert found.brightness == pytest.approx(right.brightness, abs=0.02)
    assert found.contrast == pytest.approx(right.contrast, abs=0.02)
    assert found.sharpness == pytest.approx(of(scene()).sharpness, rel=0.3)


def test_an_all_black_picture_measures_zero():
    found = of(np.zeros((480, 640, 3), np.uint8))
    assert found.thumbnail == bytes(ROWS * COLUMNS)
    assert (found.brightness, found.contrast, found.sharpness) == (0, 0, 0)
