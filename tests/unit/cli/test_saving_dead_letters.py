"""What of a rejected record lies in a folder after `dead-letters --save`."""

import msgspec
import numpy as np
import pytest

from pycturestream.blur.faces import FaceModelError
from pycturestream.cli import dead_letters
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.cameras.camera import Camera
from pycturestream.log.dead_letters import LoggedDeadLetter
from pycturestream.pictures import blurring
from tests import jpegs
from tests.command_line import command_line
from tests.frame_log import FrameLog

ASTRONAUT = PROJECT_FOLDER / "samples" / "everyday" / "pictures" / "astronaut.jpg"
FACE = slice(66, 177), slice(178, 269)
"""Rows and columns of the face in it."""
UNSEEN = [(b"four", "truncated"), (jpegs.photo(), "detector-failed")]
"""What can't be decoded, and what must not be."""


def letter(number: int, value: bytes, reason: str, camera_id: str = "gate") -> LoggedDeadLetter:
    at, came_from = "2026-11-21T12:00:00Z", f"frames/2/{number}"
    size = str(len(value))
    return LoggedDeadLetter(camera_id, at, reason, "a detail", size, "00", came_from, value)


@pytest.fixture
def log(monkeypatch):
    log = FrameLog()
    log.install(monkeypatch)
    return log


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Return a function that saves dead letters, and returns how the command ended."""
    monkeypatch.setenv("PYCTURESTREAM_DETECTION_ARITHMETIC", "int8")

    def run(letters, *words):
        monkeypatch.setattr(dead_letters, "read_dead_letters", lambda *_: iter(letters))
        words = ("dead-letters", "--save", tmp_path / "saved", *words)
        return command_line(monkeypatch, capsys)(*words)

    return run


@pytest.fixture
def save(run, tmp_path):
    """Return a function that saves dead letters, and returns the files by name."""

    def save(*letters, original=False):
        ended = run(letters, *(["--original"] if original else []))
        assert (ended.status, ended.errors) == (0, "")
        return {path.name: path.read_bytes() for path in (tmp_path / "saved").iterdir()}

    return save


@pytest.mark.parametrize("original", [False, True])
def test_a_picture_is_saved_without_metadata_and_bytes_behind_it(save, log, original):
    log.apply(Camera("gate", originals=True, revision=1))
    photo = jpegs.photo()
    sent = photo[:2] + jpegs.EXIF + photo[2:] + b"behind the end"

    saved = save(letter(1, sent, "wrong-resolution"), original=original)

    assert set(saved) == {"frames-2-1.jpg", "frames-2-1.json"}
    picture = saved["frames-2-1.jpg"]
    assert jpegs.pixels_of(picture).shape == (96, 128, 3)
    assert b"GPS" not in picture
    assert b"behind" not in picture
    assert "left_out" not in msgspec.json.decode(saved["frames-2-1.json"])


def test_people_in_it_are_detected_and_blurred(save):
    saved = save(letter(1, ASTRONAUT.read_bytes(), "wrong-resolution"))

    pixels = jpegs.pixels_of(saved["frames-2-1.jpg"])
    assert np.abs(pixels[FACE].astype(int) - 128).max() < 16


@pytest.mark.parametrize(("value", "reason"), UNSEEN)
def test_of_what_can_not_be_blurred_only_the_reason_is_saved(save, value, reason):
    saved = save(letter(1, value, reason))

    assert set(saved) == {"frames-2-1.json"}
    assert "blurred" in msgspec.json.decode(saved["frames-2-1.json"])["left_out"]


def test_of_what_the_log_has_no_bytes_the_reason_says_so(save):
    saved = save(letter(1, b"", "bad-record"))

    assert set(saved) == {"frames-2-1.json"}
    left_out = msgspec.json.decode(saved["frames-2-1.json"])["left_out"]
    assert left_out == "the log holds no bytes of it"


@pytest.mark.parametrize(("value", "reason"), UNSEEN)
def test_its_bytes_are_saved_where_the_camera_allows_originals(save, log, value, reason):
    log.apply(Camera("gate", originals=True, revision=1))

    assert save(letter(1, value, reason), original=True)["frames-2-1.bin"] == value


def test_no_original_is_saved_unless_all_cameras_allow_it(run, log, tmp_path):
    log.apply(Camera("gate", originals=True, revision=1))
    letters = [letter(1, jpegs.photo(), "too-small"), letter(2, b"four", "truncated", "no/camera")]

    ended = run(letters, "--original")

    assert ended.status == 1
    assert ended.errors.startswith("error: no originals of no/camera: ")
    assert ended.errors.count("\n") == 1
    assert not (tmp_path / "saved").exists()


def test_nothing_is_saved_if_nothing_can_be_blurred(run, monkeypatch, tmp_path):
    def broken():
        raise FaceModelError("float16.tflite is damaged")

    monkeypatch.setattr(blurring, "_face_finder", broken)

    ended = run([letter(1, jpegs.photo(), "too-small")])

    assert (ended.status, ended.errors) == (1, "error: float16.tflite is damaged\n")
    assert not (tmp_path / "saved").exists()


def test_original_without_save_is_wrong_use(monkeypatch, capsys):
    ended = command_line(monkeypatch, capsys)("dead-letters", "--original")

    assert ended.status == 2
    assert "--save" in ended.errors
