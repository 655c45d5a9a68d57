import errno
import os
import time
from pathlib import Path

import pytest

from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings
from pycturestream.domain.times import Millis
from pycturestream.stores.reference_folder import References, StorageError, clear_up

AT = Millis(1_795_262_400_125)


@pytest.fixture
def clock():
    return SystemClock()


@pytest.fixture
def settings(tmp_path):
    return Settings(reference_folder=str(tmp_path), retention_check_ms=20)


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_a_picture_is_kept_until_its_time_has_come(tmp_path, settings, clock):
    now = clock.now()
    name = References("gate", 60_000, settings, clock).write(AT, b"jpeg")

    clear_up(tmp_path, Millis(now + 59_000))
    assert (tmp_path / name).read_bytes() == b"jpeg"
    clear_up(tmp_path, Millis(now + 70_000))
    assert not (tmp_path / name).exists()


def test_it_is_removed_while_the_camera_runs(tmp_path, settings, clock):
    name = References("gate", 0, settings, clock).write(AT, b"jpeg")

    wait_until(lambda: not (tmp_path / name).exists())


def test_it_is_removed_even_after_a_failure_to_read_the_folder(
    tmp_path, settings, clock, monkeypatch
):
    attempts, read = [], Path.glob

    def glob(path, pattern):
        attempts.append(pattern)
        if len(attempts) <= 2:
            raise OSError(errno.ESTALE, "Stale file handle")
        return read(path, pattern)

    monkeypatch.setattr(Path, "glob", glob)
    name = References("gate", 0, settings, clock).write(AT, b"jpeg")

    wait_until(lambda: not (tmp_path / name).exists())


def test_a_new_process_removes_what_former_ones_left(tmp_path, settings, clock):
    slow = settings.model_copy(update={"retention_check_ms": 3_600_000})
    References("gate", 60_000, slow, clock)
    left = tmp_path / "former" / "being-made"  # no picture yet: the first clearing up may still run
    left.parent.mkdir()
    left.write_bytes(b"jpeg")
    os.utime(left, (0, 0))
    former = left.rename(left.with_name("former_20261121T120000125Z.jpg"))

    References("gate", 60_000, settings, clock)

    wait_until(lambda: not former.exists())


def test_what_a_killed_process_did_not_finish_is_removed_as_well(tmp_path):
    unfinished = tmp_path / "gate" / "x.part"
    unfinished.parent.mkdir()
    unfinished.write_bytes(b"half")
    now = Millis(time.time_ns() // 1_000_000)

    clear_up(tmp_path, now)
    assert unfinished.exists()
    clear_up(tmp_path, Millis(now + 61_000))
    assert not unfinished.exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path, settings, clock):
    photo = tmp_path / "holiday" / "photo.jpg"
    photo.parent.mkdir()
    photo.write_bytes(b"mine")
    os.utime(photo, (0, 0))

    with pytest.raises(StorageError, match="holds other files"):
        References("gate", 60_000, settings, clock)
    assert photo.exists()


def test_only_pictures_are_removed(tmp_path):
    note = tmp_path / "gate" / "note.txt"
    note.parent.mkdir()
    note.write_text("mine")
    os.utime(note, (0, 0))

    clear_up(tmp_path, AT)

    assert note.exists()


def test_the_same_picture_again_replaces_the_first(tmp_path, settings, clock):
    references = References("gate", 60_000, settings, clock)

    names = {references.write(AT, jpeg) for jpeg in (b"one", b"other")}

    assert [(tmp_path / name).read_bytes() for name in names] == [b"other"]


def test_without_a_folder_the_error_names_the_setting(clock):
    with pytest.raises(StorageError, match="set PYCTURESTREAM_REFERENCE_FOLDER"):
        References("gate", 60_000, Settings(), clock)
