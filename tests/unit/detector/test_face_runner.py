"""The model for faces beside the one for objects."""

import csv
import shutil

import cv2
import numpy as np
import pytest

from pycturestream.blur.faces import FOLDER, NETWORK, FaceFinder
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.detector.decoding import FACE_BYTES, decode_for_faces
from pycturestream.detector.face_runner import FaceRunner
from pycturestream.domain.pipeline.events import ModelVersion
from tests.unit.blur.test_covering_heads import read_pixels

PICTURES = PROJECT_FOLDER / "samples" / "everyday" / "pictures"
HEADS = PROJECT_FOLDER / "samples" / "labels" / "heads.csv"
UNMARKED = {("everyday/pictures/cyclist.jpg", 0): [(413, 30, 437, 58)]}
"""A face in a picture whose heads are not marked."""


@pytest.fixture(scope="module")
def runner():
    return FaceRunner.load(threads=1)


def test_it_says_which_model_it_is(runner):
    assert runner.version == ModelVersion("centerface", "1")


@pytest.mark.parametrize("name", ["astronaut", "grace-hopper", "ball-game", "cyclist"])
def test_it_finds_the_faces_that_blurring_covers(runner, name):
    # Given a picture as a decoder hands it over, and as blurring sees it
    jpeg = (PICTURES / f"{name}.jpg").read_bytes()
    scaled = decode_for_faces(jpeg, np.empty(FACE_BYTES, np.uint8))
    whole = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)

    found = runner.find(scaled)

    sure = [(box, score) for box, score in FaceFinder().find(whole) if score >= 0.5]
    assert sure
    assert {face.label for face in found} == {"face"}
    for box, score in sure:
        face = max(found, key=lambda face: face.box.iou(box))
        assert face.box.iou(box) > 0.7
        assert face.score == pytest.approx(score, abs=0.15)


def test_unsure_faces_are_weak_and_come_last(runner):
    pixels = cv2.imread(str(PICTURES / "cyclist.jpg"))
    found = runner.find(pixels)
    assert [face.weak for face in found] == [face.score < 0.4 for face in found] == [False, True]


def test_where_nobody_is_there_is_no_face(runner):
    assert all(face.weak for face in runner.find(cv2.imread(str(PICTURES / "clock.jpg"))))


def test_a_model_that_can_not_be_loaded_is_one_line_in_the_log(tmp_path, caplog):
    shutil.copytree(FOLDER, tmp_path / "faces")
    (tmp_path / "faces" / NETWORK).write_bytes(b"x")
    assert FaceRunner.load(folder=tmp_path / "faces") is None
    [line] = caplog.messages
    assert line.startswith("no faces are looked for: ")
    assert "SHA-256 differs" in line
    assert "\n" not in line


@pytest.mark.slow  # the model on ninety pictures
def test_what_counts_as_detected_is_nearly_always_a_face(runner):
    """The figures of docs/faces.md come from here."""
    heads = {**UNMARKED}
    with HEADS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            mark = tuple(int(row[side]) for side in ("x_min", "y_min", "x_max", "y_max"))
            heads.setdefault((row["picture"], int(row["frame"] or 0)), []).append(mark)
    others = [(f"everyday/pictures/{path.name}", 0) for path in PICTURES.glob("*.jpg")]
    right, wrong = [], []
    for name, frame in dict.fromkeys([*heads, *others]):
        pixels = read_pixels(name, frame)
        height, width = pixels.shape[:2]
        for face in runner.find(pixels):
            x, y = face.box.center[0] * width, face.box.center[1] * height
            is_head = any(
                left - 3 <= x <= side + 3 and top - 3 <= y <= bottom + 3
                for left, top, side, bottom in heads.get((name, frame), ())
            )
            (right if is_head else wrong).append(face)

    strong = [[face for face in faces if not face.weak] for faces in (right, wrong)]
    assert len(strong[0]) >= 35
    assert len(strong[1]) <= 3
    assert len(right) >= 65
