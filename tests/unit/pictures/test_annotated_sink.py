"""What the topic of annotated pictures gets."""

import numpy as np
import pytest

from pycturestream.blur.faces import FaceModelError
from pycturestream.contracts.detections import read_detections_record
from pycturestream.domain.cameras.camera import Camera
from pycturestream.pictures import blurring
from pycturestream.pictures.annotated_sink import AnnotatedSink
from pycturestream.pictures.frame_pictures import FramePicture
from tests import jpegs
from tests.builders import NOON, detection_record

GATE = Camera("gate", annotated=True, originals=True)


class Topic:
    def __init__(self):
        self.written = []

    def write(self, *message):
        self.written.append(message)

    def close(self):
        pass


def picture_of(astronaut):
    record = read_detections_record(detection_record(labels=["dog"]))
    return FramePicture(record, jpegs.pixels_of(astronaut))


def test_only_cameras_that_ask_for_it_are_annotated():
    record = read_detections_record(detection_record())
    sink = AnnotatedSink(Topic())

    assert sink.choose(record, GATE) == [record]
    assert sink.choose(record, Camera("gate")) == []


def test_a_picture_is_blurred_and_drawn_on_whatever_the_camera_allows(astronaut):
    topic, picture = Topic(), picture_of(astronaut)

    AnnotatedSink(topic).put(picture, GATE)

    [(camera_id, frame_id, captured_at, jpeg)] = topic.written
    assert (camera_id, frame_id, captured_at) == ("gate", picture.record.frame_id, NOON)
    pixels = jpegs.pixels_of(jpeg).astype(int)
    assert np.abs(pixels[110:165, 195:260] - 128).mean() < 8  # her face
    assert np.abs(pixels - picture.original).mean() > 5


def test_nothing_is_published_that_can_not_be_blurred(astronaut, monkeypatch):
    def broken():
        raise FaceModelError("float16.tflite is damaged")

    monkeypatch.setattr(blurring, "_face_finder", broken)
    topic = Topic()

    with pytest.raises(FaceModelError):
        AnnotatedSink(topic).put(picture_of(astronaut), GATE)
    assert topic.written == []
