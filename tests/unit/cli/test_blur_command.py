"""`pycturestream blur`: which files it writes, and what it says."""

import cv2
import numpy as np
import pytest

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.frames.jpeg import Size, read_size
from tests import jpegs
from tests.command_line import command_line

PICTURES = PROJECT_FOLDER / "samples" / "everyday" / "pictures"
FACE = slice(66, 177), slice(178, 269)
"""Rows and columns of the face in astronaut.jpg."""


@pytest.fixture
def run(monkeypatch, capsys):
    monkeypatch.setenv("PYCTURESTREAM_DETECTION_ARITHMETIC", "int8")
    return command_line(monkeypatch, capsys)


def test_the_copy_shows_everything_but_the_head(run, tmp_path):
    picture = PICTURES / "astronaut.jpg"

    ended = run("blur", picture, "--output", tmp_path / "blurred", "--json")

    assert ended.status == 0
    written = tmp_path / "blurred" / "astronaut.jpg"
    [record] = ended.records
    assert record == {"picture": str(picture), "faces": 1, "people": 1, "written": str(written)}
    before, after = (cv2.imread(str(path)).astype(int) for path in (picture, written))
    assert np.abs(after[FACE] - 128).max() < 10
    assert np.abs(after[400:] - before[400:]).mean() < 5


def test_the_copy_has_nothing_of_the_metadata(run, tmp_path):
    photo = jpegs.photo()
    (tmp_path / "photo.jpeg").write_bytes(photo[:2] + jpegs.EXIF + photo[2:])

    ended = run("blur", tmp_path / "photo.jpeg", "--output", tmp_path / "blurred")

    assert ended.status == 0
    written = (tmp_path / "blurred" / "photo.jpg").read_bytes()
    assert read_size(written) == Size(128, 96)
    assert b"GPS" not in written


def test_what_is_no_picture_is_reported_and_the_others_are_blurred(run, tmp_path):
    (tmp_path / "text.jpg").write_text("no picture")

    ended = run(
        "blur", tmp_path / "text.jpg", PICTURES / "coffee.jpg", "--output", tmp_path / "blurred"
    )

    assert ended.status == 1
    assert "coffee.jpg" in ended.output
    assert f"{tmp_path / 'text.jpg'}: " in ended.errors
    assert "error: 1 of 2 pictures could not be blurred" in ended.errors
    assert "Traceback" not in ended.errors
    assert [path.name for path in (tmp_path / "blurred").iterdir()] == ["coffee.jpg"]


def test_a_picture_is_never_replaced_by_its_copy(run, tmp_path):
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(jpegs.photo())

    ended = run("blur", picture, "--output", tmp_path)

    assert ended.status == 2
    assert "choose another" in ended.errors
    assert picture.read_bytes() == jpegs.photo()


def test_two_pictures_of_one_name_are_refused(run, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "photo.jpg").write_bytes(jpegs.photo())

    ended = run(
        *("blur", tmp_path / "one" / "photo.jpg", tmp_path / "two" / "photo.jpg"),
        *("--output", tmp_path / "blurred"),
    )

    assert ended.status == 2
    assert "photo.jpg is given more than once" in ended.errors
    assert not (tmp_path / "blurred").exists()


def test_a_picture_that_does_not_exist_is_named(run, tmp_path):
    ended = run("blur", tmp_path / "nothing.jpg", "--output", tmp_path / "blurred")

    assert ended.status == 2
    assert "nothing.jpg" in ended.errors
