"""The time per picture, by which a live job chooses how many it can process."""

from collections import deque

import msgspec
import pytest

from pycturestream.detector.detection_result import DetectionBatch, DetectionResult
from pycturestream.detector.detector_process import (
    BATCHES,
    FACES_MS,
    READY,
    RESULTS,
    DetectorProcess,
    Ready,
)
from pycturestream.detector.registry import load_model


@pytest.fixture
def detect(monkeypatch):
    """Return a function that detects in a batch which takes that long, and returns the time."""
    process = DetectorProcess.__new__(DetectorProcess)
    process._ready, process._timeout_s = False, 1.0
    process._faces_ms = deque([FACES_MS], BATCHES)
    process.description = load_model("nanodet")
    answers = [READY + msgspec.msgpack.encode(Ready(30.0, "float32"))]
    monkeypatch.setattr(process, "_exchange", lambda *_: answers.pop(), raising=False)
    assert process.picture_ms == 30.0

    def detect(took_ms, pictures=4, faces_ms=0.0, with_faces=0):
        results = (DetectionResult(),) * pictures
        batch = DetectionBatch(results, 0.0, took_ms * pictures, faces_ms * with_faces)
        answers.append(RESULTS + msgspec.msgpack.encode(batch))
        process.detect([b""] * pictures, range(with_faces))
        return process.picture_ms

    detect.process = process
    return detect


def test_one_batch_that_took_long_says_nothing_about_the_next(detect):
    for _ in range(3):
        detect(30.0)

    assert [detect(10_000.0, pictures=1), detect(30.0)] == [30.0, 30.0]


def test_a_machine_that_stays_slow_is_believed_after_a_few_batches(detect):
    times = [detect(30.0) for _ in range(BATCHES)] + [detect(90.0) for _ in range(BATCHES)]

    assert times[BATCHES + BATCHES // 2 :] == [90.0] * (BATCHES - BATCHES // 2)


def test_the_time_for_faces_is_that_of_the_pictures_in_which_they_were_looked_for(detect):
    assert detect.process.faces_ms == FACES_MS
    for _ in range(BATCHES):
        assert detect(30.0, pictures=4, faces_ms=80.0, with_faces=1) == 30.0
    detect(30.0)  # without any
    assert detect.process.faces_ms == 80.0


def test_faces_take_no_time_where_their_model_can_not_be_loaded(detect):
    for _ in range(BATCHES):
        detect(30.0, pictures=4, with_faces=4)
    assert detect.process.faces_ms == 0.0
