"""Which pictures an export hands out."""

import pytest

from pycturestream.cli.composition import erasing as composition
from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import FRAMES
from tests import jpegs
from tests.builders import MINUTE, NOON, detection_record
from tests.erasures import erasure
from tests.frame_log import FrameLog

CHOSEN = erasure("gate", NOON, NOON + MINUTE)


@pytest.fixture
def log(monkeypatch):
    log = FrameLog()
    log.install(monkeypatch)
    return log


def test_those_that_still_exist_leave_once_blurred(log, monkeypatch):
    sent = jpegs.encoded(640, 480, shade=250)
    gone, kept = (
        log.publish(detection_record(captured_at=NOON + number), sent) for number in range(2)
    )
    log.forget(FRAMES, 1)
    found = [gone, kept, {**kept, "run": "try-1"}]
    monkeypatch.setattr(composition, "_found", lambda *_: iter(found))

    [picture] = composition.pictures(Settings(), CHOSEN)

    assert picture.frame_id == kept["frame_id"]
    pixels = jpegs.pixels_of(picture.jpeg)
    assert pixels.shape == (480, 640, 3)
    assert abs(int(pixels[150, 100, 0]) - 128) < 16  # the head of the person in the record
    assert pixels[400:].min() > 240
