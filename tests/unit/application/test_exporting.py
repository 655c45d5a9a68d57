"""What an export writes."""

import json
import zipfile
from hashlib import sha256

import pytest

from pycturestream.application.exporting import Part, Picture, export
from pycturestream.errors import CommandError
from tests.builders import MINUTE, NOON, detection_record
from tests.erasures import erasure

CHOSEN = erasure("gate", NOON, NOON + MINUTE)
RECORDS = [detection_record(captured_at=NOON + n) for n in range(3)]
PARTS = [
    Part("detections", lambda: iter(RECORDS), "records of detections"),
    Part("alerts", lambda: iter(()), "records of alerts"),
]
PICTURES = [Picture("gate_20261121T120000000Z", b"a jpeg")]


def run(output, pictures=PICTURES):
    return export(CHOSEN, PARTS, lambda: pictures, output, ["some"], NOON, lambda _: None)


def check(manifest, read):
    """Compare each file with what the manifest says of it."""
    for one in manifest["files"]:
        data = read(one["file"])
        assert sha256(data).hexdigest() == one["sha256"]
        assert len(data) == one["bytes"]
    assert json.loads(read("manifest.json")) == manifest
    lines = read("detections.jsonl").splitlines()
    assert [json.loads(line) for line in lines] == RECORDS
    assert read("alerts.jsonl") == b""
    assert read("pictures/gate_20261121T120000000Z.jpg") == b"a jpeg"


def test_a_folder_has_a_file_for_each_kind_and_a_manifest_with_checksums(tmp_path):
    manifest = run(tmp_path / "gate")

    check(manifest, lambda name: (tmp_path / "gate" / name).read_bytes())
    assert [(one["file"], one["records"]) for one in manifest["files"]] == [
        ("detections.jsonl", 3),
        ("alerts.jsonl", 0),
        ("pictures/gate_20261121T120000000Z.jpg", 1),
    ]
    assert (manifest["camera_id"], manifest["left_out"]) == ("gate", ["some"])
    assert manifest["until"] == "2026-11-21T12:01:00.000Z"


def test_a_name_that_ends_so_is_a_zip_file(tmp_path):
    manifest = run(tmp_path / "gate.zip")

    with zipfile.ZipFile(tmp_path / "gate.zip") as file:
        assert file.testzip() is None
        check(manifest, file.read)


@pytest.mark.parametrize("name", ["gate", "gate.zip"])
def test_what_exists_is_not_overwritten(tmp_path, name):
    run(tmp_path / name)

    with pytest.raises(CommandError, match="exists"):
        run(tmp_path / name)


def test_a_picture_can_not_name_another_folder(tmp_path):
    with pytest.raises(ValueError, match="not a frame id"):
        run(tmp_path / "gate", [Picture("../../x_20261121T120000000Z", b"")])
    assert not (tmp_path / "gate" / "manifest.json").exists()
