"""Which pictures may be in the folder of the archive, and until when."""

import pytest

from pycturestream.application.proving import prove, written_folders
from pycturestream.archive.archive import Archive
from pycturestream.archive.locks import Locks, new_lock
from pycturestream.config.settings import Settings
from pycturestream.domain.times import DAY_MS
from pycturestream.privacy.proof import Proof
from pycturestream.privacy.rules import Rules
from tests import jpegs
from tests.archives import name_at, put
from tests.builders import NOON

JPEG = jpegs.encoded(64, 48)
RETENTION_MS = 60_000
LAST = NOON + DAY_MS + 2 * RETENTION_MS
"""When a picture of NOON that is kept for a day must be gone."""


@pytest.fixture
def settings(tmp_path):
    return Settings(
        data_folder=tmp_path / "data",
        archive=str(tmp_path / "archive"),
        archive_retention_ms=RETENTION_MS,
    )


@pytest.fixture
def archive(settings):
    return Archive.of(settings)


def found(settings, at):
    proof = Proof(Rules.of(settings), lambda: at)
    for folder in written_folders(settings):
        if "pycturestream-" not in folder.name:  # folders of other tests
            proof.search_folder(folder)
    return [(each.allowed, each.why) for each in proof.report().found]


def test_a_picture_may_be_there_until_it_was_to_be_removed(settings, archive):
    put(archive, NOON, JPEG, days=1)
    assert found(settings, LAST) == [(True, "within its time")]
    assert found(settings, LAST + 1) == [(False, "past its time")]


def test_a_locked_picture_may_stay(settings, archive):
    record = put(archive, NOON, JPEG, days=1, alerts=("a",))
    Locks(archive).write(new_lock("a", [record], reason="burglary", by="guard", at=NOON))
    assert found(settings, NOON + 999 * DAY_MS) == [(True, "locked")]


def test_a_picture_without_a_description_may_be_there_for_minutes(settings, archive, tmp_path):
    path = name_at(NOON).path("jpg")
    archive.storage.write(path, JPEG)
    written = (tmp_path / "archive" / path).stat().st_mtime_ns // 1_000_000
    assert found(settings, written) == [(True, "within its time")]
    assert found(settings, written + 15 * 60_000) == [(False, "past its time")]


@pytest.mark.parametrize("name", ["holiday.jpg", "gate/holiday.jpg", "gate/2026-11-21/x.jpg"])
def test_other_pictures_in_the_folder_are_not_allowed(settings, archive, tmp_path, name):
    put(archive, NOON, b"no picture")
    path = tmp_path / "archive" / name
    path.write_bytes(JPEG)
    assert found(settings, NOON) == [(False, "nothing describes it")]


def test_a_picture_in_a_description_is_not_allowed(settings, archive, tmp_path):
    record = put(archive, NOON, b"no picture")
    description = tmp_path / "archive" / record.path.replace(".jpg", ".json")
    description.write_bytes(description.read_bytes() + JPEG)
    assert found(settings, NOON) == [(False, "nothing describes it")]


def test_an_archive_in_an_object_store_is_left_out_and_named(tmp_path):
    settings = Settings(data_folder=tmp_path / "data", archive="s3://bucket/archive")
    report = prove(settings, stores=False)
    assert any("s3://bucket/archive" in each.what for each in report.not_searched)
