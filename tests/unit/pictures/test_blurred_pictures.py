"""Pictures one at a time, for who asks for many: from the log, from the archive, or why not."""

import numpy as np
import pytest
from kafka.errors import KafkaTimeoutError

from pycturestream.archive.archive import Archive
from pycturestream.config.settings import Settings
from pycturestream.contracts.detections import read_detections_record
from pycturestream.contracts.topics import FRAMES
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.erasure import Erasure, Erasures
from pycturestream.domain.frames.missing import Missing
from pycturestream.pictures.blurred_pictures import BlurredPictures
from tests.archives import described
from tests.builders import NOON, detection_record

FACE = slice(66, 177), slice(178, 269)
"""Rows and columns of the face in astronaut.jpg."""


@pytest.fixture
def erased():
    return []


@pytest.fixture
def settings(tmp_path):
    return Settings(archive=str(tmp_path / "archive"))


@pytest.fixture
def pictures(settings, log, erased):  # noqa: ARG001 - the log is installed
    pictures = BlurredPictures(settings, lambda: Erasures.of(erased))
    yield pictures
    pictures.close()


@pytest.fixture
def record(log, astronaut):
    return read_detections_record(log.publish(detection_record(labels=[]), astronaut))


def is_grey(pixels):
    return np.abs(pixels[FACE].astype(int) - 128).max() < 16


def test_nothing_is_connected_to_before_the_first_picture(pictures, log, record):
    assert log.connections == 0
    for _ in range(3):
        assert is_grey(pictures.fetch(record))
    assert log.connections == 1


def test_they_are_blurred_also_where_the_camera_allows_originals(pictures, log, record):
    log.apply(Camera("gate", originals=True, revision=1))
    assert is_grey(pictures.fetch(record))


def test_what_the_log_has_lost_comes_from_the_archive(pictures, settings, log, record, astronaut):
    log.forget(FRAMES, 1)
    assert pictures.fetch(record) is Missing.EXPIRED
    Archive.of(settings).put(described(NOON, astronaut), astronaut)
    assert is_grey(pictures.fetch(record))


def test_what_is_erased_does_not_leave(pictures, settings, record, erased, astronaut):
    Archive.of(settings).put(described(NOON, astronaut), astronaut)
    pictures.fetch(record)
    erased.append(Erasure("gate", NOON, NOON + 1, asked_at=NOON + 1))
    assert pictures.fetch(record) is Missing.ERASED


def test_after_an_error_of_the_log_it_is_connected_to_again(pictures, log, record, monkeypatch):
    pictures.fetch(record)

    def fail(_records):
        raise KafkaTimeoutError("no answer")

    with monkeypatch.context() as broken:
        broken.setattr(pictures._log, "fetch", fail)
        with pytest.raises(KafkaTimeoutError):
            pictures.fetch(record)
    assert log.connections == 0
    assert is_grey(pictures.fetch(record))
    assert log.connections == 1
