"""What the shipped model finds in each arithmetic, compared with float32, on labelled pictures."""

import logging

import numpy as np
import pytest
from msgspec.structs import astuple

from producers.encode import Fit
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.detector.arithmetic import BFLOAT16, processor_features
from pycturestream.detector.decoding import decode_jpeg
from pycturestream.detector.model_options import ModelOptions
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.detector.registry import load_model
from pycturestream.detector.saved_model import MIXED
from pycturestream.detector.tensorflow import tf
from pycturestream.evaluation.average_precision import average_precision
from pycturestream.evaluation.labelled_pictures import read_set

pytestmark = pytest.mark.integration

SAMPLES = PROJECT_FOLDER / "samples"
EVERY = 4
"""Of the labelled frames of the plaza."""
CLEAR = 0.45
"""The lowest threshold of a label: boxes of lower scores are reported nowhere."""


@pytest.fixture(scope="module")
def labelled():
    return read_set(SAMPLES / "plaza.mp4", SAMPLES / "labels" / "plaza.txt", None, EVERY)


@pytest.fixture(scope="module")
def jpegs(labelled):
    return [jpeg for _, jpeg in labelled.jpegs(Fit.of(Settings()))]


@pytest.fixture(scope="module")
def model():
    return load_model("nanodet")


def use_float32():
    """End what another test has set: it counts for all models of a process."""
    tf.config.optimizer.set_experimental_options(dict.fromkeys(MIXED.values(), False))


def find(runner, jpegs):
    return runner.find([decode_jpeg(jpeg, runner.description.canvases) for jpeg in jpegs])


@pytest.fixture(scope="module")
def in_float32(model, jpegs):
    use_float32()
    return find(ModelRunner.load(model, ModelOptions(2, "float32", "fast")), jpegs)


def precision_on_people(labelled, found):
    people = [[d for d in each if d.label == "person"] for each in found]
    precision = average_precision(labelled.pictures, people)
    return precision.ap, precision.ap50


def differences(labelled, found, reference):
    """Return the distances of boxes (the farthest side, in pixels) and scores."""
    pixels, scores = [], []
    for picture, found_here, expected in zip(labelled.pictures, found, reference, strict=True):
        size = np.array([picture.size.width, picture.size.height] * 2)
        for detection in (d for d in expected if d.score >= CLEAR):
            same = [d for d in found_here if d.label == detection.label]
            nearest = max(same, key=lambda d, box=detection.box: d.box.iou(box))
            sides = [np.array(astuple(b)) * size for b in (nearest.box, detection.box)]
            pixels.append(float(np.abs(sides[0] - sides[1]).max()))
            scores.append(abs(nearest.score - detection.score))
    return pixels, scores


def test_int8_finds_what_float32_finds(model, labelled, jpegs, in_float32):
    runner = ModelRunner.load(model, ModelOptions(2, "int8", "fast"))
    assert runner.arithmetic == "int8"

    found = find(runner, jpegs)

    expected = precision_on_people(labelled, in_float32)
    # At an overlap of half a single box is .003 of these pictures.
    assert precision_on_people(labelled, found) == (
        pytest.approx(expected[0], abs=0.005),
        pytest.approx(expected[1], abs=0.01),
    )
    pixels, scores = differences(labelled, found, in_float32)
    assert len(pixels) > 100
    assert np.mean(pixels) < 1
    assert np.percentile(pixels, 95) < 3
    assert np.mean(scores) < 0.02


@pytest.fixture
def bfloat16_ends():
    yield
    use_float32()


@pytest.mark.usefixtures("bfloat16_ends")
@pytest.mark.skipif(
    BFLOAT16.isdisjoint(processor_features()), reason="this processor has no bfloat16"
)
def test_bfloat16_finds_what_float32_finds(model, labelled, jpegs, in_float32):
    runner = ModelRunner.load(model, ModelOptions(2, "bfloat16", "fast"))
    assert runner.arithmetic == "bfloat16"

    found = find(runner, jpegs)

    expected = precision_on_people(labelled, in_float32)
    assert precision_on_people(labelled, found) == pytest.approx(expected, abs=0.005)
    pixels, scores = differences(labelled, found, in_float32)
    assert len(pixels) > 100
    assert np.percentile(pixels, 95) < 1
    assert np.mean(scores) < 0.005
    # It differs from float32, or bfloat16 was not used at all.
    assert max(scores) > 1e-4


def test_what_can_not_be_used_is_replaced_with_one_line(model, caplog):
    caplog.set_level(logging.WARNING, "pycturestream")

    runner = ModelRunner.load(model, ModelOptions(1, "bfloat16", features="avx2"))

    assert runner.arithmetic == "int8"
    assert [record.getMessage() for record in caplog.records] == [
        "nanodet can't compute in bfloat16: the processor has no bfloat16"
    ]


def test_a_broken_file_of_int8_is_replaced_by_float32(model, tmp_path, caplog):
    broken = tmp_path / "nanodet"
    broken.mkdir()
    (broken / "int8.tflite").write_bytes(b"TFL3 and nothing else")
    (broken / "saved_model").symlink_to(model.saved_model)

    runner = ModelRunner.load(
        model.model_copy(update={"folder": broken}), ModelOptions(1, "int8", features="avx2")
    )

    assert runner.arithmetic == "float32"
    assert [record.getMessage()[:28] for record in caplog.records] == [
        "nanodet can't compute in int"
    ]
