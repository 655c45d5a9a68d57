"""A model in a process of its own: pictures that break it, and what happens to the others."""

import json
import os
import signal
import subprocess
import sys

import cv2
import numpy as np
import psutil
import pytest

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.detector.detector_process import DetectorProcess
from pycturestream.detector.model_options import ModelOptions
from pycturestream.detector.registry import ModelError, checksums
from pycturestream.detector.tensorflow import tf
from pycturestream.domain.pipeline.events import ModelVersion
from tests import jpegs

pytestmark = pytest.mark.integration

SIDE = 32
RAISING, HANGING = 250, 200
"""Grey levels: from the first on the fragile model raises, around the second it never ends."""


class FragileModel(tf.Module):
    """Finds one object in the middle of every picture, unless the picture is too bright."""

    @tf.function(input_signature=[tf.TensorSpec([None, SIDE, SIDE, 3], tf.uint8, "pictures")])
    def detect(self, pictures):
        shades = tf.reduce_mean(tf.cast(pictures, tf.float32), [1, 2, 3])
        tf.debugging.assert_less(shades, float(RAISING), "too bright")
        hangs = tf.reduce_any(tf.abs(shades - HANGING) < 5)
        (turns,) = tf.while_loop(lambda _: hangs, lambda n: [n + 1], [tf.constant(1)])
        batch = tf.shape(pictures)[0]
        return {
            "boxes": tf.tile([[[0.25, 0.25, 0.75, 0.75]]], [batch, 1, 1]),
            "scores": tf.fill([batch, 1], 0.9),
            "classes": tf.zeros([batch, 1], tf.int32),
            "count": tf.fill(
                [batch], tf.minimum(1, turns)
            ),  # or TensorFlow would not wait for the loop
        }


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """A folder of models with the fragile one."""
    folder = tmp_path_factory.mktemp("models")
    fragile = folder / "fragile"
    model = FragileModel()
    tf.saved_model.save(model, str(fragile / "saved_model"), {"serving_default": model.detect})
    (fragile / "labels.txt").write_text("thing\n")
    description = {
        "name": "fragile",
        "version": "1",
        "licence": "none",
        "origin": "this test",
        "canvas": {"width": SIDE, "height": SIDE},
        "threshold": 0.5,
        "sha256": checksums(fragile),
    }
    (fragile / "model.json").write_text(json.dumps(description))
    return folder


@pytest.fixture(scope="module")
def process(registry):
    running = DetectorProcess(
        "fragile", registry, ModelOptions(1), timeout_s=5.0, decode_timeout_s=0.5
    )
    yield running
    running.close()


def grey(shade):
    return cv2.imencode(".jpg", np.full((SIDE, SIDE, 3), shade, np.uint8))[1].tobytes()


def errors(results):
    return [result.error and result.error.reason for result in results.results]


def test_results_are_in_the_order_of_the_pictures(process):
    results = process.detect([grey(0), b"\xff\xd8 is no picture", grey(100)])
    assert errors(results) == [None, "not-jpeg", None]
    assert [len(result.detections) for result in results.results] == [1, 0, 1]
    assert (results.results[0].width, results.results[0].height) == (SIDE, SIDE)


def test_tensorflow_is_not_loaded_in_this_process():
    code = (
        "import sys, pycturestream.detector.detector_process; sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_only_the_picture_that_makes_the_model_raise_has_an_error(process):
    replaced = process.replaced
    results = process.detect([grey(0), grey(255), grey(100)])
    assert errors(results) == [None, "detector-failed", None]
    assert "too bright" in results.results[1].error.detail
    assert process.replaced == replaced


def test_only_the_picture_that_makes_the_model_hang_has_an_error(process):
    results = process.detect([grey(0), grey(HANGING), grey(100)])
    assert errors(results) == [None, "detector-failed", None]
    assert "took longer than 5 s" in results.results[1].error.detail
    assert errors(process.detect([grey(0)])) == [None]


def test_a_picture_that_takes_too_long_to_decode_costs_neither_the_model_nor_the_others(process):
    # Given one beyond what is admitted, to be slow on any machine
    slow = jpegs.progressive(8_000, 5_000, channels=1, passes=64)
    results = process.detect([grey(0), slow, grey(100)])
    model, replaced = process.pid, process.replaced
    assert errors(results) == [None, "detector-failed", None]
    assert "the decoder took longer than 0.5 s" in results.results[1].error.detail
    assert errors(process.detect([grey(0), slow, slow, slow, grey(1)]))[-1] is None
    assert (process.pid, process.replaced) == (model, replaced)


def test_no_picture_fails_when_the_process_is_killed(process):
    process.wait_until_ready()
    os.kill(process.pid, signal.SIGKILL)
    assert errors(process.detect([grey(0), grey(1)])) == [None, None]


def test_an_unknown_model_is_an_error_with_the_known_ones(registry):
    with pytest.raises(ModelError, match="no model 'none'; known: fragile"):
        DetectorProcess("none", registry)


def test_the_process_ends_with_its_parent(registry):
    code = (
        "import os, pathlib; from pycturestream.detector.detector_process import DetectorProcess\n"
        f"process = DetectorProcess('fragile', pathlib.Path({str(registry)!r}))\n"
        "process.wait_until_ready(); print(process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", code]
    parent = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    assert parent.returncode == -signal.SIGKILL
    child = int(parent.stdout)
    if psutil.pid_exists(child):
        psutil.Process(child).wait(timeout=60)  # raises if it goes on


ASTRONAUT = (PROJECT_FOLDER / "samples/everyday/pictures/astronaut.jpg").read_bytes()


def labels(result):
    return [detection.label for detection in result.detections]


def test_faces_are_found_only_in_the_pictures_where_they_are_looked_for(process):
    results = process.detect([grey(0), ASTRONAUT, ASTRONAUT], [0, 2]).results
    assert labels(results[0]) == labels(results[1]) == ["thing"]
    assert labels(results[2])[:2] == ["thing", "face"]
    version = ModelVersion("centerface", "1")
    assert [result.further_models for result in results] == [(version,), (), (version,)]


def test_a_picture_that_breaks_the_model_leaves_the_faces_of_the_others(process):
    results = process.detect([ASTRONAUT, grey(255), ASTRONAUT], [1, 2])
    assert errors(results) == [None, "detector-failed", None]
    assert "face" not in labels(results.results[0])
    assert "face" in labels(results.results[2])


def test_the_time_for_faces_is_measured_apart(process):
    process.detect([grey(0)] * 3)
    before = process.faces_ms
    assert process.detect([grey(0)] * 3).faces_ms == 0.0
    assert process.faces_ms == before
    assert process.detect([ASTRONAUT], [0]).faces_ms > 0.0


def test_a_face_model_that_can_not_be_loaded_is_said_once_and_objects_are_detected(
    registry, tmp_path, capfd
):
    running = DetectorProcess("fragile", registry, ModelOptions(1), face_folder=tmp_path)
    assert labels(running.detect([ASTRONAUT]).results[0]) == ["thing"]
    assert "faces" not in capfd.readouterr().err  # nobody has asked for them

    for _ in range(2):
        [result] = running.detect([ASTRONAUT], [0]).results
        assert labels(result) == ["thing"]
        assert result.further_models == ()

    running.close()
    assert capfd.readouterr().err.count("no faces are looked for: ") == 1


def test_a_camera_keeps_its_objects_when_faces_are_looked_for_too():
    everyday = PROJECT_FOLDER / "samples/everyday/pictures"
    jpegs = [(everyday / f"{name}.jpg").read_bytes() for name in ("astronaut", "pub", "cyclist")]
    running = DetectorProcess("nanodet", options=ModelOptions(2, arithmetic="int8"))
    plain, both = running.detect(jpegs).results, running.detect(jpegs, [0, 1, 2]).results
    running.close()
    for before, after in zip(plain, both, strict=True):
        assert before.detections
        objects = tuple(each for each in after.detections if each.label != "face")
        assert objects == before.detections
        assert after.measure == before.measure
        assert (after.width, after.height) == (before.width, before.height)
    assert any("face" in labels(result) for result in both)
