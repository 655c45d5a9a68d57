"""The snapshot of a camera: the picture of its newest record, blurred."""

import pytest

from pycturestream.application import camera_editing
from pycturestream.application.camera_editing import RecordedSnapshots
from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import FRAMES
from pycturestream.domain.frames.missing import Missing
from tests import jpegs
from tests.builders import detection_record
from tests.erasures import erasure
from tests.frame_log import FrameLog


@pytest.fixture
def log(monkeypatch):
    log = FrameLog()
    log.install(monkeypatch)
    return log


@pytest.fixture
def latest(monkeypatch):
    """The newest records in Redis, by camera."""
    records = {}

    class View:
        def __init__(self, _settings):
            self.latest = records.get

        def close(self):
            pass

    monkeypatch.setattr(camera_editing, "RedisView", View)
    return records


def newest(camera_id="gate"):
    snapshots = RecordedSnapshots(Settings())
    record = snapshots.record(camera_id)
    return record and snapshots.picture(record)


def test_is_the_newest_picture_without_its_metadata(log, latest):
    picture = jpegs.encoded(640, 360)
    latest["gate"] = log.publish(detection_record(), picture[:2] + jpegs.EXIF + picture[2:])
    snapshot = newest()
    assert snapshot.captured_at == latest["gate"]["captured_at"]
    assert jpegs.pixels_of(snapshot.jpeg).shape == (360, 640, 3)
    assert b"GPS" not in snapshot.jpeg


def test_there_is_none_of_a_camera_that_was_not_seen(log, latest):  # noqa: ARG001
    assert newest() is None


def test_what_the_log_no_longer_holds_is_missing(log, latest):
    latest["gate"] = log.publish(detection_record(), jpegs.encoded(640, 360))
    log.forget(FRAMES, 1)
    assert newest() is Missing.EXPIRED


def test_what_is_erased_is_missing(log, latest):
    latest["gate"] = log.publish(detection_record(), jpegs.encoded(640, 360))
    log.erase(erasure())
    assert newest() is Missing.ERASED
