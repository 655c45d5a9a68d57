"""What leaves of a picture that only the archive still holds."""

import numpy as np
import pytest
from msgspec.structs import replace

from pycturestream.archive.archive import Archive
from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import FRAMES
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.missing import Missing
from pycturestream.pictures.frame_pictures import fetch_pictures
from tests import jpegs
from tests.archives import described
from tests.builders import NOON, detection_record

FACE = slice(66, 177), slice(178, 269)
"""Rows and columns of the face in astronaut.jpg."""


@pytest.fixture
def settings(tmp_path):
    return Settings(archive=str(tmp_path / "archive"))


@pytest.fixture
def record(log):
    """A detections record whose picture the log no longer holds."""
    record = log.publish(detection_record(labels=[]), b"x")
    log.forget(FRAMES, 1)
    return record


def archive(settings, jpeg, **fields):
    found = Archive.of(settings)
    kept = replace(described(NOON, jpeg), **fields)
    found.put(kept, jpeg)
    return found, kept


def fetched(settings, record, **options):
    [(_, picture)] = fetch_pictures(settings, [record], **options)
    return picture


def grey(picture):
    return np.abs(jpegs.pixels_of(picture)[FACE].astype(int) - 128).max() < 16


def test_a_picture_that_the_log_lost_comes_from_the_archive(settings, record, astronaut):
    assert fetched(settings, record) is Missing.EXPIRED
    archive(settings, astronaut)
    picture = fetched(settings, record)
    assert grey(picture)
    below = jpegs.pixels_of(picture)[460:].astype(int) - jpegs.pixels_of(astronaut)[460:]
    assert np.abs(below).mean() < 5


def test_what_was_archived_as_it_was_leaves_blurred(settings, record, astronaut):
    archive(settings, astronaut, original=True)
    assert grey(fetched(settings, record))


def test_a_description_that_says_it_is_blurred_is_not_believed(settings, record, astronaut):
    archive(settings, astronaut, original=False)
    assert grey(fetched(settings, record))


def test_it_leaves_as_it_was_where_somebody_asks_and_the_camera_allows_it(
    settings, record, log, astronaut
):
    log.apply(Camera("gate", originals=True, revision=1))
    archive(settings, astronaut, original=True)
    assert not grey(fetched(settings, record, original=True))


def test_a_blurred_picture_is_not_handed_out_as_an_original(settings, record, log, astronaut):
    log.apply(Camera("gate", originals=True, revision=1))
    archive(settings, astronaut)
    assert fetched(settings, record, original=True) is Missing.ONLY_BLURRED


def test_a_picture_that_was_changed_does_not_leave(settings, record, astronaut):
    found, kept = archive(settings, astronaut)
    found.storage.write(kept.path, astronaut + b"changed")
    assert fetched(settings, record) is Missing.CHANGED


def test_of_a_replay_the_live_picture_is_not_taken(settings, record, astronaut):
    archive(settings, astronaut)
    assert fetched(settings, record | {"run": "yesterday"}) is Missing.EXPIRED


@pytest.mark.parametrize("frame_id", ["../../gate_20261121T120000000Z", "..", ""])
def test_a_frame_id_that_tries_to_leave_the_archive_finds_nothing(
    settings, record, astronaut, frame_id
):
    archive(settings, astronaut)
    assert fetched(settings, record | {"frame_id": frame_id}) is Missing.EXPIRED
