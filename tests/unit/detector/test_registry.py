import json
import shutil

import pytest

from pycturestream.config.settings import Settings
from pycturestream.detector.canvas import FittedCanvas
from pycturestream.detector.registry import (
    FOLDER,
    ModelError,
    checksums,
    load_model,
    model_names,
    read_description,
)


@pytest.fixture
def folder(tmp_path):
    """A registry with one model, `tiny`, whose SavedModel is two small files."""
    tiny = tmp_path / "tiny"
    (tiny / "saved_model" / "variables").mkdir(parents=True)
    (tiny / "saved_model" / "saved_model.pb").write_bytes(b"graph")
    (tiny / "saved_model" / "variables" / "data").write_bytes(b"weights")
    (tiny / "labels.txt").write_text("person\nbicycle\n")
    describe(tiny, sha256=checksums(tiny))
    return tmp_path


def describe(folder, **changes):
    description = {
        "name": "tiny",
        "version": "2",
        "licence": "MIT",
        "origin": "a test",
        "canvas": {"width": 64, "height": 32},
        "threshold": 0.6,
        "thresholds": {"person": 0.45},
        "sha256": {},
    }
    (folder / "model.json").write_text(json.dumps(description | changes))


def test_a_model_is_found_by_its_name(folder):
    model = load_model("tiny", folder)

    assert model_names(folder) == ["tiny"]
    assert model.labels == ("person", "bicycle")
    assert (model.canvas.width, model.canvas.height) == (64, 32)
    assert model.size == len(b"graph") + len(b"weights")
    assert (model.threshold_of("person"), model.threshold_of("bicycle")) == (0.45, 0.6)
    assert model.lowest_threshold == 0.45
    assert model.model_copy(update={"thresholds": {}}).lowest_threshold == 0.6


def test_a_model_of_any_size_has_canvases_of_the_area_of_its_canvas(folder):
    fixed = load_model("tiny", folder)
    assert fixed.canvases == fixed.canvas

    describe(folder / "tiny", sha256=checksums(folder / "tiny"), canvas_step=8)

    assert load_model("tiny", folder).canvases == FittedCanvas(64 * 32, 8)


def test_an_unknown_model_is_rejected_with_the_known_ones(folder):
    with pytest.raises(ModelError, match="no model 'huge'; known: tiny"):
        load_model("huge", folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": ""}, "version"),
        ({"threshold": 1.5}, "threshold: Input should be less than 1"),
        ({"thresholds": {"persn": 0.5}}, "persn"),
        ({"canvas": {"width": 64}}, r"canvas\.height"),
        ({"extra": 1}, "extra"),
        ({"name": "other"}, "name is 'other'"),
    ],
)
def test_a_wrong_description_names_its_field(folder, changes, message):
    tiny = folder / "tiny"
    describe(tiny, **{"sha256": checksums(tiny)} | changes)

    with pytest.raises(ModelError, match=message):
        load_model("tiny", folder)


def test_a_description_that_is_not_json_is_rejected(folder):
    (folder / "tiny" / "model.json").write_text("name: tiny")

    with pytest.raises(ModelError, match=r"model\.json"):
        load_model("tiny", folder)


def test_changed_missing_and_added_files_are_noticed(folder):
    data = folder / "tiny" / "saved_model" / "variables" / "data"

    data.write_bytes(b"wights")
    with pytest.raises(ModelError, match=r"variables/data is not the file"):
        load_model("tiny", folder)

    data.unlink()
    with pytest.raises(ModelError, match=r"variables/data is missing"):
        load_model("tiny", folder)

    data.write_bytes(b"weights")
    data.with_name("more").write_bytes(b"")
    with pytest.raises(ModelError, match=r"variables/more is not the file"):
        load_model("tiny", folder)


def test_the_shipped_model_is_complete_and_the_default():
    model = load_model(Settings.model_fields["model"].default)

    assert model.name == "nanodet"
    assert dict(model.sha256) == checksums(FOLDER / "nanodet")
    assert len(model.labels) == len(set(model.labels)) == 80
    assert (model.labels[0], model.labels[79]) == ("person", "toothbrush")
    assert model.size < 12_000_000


def test_a_missing_label_file_is_named(folder):
    shutil.move(folder / "tiny" / "labels.txt", folder / "elsewhere")

    with pytest.raises(ModelError, match=r"labels\.txt"):
        read_description(folder / "tiny")
