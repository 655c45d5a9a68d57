"""Which pictures the models get, and in which results their detections are."""

import cv2
import numpy as np
import pytest
from msgspec.structs import replace

from pycturestream.detector.canvas import Canvas
from pycturestream.detector.detector import Detector
from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.pipeline.events import ModelVersion

SIDE = BoundingBox(0.0, 0.0, 0.5, 1.0)
FACES = ModelVersion("faces", "1")


def grey(shade):
    return cv2.imencode(".jpg", np.full((600, 800, 3), shade, np.uint8))[1].tobytes()


class Brightness:
    """A fake model for objects: one in each picture, whose score is the picture's brightness."""

    def __init__(self):
        self.description = self
        self.canvases = Canvas(32, 32)

    def detect(self, pictures):
        return [[Detection("light", float(p.canvas[16, 16, 0]) / 255, SIDE)] for p in pictures]


class Shades:
    """A fake model for faces, which does the same with the pictures that it gets."""

    version = FACES

    def __init__(self):
        self.loaded = 0
        self.shapes = []

    def load(self):
        self.loaded += 1
        return self

    def find(self, pixels):
        self.shapes.append(pixels.shape)
        return (Detection("face", round(float(pixels.mean()) / 255, 1), SIDE),)


@pytest.fixture
def faces():
    return Shades()


@pytest.fixture
def detector(faces):
    opened = Detector(Brightness(), batch_size=2, load_faces=faces.load)
    yield opened
    opened.close()


def test_faces_are_found_in_the_pictures_with_these_numbers(detector, faces):
    # Given three batches, with a broken picture in the first one
    shades = (0, None, 51, 102, 255)
    jpegs = [b"none" if shade is None else grey(shade) for shade in shades]

    found = detector.detect(jpegs, [1, 2, 4]).results

    labels = [[detection.label for detection in result.detections] for result in found]
    assert labels == [["light"], [], ["light", "face"], ["light"], ["light", "face"]]
    assert [result.detections[-1].score for result in (found[2], found[4])] == [0.2, 1.0]
    assert [result.further_models for result in found] == [(), (), (FACES,), (), (FACES,)]
    assert found[1].error.reason == "not-jpeg"
    assert faces.shapes == [(576, 768, 3)] * 2


def test_without_faces_results_are_the_same(detector):
    jpegs = [grey(shade) for shade in (0, 51, 255)]
    plain = detector.detect(jpegs).results
    both = detector.detect(jpegs, [0, 1, 2]).results
    for before, after in zip(plain, both, strict=True):
        assert after.detections[:1] == before.detections
        assert after.measure == before.measure


def test_the_model_for_faces_is_loaded_when_it_is_needed_and_once(detector, faces):
    detector.detect([grey(0)])
    assert faces.loaded == 0
    for _ in range(2):
        detector.detect([grey(0)], [0])
    assert faces.loaded == 1


def test_objects_are_detected_where_the_model_for_faces_can_not_be_loaded():
    detector = Detector(Brightness(), batch_size=2, load_faces=lambda: None)
    batch = detector.detect([grey(255)], [0])
    detector.close()
    [result] = batch.results
    assert [replace(d, score=1.0) for d in result.detections] == [Detection("light", 1.0, SIDE)]
    assert (result.further_models, batch.faces_ms) == ((), 0.0)


def test_each_picture_for_faces_begins_a_deadline(detector):
    calls = []
    detector.detect([grey(0)] * 5, [0, 1, 4], lambda: calls.append(1))
    assert len(calls) >= 3
