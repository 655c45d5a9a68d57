"""The picture in an email: blurred, whatever its camera allows."""

from types import SimpleNamespace

import numpy as np
import pytest

from pycturestream.blur.faces import FaceModelError
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.topics import FRAMES_REPLAY
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import frame_id
from pycturestream.log import results
from pycturestream.notifications import evidence
from pycturestream.notifications.evidence import fetch_evidence
from pycturestream.pictures import blurring
from tests import jpegs
from tests.alerts import alert
from tests.builders import NOON, detection_record
from tests.erasures import erasure
from tests.frame_log import FrameLog

SETTINGS = Settings()
RAISED = alert(frame_id=frame_id("gate", NOON))


@pytest.fixture
def log(monkeypatch):
    log = FrameLog()
    log.install(monkeypatch)
    monkeypatch.setattr(evidence, "now", lambda: NOON)
    return log


@pytest.fixture
def write(monkeypatch):
    """Return a function that writes the record of the frame."""

    def write(record):
        message = SimpleNamespace(
            topic="detections", partition=0, offset=0, value=encode_record(record)
        )
        monkeypatch.setattr(results, "read_of_key", lambda *_: [message])

    return write


def test_the_head_of_a_person_is_covered_even_where_originals_are_allowed(log, write):
    log.apply(Camera("gate", evidence=True, originals=True, revision=1))
    write(log.publish(detection_record(), jpegs.encoded(640, 480, shade=250)))

    pixels = jpegs.pixels_of(fetch_evidence(SETTINGS, RAISED)).astype(int)

    assert np.abs(pixels[100:190, 60:200] - 128).max() < 16  # of the box [0.1, 0.2, 0.3, 0.9]
    assert pixels[300:].min() > 240


def test_there_is_no_evidence_if_it_can_not_be_blurred(log, write, monkeypatch):
    def broken():
        raise FaceModelError("float16.tflite is damaged")

    monkeypatch.setattr(blurring, "_face_finder", broken)
    write(log.publish(detection_record(), jpegs.photo()))

    with pytest.raises(FaceModelError):
        fetch_evidence(SETTINGS, RAISED)


def test_evidence_that_is_gone_or_of_history_is_none(log, write):
    write(log.publish(detection_record(), jpegs.photo(), FRAMES_REPLAY))
    assert fetch_evidence(SETTINGS, RAISED) is None

    write(detection_record(offset=7))
    assert fetch_evidence(SETTINGS, RAISED) is None


def test_an_erased_picture_is_no_evidence(log, write):
    write(log.publish(detection_record(), jpegs.photo()))
    assert fetch_evidence(SETTINGS, RAISED)
    log.erase(erasure("gate", NOON, NOON + 1))
    assert fetch_evidence(SETTINGS, RAISED) is None
