import pytest

from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.evaluation.clip import RawDetections
from pycturestream.evaluation.detections_cache import DetectionsCacheError, read_cache, write_cache

FOUND = [
    RawDetections(0, (Detection("person", 0.123456, BoundingBox(0.1, 0.2, 0.3, 0.4)),)),
    RawDetections(7, ()),
]


def test_what_is_written_reads_the_same(tmp_path):
    path = tmp_path / "found.jsonl"

    write_cache(path, FOUND)

    assert list(read_cache(path)) == FOUND


def test_a_file_that_was_not_finished_is_not_there(tmp_path):
    path = tmp_path / "found.jsonl"

    def broken():
        yield FOUND[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_cache(path, broken())

    assert not path.exists()


def test_a_mistake_is_reported_with_its_line(tmp_path):
    path = tmp_path / "found.jsonl"
    path.write_text('{"frame": 0, "objects": []}\n{"frame": 1}\n')

    with pytest.raises(DetectionsCacheError, match=r"found.jsonl:2: .*objects"):
        list(read_cache(path))


def test_a_folder_is_no_such_file(tmp_path):
    with pytest.raises(DetectionsCacheError, match="can't be read"):
        list(read_cache(tmp_path))


def test_a_file_that_can_not_be_written_is_reported_before_the_work(tmp_path):
    def work():
        raise AssertionError("it began")
        yield

    with pytest.raises(DetectionsCacheError, match="can't be written"):
        write_cache(tmp_path / "none" / "found.jsonl", work())
