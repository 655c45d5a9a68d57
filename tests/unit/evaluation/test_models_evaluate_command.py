"""`models evaluate` with a model that says what it is told to say."""

import json
import sys
from types import ModuleType

import cv2
import numpy as np
import pytest

from pycturestream import evaluation
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from tests.command_line import command_line

DOG = BoundingBox(0.1, 0.1, 0.5, 0.6)


class FakePass:
    """Finds a dog in every picture."""

    @classmethod
    def load(cls, description, settings):
        del description, settings
        return cls()

    def decode(self, jpeg):
        return jpeg

    def find(self, pictures):
        return [[Detection("dog", 0.9, DOG), Detection("cat", 0.2, DOG)] for _ in pictures]


@pytest.fixture
def run(monkeypatch, capsys):
    module = ModuleType("pycturestream.evaluation.model_pass")
    module.ModelPass = FakePass
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return command_line(monkeypatch, capsys)


@pytest.fixture
def folder(tmp_path):
    """A dog, and a picture <&> in which there is none."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("dog.jpg", "<&>.jpg"):
        cv2.imwrite(str(folder / name), np.full((100, 200, 3), 90, np.uint8))
    labels = {
        "images": [
            {"id": 1, "file_name": "dog.jpg", "width": 200, "height": 100},
            {"id": 2, "file_name": "<&>.jpg", "width": 200, "height": 100},
        ],
        "annotations": [
            {"image_id": 1, "category_id": 1, "bbox": [20, 10, 80, 50]},
            {"image_id": 1, "category_id": 2, "bbox": [100, 10, 80, 50]},
        ],
        "categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "tree"}],
    }
    (folder / "labels.json").write_text(json.dumps(labels))
    return folder


def test_figures_come_as_records(run, folder):
    ended = run("models", "evaluate", folder, "--no-cost", "--json")

    assert ended.status == 0
    [whole] = [record for record in ended.records if record["kind"] == "all"]
    assert (whole["pictures"], whole["right"], whole["false"], whole["missed"]) == (2, 1, 1, 1)
    assert (whole["precision"], whole["recall"]) == (0.5, 0.5)
    assert whole["unknown_labels"] == {"tree": 1}
    labels = {record["label"]: record for record in ended.records if record["kind"] == "label"}
    assert set(labels) == {"dog", "tree"}
    assert (labels["dog"]["best_threshold"], labels["tree"]["ap50"]) == (0.9, 0)
    assert {"best", "size", "calibration", "picture"} < {r["kind"] for r in ended.records}


def test_figures_are_tables_for_people(run, folder):
    ended = run("models", "evaluate", folder, "--no-cost")

    assert ended.status == 0
    assert "on 2 pictures: AP50" in ended.output
    assert "the model does not have the label tree: 1 missed" in ended.output
    assert "calibration" in ended.output


def test_one_label_is_scored_alone(run, folder):
    ended = run("models", "evaluate", folder, "--label", "dog", "--every", 2, "--no-cost", "--json")

    whole = ended.records[0]
    assert (whole["pictures"], whole["ap50"], whole["f1"]) == (1, 1, 1)


def test_the_page_shows_the_worst_pictures_and_needs_no_other_file(run, folder, tmp_path):
    page = tmp_path / "page.html"

    ended = run("models", "evaluate", folder, "--no-cost", "--page", page, "--worst", 1)

    assert ended.status == 0
    text = page.read_text()
    assert text.count("<figure>") == 1
    assert text.count("data:image/jpeg;base64,") == 1
    assert "http" not in text.replace('http-equiv="Content-Security-Policy"', "")
    assert "dog.jpg: 1 right, 0 false, 1 missed" in text or "&lt;&amp;&gt;.jpg" in text
    assert list(tmp_path.glob(".page*")) == []


def test_names_of_files_are_text_on_the_page(run, folder, tmp_path):
    page = tmp_path / "page.html"

    run("models", "evaluate", folder, "--no-cost", "--page", page)

    assert "&lt;&amp;&gt;.jpg: 0 right, 1 false, 0 missed" in page.read_text()


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        (("{folder}/missing",), 2, "does not exist"),
        (("{folder}", "--truth", "{folder}/none.json"), 2, "does not exist"),
        (("{folder}", "--page", "{folder}/none/page.html"), 2, "there is no folder"),
        (("{folder}", "--label", "zebra"), 1, "no zebra is labelled"),
        (("{folder}", "--model", "none"), 1, "there is no model 'none'"),
        (("{folder}", "--every", "0"), 2, "greater than or equal to 1"),
        (("{folder}/dog.jpg",), 2, "--truth is missing"),
        (("{folder}/labels.json", "--truth", "{folder}/labels.json"), 1, "labels.json"),
        (("{clip}", "--truth", "{folder}/labels.json"), 1, "fields, expected 7 to 10"),
        (("{clip}", "--truth", "{clip}"), 1, "can't be read"),
    ],
)
def test_wrong_use_is_one_line(run, folder, words, status, reason):
    clip = PROJECT_FOLDER / "samples" / "plaza.mp4"

    ended = run("models", "evaluate", *(word.format(folder=folder, clip=clip) for word in words))

    assert ended.status == status
    assert reason in ended.errors
    assert len(ended.errors.strip().splitlines()) == 1
    assert ended.output == ""


def test_a_picture_that_is_damaged_is_named_and_no_page_is_left(run, folder, tmp_path):
    (folder / "dog.jpg").write_bytes((folder / "dog.jpg").read_bytes()[:20])

    ended = run("models", "evaluate", folder, "--no-cost", "--page", tmp_path / "page.html")

    assert ended.status == 1
    assert "dog.jpg: is not a picture, or is damaged" in ended.errors
    assert not (tmp_path / "page.html").exists()


def test_ctrl_c_ends_without_a_trace(run, folder, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(FakePass, "find", interrupt)

    ended = run("models", "evaluate", folder, "--no-cost")

    assert ended.status == 130
    assert "Traceback" not in ended.errors


def test_without_the_development_tools_the_remedy_is_named(run, folder, monkeypatch):
    monkeypatch.delattr(evaluation, "model_evaluation", raising=False)
    monkeypatch.delitem(sys.modules, "pycturestream.evaluation.model_evaluation", raising=False)
    monkeypatch.delitem(sys.modules, "pycturestream.evaluation.average_precision", raising=False)
    monkeypatch.setitem(sys.modules, "pycocotools.coco", None)

    ended = run("models", "evaluate", folder)

    assert ended.status == 1
    assert "make .venv/development" in ended.errors


def test_help_has_an_example(run):
    ended = run("models", "evaluate", "--help")

    assert ended.status == 0
    assert "pycturestream models evaluate --page everyday.html" in ended.output
