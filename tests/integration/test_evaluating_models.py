"""The shipped model on a few of the everyday pictures; docs/evaluation.md has the figures."""

import json
import shutil

import pytest

from pycturestream.config.settings import PROJECT_FOLDER, settings
from pycturestream.detector.registry import load_model
from pycturestream.errors import CommandError
from pycturestream.evaluation.detection_cost import BATCH_SIZES, detection_cost
from tests.command_line import command_line

pytestmark = pytest.mark.integration

EVERYDAY = PROJECT_FOLDER / "samples" / "everyday"
EASY = ("cows", "cup", "man-reading", "woman-reading", "squirrel")


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


@pytest.fixture
def folder(tmp_path):
    """A few pictures in which the model detects everything and nothing else."""
    labels = json.loads((EVERYDAY / "labels.json").read_bytes())
    wanted = {f"pictures/{name}.jpg" for name in EASY}
    labels["images"] = [each for each in labels["images"] if each["file_name"] in wanted]
    ids = {each["id"] for each in labels["images"]}
    labels["annotations"] = [each for each in labels["annotations"] if each["image_id"] in ids]
    (tmp_path / "pictures").mkdir()
    for name in wanted:
        shutil.copy(EVERYDAY / name, tmp_path / name)
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    return tmp_path


def test_easy_pictures_are_detected_without_a_fault(run, folder, tmp_path):
    page = tmp_path / "page.html"

    ended = run("models", "evaluate", folder, "--no-cost", "--json", "--page", page)

    assert ended.status == 0
    whole = ended.records[0]
    assert (whole["kind"], whole["pictures"], whole["right"]) == ("all", len(EASY), 6)
    assert whole["f1"] == 1
    assert whole["ap50"] == pytest.approx(1, abs=0.02)
    assert "No picture has an error" in page.read_text()


def test_a_clip_is_scored_too(run):
    ended = run(
        *("models", "evaluate", PROJECT_FOLDER / "samples" / "plaza.mp4", "--no-cost", "--json"),
        *("--truth", PROJECT_FOLDER / "samples" / "labels" / "plaza.txt", "--every", 12),
    )

    assert ended.status == 0
    assert ended.records[0]["pictures"] == 11
    assert ended.records[0]["ap50"] > 0.85
    assert ended.records[0]["precision"] > 0.9
    assert {one["label"] for one in ended.records if one["kind"] == "label"} == {"person"}


def test_cost_is_measured_for_each_batch_size():
    jpegs = [(EVERYDAY / f"pictures/{name}.jpg").read_bytes() for name in EASY]

    costs = detection_cost(load_model("nanodet"), settings(), jpegs, threads=1, number=16)

    assert [(one.threads, one.batch_size) for one in costs] == [(1, size) for size in BATCH_SIZES]
    for cost in costs:
        assert cost.wall_ms > 0
        assert cost.processor_ms > 0
        assert 100 < cost.memory_mb < 10_000


def test_a_measurement_that_breaks_off_is_one_line(tmp_path):
    broken = load_model("nanodet").model_copy(update={"folder": tmp_path})

    with pytest.raises(CommandError, match="measuring nanodet with 1 threads ended with 1"):
        detection_cost(broken, settings(), [], threads=1)
