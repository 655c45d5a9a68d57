"""CenterFace finds what its original finds, in pictures of every shape."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from pycturestream.blur.faces import (
    DESCRIPTION,
    FOLDER,
    NETWORK,
    FaceFinder,
    FaceModelError,
    find_faces,
)
from pycturestream.config.settings import PROJECT_FOLDER

PICTURES = PROJECT_FOLDER / "samples" / "everyday" / "pictures"
ORIGINAL = json.loads(
    (Path(__file__).parents[2] / "data" / "centerface-faces.json").read_text("utf-8")
)


@pytest.fixture(scope="module")
def finder():
    return FaceFinder()


def read(name: str):
    return cv2.imread(str(PICTURES / f"{name}.jpg"))


def in_pixels(box, pixels):
    height, width = pixels.shape[:2]
    return [box.x_min * width, box.y_min * height, box.x_max * width, box.y_max * height]


@pytest.mark.parametrize("name", ORIGINAL)
def test_boxes_differ_from_the_originals_by_less_than_a_pixel(finder, name):
    # Given what the ONNX file finds from a score of .35 on, by its own code
    pixels = read(name)

    found = [(in_pixels(box, pixels), score) for box, score in finder.find(pixels) if score >= 0.35]

    expected = sorted(ORIGINAL[name], key=lambda face: -face[4])
    assert len(found) == len(expected)
    for (box, score), (*its_box, its_score) in zip(found, expected, strict=True):
        assert box == pytest.approx(its_box, abs=1)
        assert score == pytest.approx(its_score, abs=0.02)


@pytest.mark.parametrize("name", ["books", "coffee", "clock", "scissors"])
def test_where_nobody_is_no_clear_face_is_found(finder, name):
    assert all(score < 0.35 for _, score in finder.find(read(name)))


def test_a_face_that_the_edge_cuts_in_half_is_found(finder):
    # Given the left half of a face that spans 178 to 269
    pixels = read("astronaut")[:, :224].copy()

    [(box, _), *_] = finder.find(pixels)

    assert in_pixels(box, pixels) == pytest.approx([178, 66, 224, 177], abs=12)


def test_a_small_face_is_found(finder):
    # Given a face of 15 pixels' width in a picture of 1280x720
    small = cv2.resize(read("astronaut"), None, fx=1 / 6, fy=1 / 6, interpolation=cv2.INTER_AREA)
    pixels = np.full((720, 1280, 3), 90, np.uint8)
    pixels[300 : 300 + small.shape[0], 600 : 600 + small.shape[1]] = small

    [(box, _), *_] = finder.find(pixels)

    assert in_pixels(box, pixels) == pytest.approx([630, 311, 645, 330], abs=4)


@pytest.mark.parametrize("shape", [(1, 1), (3, 2000), (2000, 3), (31, 33), (1500, 2000)])
def test_a_picture_may_have_any_shape(finder, shape):
    assert all(score < 0.35 for _, score in finder.find(np.full((*shape, 3), 90, np.uint8)))


def test_threads_that_share_the_network_get_each_their_own_faces(finder):
    pictures = [read(name) for name in ("astronaut", "ball-game", "grace-hopper")] * 2
    one_by_one = [finder.find(pixels) for pixels in pictures]

    with ThreadPoolExecutor(3) as threads:
        at_once = list(threads.map(finder.find, pictures))

    assert at_once == one_by_one


def test_each_face_is_found_once_at_its_place_and_best_first():
    # Given two neighbouring squares that see one face, and a third that sees another one
    scores = np.zeros((10, 20, 1), np.float32)
    scores[3, 4], scores[3, 5], scores[8, 15] = 0.8, 0.7, 0.9
    sizes = np.zeros((10, 20, 2), np.float32)
    sizes[3, 4:6] = np.log([6, 4])  # 24 pixels high, 16 wide
    offsets = np.zeros((10, 20, 2), np.float32)
    offsets[3, 4] = 0.25, 0.5

    (other, _), (face, score) = find_faces(scores, sizes, offsets, 0.5)

    assert other.tolist() == [60, 32, 64, 36]
    assert face.tolist() == pytest.approx([20 - 8, 15 - 12, 20 + 8, 15 + 12])
    assert score == pytest.approx(0.8)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "model")
    return tmp_path / "model"


def test_another_network_than_the_described_one_is_rejected(folder):
    (folder / NETWORK).write_bytes((folder / NETWORK).read_bytes()[:-1] + b"x")

    with pytest.raises(FaceModelError, match="SHA-256 differs"):
        FaceFinder(folder)


@pytest.mark.parametrize("file", [DESCRIPTION, NETWORK])
def test_a_missing_file_is_named(folder, file):
    (folder / file).unlink()

    with pytest.raises(FaceModelError, match=f"{file}: No such file"):
        FaceFinder(folder)


@pytest.mark.parametrize("text", ["", "{}", '{"name": 1}'])
def test_a_damaged_description_is_named(folder, text):
    (folder / DESCRIPTION).write_text(text)

    with pytest.raises(FaceModelError, match=DESCRIPTION):
        FaceFinder(folder)
