"""`pycturestream annotate`: the file it writes, and what it says where there is no picture."""

from contextlib import nullcontext

import numpy as np
import pytest

from pycturestream.cli import annotate as command
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts.topics import FRAMES
from pycturestream.domain.cameras.camera import Camera, Zone
from tests import jpegs
from tests.builders import detection_record
from tests.command_line import command_line
from tests.fake_picture_index import FakePictureIndex
from tests.frame_log import FrameLog

ASTRONAUT = (PROJECT_FOLDER / "samples/everyday/pictures/astronaut.jpg").read_bytes()
FACE = slice(110, 165), slice(195, 260)
FRAME = detection_record()["frame_id"]


@pytest.fixture
def log(monkeypatch):
    log = FrameLog()
    log.install(monkeypatch)
    return log


@pytest.fixture
def found():
    """What Elasticsearch finds; a test adds records."""
    return []


@pytest.fixture
def run(monkeypatch, capsys, log, found):  # noqa: ARG001 - the log is installed
    monkeypatch.setattr(command, "connect", lambda _: nullcontext())
    monkeypatch.setattr(command, "ElasticsearchPictures", lambda _: FakePictureIndex(found))
    return command_line(monkeypatch, capsys)


def is_covered(path):
    pixels = jpegs.pixels_of(path.read_bytes()).astype(int)
    return np.abs(pixels[FACE] - 128).mean() < 8


def test_the_picture_is_blurred_and_drawn_on(run, log, found, tmp_path):
    found.append(log.publish(detection_record(labels=["dog"]), ASTRONAUT))
    file = tmp_path / "gate.jpg"

    ended = run("annotate", FRAME, "--output", file)

    assert (ended.status, ended.errors.strip()) == (0, "")
    assert f"{FRAME}: written to {file}" in ended.output
    assert is_covered(file)
    plain = tmp_path / "plain.jpg"
    options = ("--no-grid", "--no-zones", "--no-scores", "--no-tracks", "--no-caption")
    run("annotate", FRAME, "--output", plain, *options)
    assert file.read_bytes() != plain.read_bytes()


def test_zones_are_those_of_the_settings(run, log, found, tmp_path):
    found.append(log.publish(detection_record(labels=[]), ASTRONAUT))
    run("annotate", FRAME, "--output", tmp_path / "without.jpg")
    log.apply(
        Camera("gate", zones=(Zone("door", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))),), revision=1)
    )

    run("annotate", FRAME, "--output", tmp_path / "with.jpg")

    assert (tmp_path / "with.jpg").read_bytes() != (tmp_path / "without.jpg").read_bytes()


def test_an_original_is_drawn_on_where_the_camera_allows_it(run, log, found, tmp_path):
    found.append(log.publish(detection_record(labels=[]), ASTRONAUT))
    file = tmp_path / "gate.jpg"

    refused = run("annotate", FRAME, "--output", file, "--original")
    assert refused.status == 1
    assert "error: no originals of gate: " in refused.errors
    assert not file.exists()

    log.apply(Camera("gate", originals=True, revision=1))
    assert run("annotate", FRAME, "--output", file, "--original").status == 0
    assert not is_covered(file)


def test_of_several_records_the_newest_is_drawn(run, log, found, tmp_path):
    record = log.publish(detection_record(labels=[]), ASTRONAUT)
    newer = {**record, "id": "b", "processed_at": "2026-11-21T13:00:00.000Z", "camera_id": "gate"}
    newer["threats"] = [{"rule": "stranger", "level": 3, "alert_id": "a"}]
    found += [newer, record]
    run("annotate", FRAME, "--output", tmp_path / "both.jpg")
    found[:] = [record]
    run("annotate", FRAME, "--output", tmp_path / "older.jpg")

    assert (tmp_path / "both.jpg").read_bytes() != (tmp_path / "older.jpg").read_bytes()


def test_it_says_why_a_picture_is_missing(run, log, found, tmp_path):
    found.append(log.publish(detection_record(), ASTRONAUT))
    log.forget(FRAMES, 1)

    ended = run("annotate", FRAME, "--output", tmp_path / "gate.jpg")

    assert ended.status == 1
    assert f"error: {FRAME}: the picture is missing: no longer in the log\n" in ended.errors


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ([FRAME], 1, "no record of it in run live"),
        ([FRAME, "--run", "night"], 1, "no record of it in run night"),
        (["gate"], 2, "no frame id"),
        (["../x_20261121T120000000Z"], 2, "no frame id"),
    ],
)
def test_it_says_what_is_wrong_with_a_frame(run, tmp_path, words, status, says):
    ended = run("annotate", *words, "--output", tmp_path / "gate.jpg")

    assert ended.status == status
    assert says in ended.errors
    assert "Traceback" not in ended.errors


def test_only_a_jpeg_is_written(run, tmp_path):
    ended = run("annotate", FRAME, "--output", tmp_path / "gate.png")

    assert ended.status == 2
    assert "end the name with .jpg" in ended.errors


def test_a_file_that_can_not_be_written_is_named(run, log, found, tmp_path):
    found.append(log.publish(detection_record(labels=[]), ASTRONAUT))

    ended = run("annotate", FRAME, "--output", tmp_path / "nowhere" / "gate.jpg")

    assert ended.status == 1
    assert "nowhere" in ended.errors
    assert "Traceback" not in ended.errors
