"""What `find --save` writes, and what it says about the pictures that it does not."""

from contextlib import nullcontext

import pytest

from pycturestream.cli import find as command
from pycturestream.contracts.topics import FRAMES
from pycturestream.domain.cameras.camera import Camera
from tests import jpegs
from tests.builders import NOON, detection_record
from tests.command_line import command_line
from tests.fake_picture_index import FakePictureIndex
from tests.frame_log import FrameLog

PERSON = {"label": "person", "score": 0.8, "box": [0.25, 0.5, 0.5, 1.0]}


@pytest.fixture
def log(monkeypatch):
    log = FrameLog()
    log.install(monkeypatch)
    return log


@pytest.fixture
def records(log):
    """Return three records; of the first, the log holds no picture any more."""
    records = []
    for number in range(3):
        record = detection_record(captured_at=NOON + number) | {"objects": [PERSON]}
        records.append(log.publish(record, jpegs.encoded(128, 96, shade=250)))
    log.forget(FRAMES, 1)
    return records


@pytest.fixture
def run(monkeypatch, capsys, records):
    monkeypatch.setattr(command, "connect", lambda _: nullcontext())
    monkeypatch.setattr(command, "ElasticsearchPictures", lambda _: FakePictureIndex(records))
    return command_line(monkeypatch, capsys)


def test_pictures_are_saved_with_covered_heads(run, records, tmp_path):
    ended = run("find", "--save", tmp_path / "saved")

    assert ended.status == 0
    assert f"2 pictures saved in {tmp_path / 'saved'}; 1 missing: no longer in the log (1)" in (
        ended.output
    )
    saved = sorted((tmp_path / "saved").iterdir())
    assert [path.stem for path in saved] == [record["frame_id"] for record in records[1:]]
    for path in saved:
        pixels = jpegs.pixels_of(path.read_bytes())
        assert abs(int(pixels[56, 48].mean()) - 128) < 8
        assert pixels[90, 100].min() > 240


def test_originals_are_saved_where_the_camera_allows_it(run, log, tmp_path):
    log.apply(Camera("gate", originals=True, revision=1))

    ended = run("find", "--save", tmp_path / "saved", "--original")

    assert ended.status == 0
    for path in (tmp_path / "saved").iterdir():
        assert jpegs.pixels_of(path.read_bytes()).min() > 240


def test_originals_are_refused_in_one_line_otherwise(run, tmp_path):
    ended = run("find", "--save", tmp_path / "saved", "--original")

    assert ended.status == 1
    assert ended.errors.startswith("error: no originals of gate: leave out --original, or set ")
    assert ended.errors.count("\n") == 1
    assert not (tmp_path / "saved").exists()


def test_original_without_save_is_wrong_use(run):
    ended = run("find", "--original")

    assert ended.status == 2
    assert "--save" in ended.errors
