"""What of a rejected record lies in a folder after `dead-letters --save`."""

import pytest

from pycturestream.cli import dead_letters
from pycturestream.log.dead_letters import LoggedDeadLetter
from tests import jpegs
from tests.command_line import command_line


def letter(number: int, value: bytes, reason: str) -> LoggedDeadLetter:
    at, came_from = "2026-11-21T12:00:00Z", f"frames/2/{number}"
    size = str(len(value))
    return LoggedDeadLetter("gate", at, reason, "a detail", size, "00", came_from, value)


@pytest.fixture
def save(monkeypatch, capsys, tmp_path):
    """Return a function that saves dead letters, and returns the files by name."""

    def save(*letters):
        monkeypatch.setattr(dead_letters, "read_dead_letters", lambda *_: iter(letters))
        ended = command_line(monkeypatch, capsys)("dead-letters", "--save", tmp_path)
        assert (ended.status, ended.errors) == (0, "")
        return {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    return save


def test_a_picture_is_saved_without_metadata_and_bytes_behind_it(save):
    photo = jpegs.photo()
    sent = photo[:2] + jpegs.EXIF + photo[2:] + b"behind the end"

    saved = save(letter(1, sent, "wrong-resolution"))

    assert set(saved) == {"frames-2-1.jpg", "frames-2-1.json"}
    picture = saved["frames-2-1.jpg"]
    assert jpegs.pixels_of(picture).shape == (96, 128, 3)
    assert b"GPS" not in picture
    assert b"behind" not in picture


@pytest.mark.parametrize(
    ("value", "reason"),
    [(b"four", "truncated"), (b"", "bad-record"), (jpegs.photo(), "detector-failed")],
)
def test_what_can_not_be_decoded_or_broke_a_decoder_is_saved_as_it_came(save, value, reason):
    assert save(letter(1, value, reason))["frames-2-1.bin"] == value
