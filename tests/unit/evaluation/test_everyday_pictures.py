"""The everyday pictures: complete, small, of varied shape and content, and of known origin."""

from collections import Counter

import pytest

from producers.encode import Fit
from pycturestream.config.settings import PROJECT_FOLDER, settings
from pycturestream.detector.registry import load_model
from pycturestream.evaluation.labelled_pictures import read_set

EVERYDAY = PROJECT_FOLDER / "samples" / "everyday"
FILES = sorted((EVERYDAY / "pictures").iterdir())


@pytest.fixture(scope="module")
def everyday():
    return read_set(EVERYDAY, None, None, 1)


def test_each_picture_can_be_read_and_has_labels_for_its_size(everyday):
    assert len(list(everyday.jpegs(Fit.of(settings())))) == len(everyday.pictures) >= 30


def test_there_are_no_other_files(everyday):
    assert [f"pictures/{file.name}" for file in FILES] == [p.name for p in everyday.pictures]


def test_every_label_is_one_of_the_default_model(everyday):
    labels = {box.label for picture in everyday.pictures for box in picture.boxes}

    assert labels <= set(load_model("nanodet").labels)


def test_people_vehicles_animals_and_indoor_things_are_in_them(everyday):
    number = Counter(box.label for each in everyday.pictures for box in each.boxes if box.counts)

    assert number["person"] >= 15
    assert sum(number[label] for label in ("car", "bicycle", "motorcycle")) >= 10
    assert sum(number[label] for label in ("cat", "dog", "bird", "horse", "cow", "sheep")) >= 15
    assert sum(number[label] for label in ("cup", "bottle", "chair", "book", "potted plant")) >= 10


def test_shapes_are_varied(everyday):
    shapes = {round(each.size.width / each.size.height, 1) for each in everyday.pictures}

    assert min(shapes) < 0.8
    assert max(shapes) > 2
    assert len(shapes) >= 8


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_is_small_and_its_origin_and_licence_are_named(file):
    table = (EVERYDAY / "README.md").read_text("utf-8").splitlines()
    notice = (PROJECT_FOLDER / "NOTICE").read_text("utf-8")

    assert file.stat().st_size < 150_000
    [row] = [line for line in table if line.startswith(f"| `{file.stem}` |")]
    assert all(cell.strip() for cell in row.strip("|").split("|"))
    assert file.stem in notice.replace(",", " ").replace(".", " ").split()
