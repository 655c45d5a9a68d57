"""Which pictures an export hands out."""

import pytest

from pycturestream.cli.composition import erasing as composition
from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import FRAMES
from pycturestream.domain.frames.frame import frame_id
from tests import jpegs
from tests.builders import MINUTE, NOON, detection_record
from tests.erasures import erasure
from tests.frame_log import FrameLog

SECOND = 1_000
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


def test_they_are_fetched_page_by_page(log, monkeypatch):
    sent = jpegs.encoded(64, 48, shade=250)
    records = [
        {**log.publish(detection_record(captured_at=NOON + number * SECOND), sent), "run": run}
        for number in range(7)
        for run in ("live", "try-1")
    ]
    read = []

    def found(*_):
        for record in records:
            read.append(record)
            yield record

    monkeypatch.setattr(composition, "_found", found)
    monkeypatch.setattr(composition, "PAGE", 2)
    pictures = composition.pictures(Settings(), CHOSEN)

    first = next(pictures)

    assert first.frame_id == records[0]["frame_id"]
    assert len(read) <= 6
    names = [first.frame_id, *(picture.frame_id for picture in pictures)]
    assert names == [record["frame_id"] for record in records[::2]]


def test_archived_pictures_without_a_record_are_named(tmp_path, monkeypatch):
    settings = Settings(archive=str(tmp_path))
    folder = tmp_path / "gate" / "2026-11-21"
    folder.mkdir(parents=True)
    known, unknown, other = (frame_id("gate", NOON + at) for at in (0, SECOND, MINUTE))
    for name in (known, unknown, other):
        (folder / f"{name}.jpg").write_bytes(b"jpeg")
        (folder / f"{name}.json").write_bytes(b"{}")
    monkeypatch.setattr(composition, "_found", lambda *_: iter([detection_record()]))

    *_, last = composition.left_out(settings, CHOSEN)

    assert "archive" in last
    assert unknown in last
    assert known not in last
    assert other not in last


def test_without_an_archive_nothing_else_is_left_out(tmp_path):
    assert len(list(composition.left_out(Settings(data_folder=tmp_path), CHOSEN))) == 2
