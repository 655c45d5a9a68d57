"""The shipped model on the shipped footage."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from msgspec.structs import replace

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.detector.canvas import Canvas
from pycturestream.detector.decoding import decode_jpeg
from pycturestream.detector.letterbox import letterbox
from pycturestream.detector.model_options import ModelOptions
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.detector.registry import ModelError, load_model
from pycturestream.detector.tensorflow import tf
from pycturestream.domain.geometry import BoundingBox

pytestmark = pytest.mark.integration

PLAZA = PROJECT_FOLDER / "samples" / "plaza.mp4"

PEOPLE = (
    BoundingBox(0.352, 0.347, 0.398, 0.492),
    BoundingBox(0.761, 0.235, 0.803, 0.350),
    BoundingBox(0.895, 0.511, 0.970, 0.715),
)
"""The people in the first picture of PLAZA, annotated by hand."""


@pytest.fixture(scope="module")
def model():
    return load_model("nanodet")


@pytest.fixture(scope="module")
def detector(model):
    loaded = ModelRunner.load(model, ModelOptions(2))
    loaded.warm_up((1, 3))
    return loaded


@pytest.fixture(scope="module")
def plaza():
    """RGB pictures of one camera, two seconds apart."""
    clip = cv2.VideoCapture(str(PLAZA))
    pictures = []
    for number in range(8):
        clip.set(cv2.CAP_PROP_POS_FRAMES, number * 14)
        ok, picture = clip.read()
        assert ok
        pictures.append(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
    return pictures


def people(detections):
    return [d for d in detections if d.label == "person"]


def assert_everyone_is_found(detections, where=lambda box: box):
    found = people(detections)
    assert len(found) == len(PEOPLE)
    for person in PEOPLE:
        assert max(where(person).iou(d.box) for d in found) > 0.5


def test_people_are_found_where_they_are(detector, plaza):
    [detections] = detector.detect([letterbox(plaza[0], detector.description.canvas)])

    assert_everyone_is_found(detections)
    scores = [d.score for d in detections]
    assert scores == sorted(scores, reverse=True)
    assert "car" in {d.label for d in detections}


def test_people_are_found_in_a_large_jpeg(detector, plaza):
    # Given 2304x1728, which is decoded at half its size
    large = cv2.resize(plaza[0], None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    ok, jpeg = cv2.imencode(".jpg", cv2.cvtColor(large, cv2.COLOR_RGB2BGR))
    assert ok

    [detections] = detector.detect([decode_jpeg(jpeg.tobytes(), detector.description.canvas)])

    assert_everyone_is_found(detections)


@pytest.mark.parametrize("wide", [True, False])
def test_people_are_found_in_wide_and_tall_pictures(detector, plaza, wide):
    # Given the same scene as a strip: the middle of its height, or with a wall to both sides
    height, width = plaza[0].shape[:2]
    if wide:
        top, rows = 0.15, 0.65
        strip = plaza[0][int(top * height) : int((top + rows) * height)]

        def where(box):
            return replace(box, y_min=(box.y_min - top) / rows, y_max=(box.y_max - top) / rows)
    else:
        strip = np.full((2 * height, width, 3), 90, np.uint8)
        strip[height:] = plaza[0]

        def where(box):
            return replace(box, y_min=0.5 + box.y_min / 2, y_max=0.5 + box.y_max / 2)

    [detections] = detector.detect([letterbox(strip, detector.description.canvas)])

    assert_everyone_is_found(detections, where)


def test_a_batch_gives_what_its_pictures_give_one_by_one(detector, plaza):
    # Given pictures of several shapes
    height, width = plaza[0].shape[:2]
    shapes = [plaza[0], plaza[1][:, : width // 2], plaza[2][: height // 2], *plaza[3:]]
    pictures = [letterbox(np.ascontiguousarray(p), detector.description.canvas) for p in shapes]

    together = detector.detect(pictures)
    alone = [detector.detect([picture])[0] for picture in pictures]

    assert sum(map(len, alone)) > len(pictures)
    for one, other in zip(together, alone, strict=True):
        assert [d.label for d in one] == [d.label for d in other]
        for a, b in zip(one, other, strict=True):
            assert a.score == pytest.approx(b.score, abs=1e-4)
            assert a.box.iou(b.box) > 0.999


def test_an_empty_batch_and_an_empty_picture_give_nothing(detector):
    nothing = letterbox(np.full((48, 64, 3), 120, np.uint8), detector.description.canvas)

    assert detector.detect([]) == []
    assert detector.detect([nothing]) == [[]]


def test_thresholds_are_those_of_the_description(detector, model, plaza):
    strict = ModelRunner(
        model.model_copy(update={"thresholds": {"person": 0.999}}), detector._network
    )
    picture = letterbox(plaza[0], model.canvas)

    [usual], [few] = detector.detect([picture]), strict.detect([picture])

    assert any(not person.weak for person in people(usual))
    assert all(person.weak for person in people(few))
    assert all(d.weak == (d.score < model.threshold_of(d.label)) for d in usual)


def save(module, function, folder: Path):
    module.function = function
    tf.saved_model.save(module, str(folder / "saved_model"), signatures=function)


@pytest.mark.parametrize(
    ("spec", "outputs", "message"),
    [
        (
            ([None, 32, 64, 3], tf.uint8, "pictures"),
            ("boxes", "scores"),
            "returns no classes, count",
        ),
        (([None, 32, 32, 3], tf.uint8, "pictures"), None, "takes no `pictures` of 64x32"),
        (([None, 32, 64, 3], tf.float32, "pictures"), None, "takes no `pictures`"),
        (([8, 32, 64, 3], tf.uint8, "pictures"), None, "takes no `pictures`"),
        (([None, 32, 64, 3], tf.uint8, "images"), None, "takes no `pictures`"),
    ],
)
def test_a_saved_model_of_another_kind_is_rejected(model, tmp_path, spec, outputs, message):
    names = outputs or ("boxes", "scores", "classes", "count")

    def detect(pictures):
        return {name: tf.shape(pictures) for name in names}

    save(tf.Module(), tf.function(detect, input_signature=[tf.TensorSpec(*spec)]), tmp_path)
    changes = {"folder": tmp_path, "canvas": Canvas(64, 32), "canvas_step": None}

    with pytest.raises(ModelError, match=message):
        ModelRunner.load(model.model_copy(update=changes), ModelOptions(arithmetic="float32"))


def test_a_saved_model_of_one_size_is_not_fitted(model, tmp_path):
    def detect(pictures):
        return {name: tf.shape(pictures) for name in ("boxes", "scores", "classes", "count")}

    spec = tf.TensorSpec([None, 32, 64, 3], tf.uint8, "pictures")
    save(tf.Module(), tf.function(detect, input_signature=[spec]), tmp_path)

    with pytest.raises(ModelError, match="takes no `pictures` of any size"):
        ModelRunner.load(
            model.model_copy(update={"folder": tmp_path}), ModelOptions(arithmetic="float32")
        )


def test_a_folder_without_a_saved_model_is_rejected(model, tmp_path):
    with pytest.raises(ModelError, match="can't be loaded"):
        ModelRunner.load(model.model_copy(update={"folder": tmp_path}))
