"""An edit as YAML: by itself, and in a camera file that keeps its comments."""

from pathlib import Path

import pytest
from hypothesis import given
from msgspec.structs import replace
from ruamel.yaml import YAML

from pycturestream.config.camera_edit import Shape, edit_of, with_edit
from pycturestream.config.camera_file import CameraFileError, check_camera, parse_camera_file
from pycturestream.config.camera_yaml import (
    CameraNotInFileError,
    camera_keys_yaml,
    write_into_file,
)
from pycturestream.domain.cameras.camera import Camera
from tests.camera_edits import CORNERS, edits

PATH = Path("cameras.yaml")
FILE = """\
# our cameras
defaults: {fps: 2}   # all of them

cameras:
  # at the road
  - camera_id: gate
    source: rtsp://me:${PASSWORD}@gate.local/1   # the password is in the environment
    zones:
      lawn: [[0, 0.5], [1, 0.5],
             [1, 1], [0, 1]]   # keep off
      door: [[0.4, 0.3], [0.6, 0.3], [0.6, 0.6]]
    lines:
      fence: [[0, 0.4], [1, 0.4]]   # towards the house is "in"
    rules:
      # nobody at night
      - name: night
        labels: [person]   # no dogs
        zones: [lawn]
        schedule: {from: "22:00", to: "06:00"}
  - camera_id: hall
    setting: indoor

rules:
  - name: crowd   # everywhere
    count: 6
"""


def camera_of(text, camera_id="gate"):
    return next(
        each.camera for each in parse_camera_file(text, PATH) if each.camera.camera_id == camera_id
    )


def edited(text, camera_id="gate", **changes):
    camera = camera_of(text, camera_id)
    return with_edit(camera, replace(edit_of(camera), **changes))


def changed_lines(before, after):
    return set(before.splitlines()) ^ set(after.splitlines())


@given(edits())
def test_every_valid_edit_is_the_same_when_its_yaml_is_read(edit):
    camera = with_edit(Camera("gate"), edit)
    keys = YAML(typ="safe").load(camera_keys_yaml(camera))
    read = check_camera({"camera_id": "gate", "models": ["objects"], **keys})
    assert replace(read, ignored_labels=camera.ignored_labels) == camera


@given(edits())
def test_every_valid_edit_is_the_same_when_the_file_is_read(edit):
    camera = with_edit(camera_of(FILE), edit)
    written = write_into_file(FILE, camera, PATH)
    after = camera_of(written.text)
    for key in ("masks", "zones", "lines"):
        assert getattr(after, key) == getattr(camera, key)
    assert set(camera.rules) <= set(after.rules)
    assert camera_of(written.text, "hall") == camera_of(FILE, "hall")
    assert "# our cameras" in written.text


def test_the_yaml_by_itself_is_no_camera_file():
    with pytest.raises(CameraFileError, match="must be a list of cameras"):
        parse_camera_file(camera_keys_yaml(camera_of(FILE)), PATH)


def test_it_reads_as_people_write_it():
    text = camera_keys_yaml(edited(FILE, masks=(Shape("window", CORNERS),)))
    assert text == (
        "masks:\n"
        "  window: [[0.1, 0.2], [0.9, 0.3], [0.6, 0.8]]\n"
        "zones:\n"
        "  lawn: [[0, 0.5], [1, 0.5], [1, 1], [0, 1]]\n"
        "  door: [[0.4, 0.3], [0.6, 0.3], [0.6, 0.6]]\n"
        "lines:\n"
        "  fence: [[0, 0.4], [1, 0.4]]\n"
        "rules:\n"
        "  - name: night\n"
        "    labels: [person]\n"
        "    zones: [lawn]\n"
        '    schedule: {from: "22:00", to: "06:00"}\n'
        "  - name: crowd\n"
        "    count: 6\n"
    )


def test_nothing_changes_in_a_file_without_an_edit():
    assert write_into_file(FILE, camera_of(FILE), PATH).text == FILE


def test_only_the_lines_of_what_was_edited_change():
    edit = edit_of(camera_of(FILE))
    camera = edited(FILE, zones=(edit.zones[0], Shape("door", CORNERS)))
    assert changed_lines(FILE, write_into_file(FILE, camera, PATH).text) == {
        "      door: [[0.4, 0.3], [0.6, 0.3], [0.6, 0.6]]",
        "      door: [[0.1, 0.2], [0.9, 0.3], [0.6, 0.8]]",
    }


def test_comments_stay_beside_what_is_edited():
    edit = edit_of(camera_of(FILE))
    night = {**edit.rules[0], "labels": ["person", "dog"], "level": 3}
    text = write_into_file(FILE, edited(FILE, rules=(night, edit.rules[1])), PATH).text
    assert changed_lines(FILE, text) == {
        "        labels: [person]   # no dogs",
        "        labels: [person, dog] # no dogs",
        "        level: 3",
    }


def test_a_key_that_the_file_does_not_have_yet_is_added_to_the_camera():
    camera = edited(
        FILE, "hall", masks=(Shape("window", CORNERS),), rules=({"name": "crowd", "count": 6},)
    )
    text = write_into_file(FILE, camera, PATH).text
    assert changed_lines(FILE, text) == {
        "    masks:",
        "      window: [[0.1, 0.2], [0.9, 0.3], [0.6, 0.8]]",
    }


def test_a_rule_for_several_cameras_that_was_edited_becomes_the_cameras_own():
    edit = edit_of(camera_of(FILE))
    camera = edited(FILE, rules=(edit.rules[0], {"name": "crowd", "count": 9}))
    text = write_into_file(FILE, camera, PATH).text
    assert changed_lines(FILE, text) == {"      - name: crowd", "        count: 9"}
    assert camera_of(text, "hall").rules[0].count == 6


def test_a_rule_for_several_cameras_that_was_deleted_stays_and_is_named():
    camera = edited(FILE, rules=(edit_of(camera_of(FILE)).rules[0],))
    written = write_into_file(FILE, camera, PATH)
    assert written.text == FILE
    (note,) = written.notes
    assert note.startswith("rule crowd is at the top of the file, for several cameras")


def test_what_several_cameras_share_by_an_anchor_changes_for_one():
    text = """\
cameras:
- camera_id: gate
  zones: &shared
    lawn: [[0, 0.5], [1, 0.5], [1, 1]]
- camera_id: door
  zones: *shared
"""
    for camera_id, other in (("gate", "door"), ("door", "gate")):
        camera = edited(text, camera_id, zones=(Shape("lawn", CORNERS),))
        written = write_into_file(text, camera, PATH).text
        assert camera_of(written, camera_id).zones[0].polygon == CORNERS
        assert camera_of(written, other) == camera_of(text, other)


def test_what_a_camera_has_from_the_defaults_becomes_its_own():
    text = "defaults:\n  zones: {lawn: [[0, 0], [1, 0], [1, 1]]}\ncameras:\n  - camera_id: gate\n"
    text += "  - camera_id: door\n"
    written = write_into_file(text, edited(text, zones=()), PATH).text
    assert camera_of(written).zones == ()
    assert camera_of(written, "door").zones


def test_a_file_with_mistakes_is_not_written():
    with pytest.raises(CameraFileError, match=r"cameras\.yaml:7: cameras\[0\]\.sorce: not a known"):
        write_into_file(FILE.replace("source", "sorce"), camera_of(FILE), PATH)


def test_an_edit_that_the_rest_of_the_file_contradicts_is_not_written():
    text = FILE + "    cameras: [gate]\n    zones: [door]\n"
    camera = edited(FILE, zones=(), rules=())
    with pytest.raises(CameraFileError, match="camera gate has no such zone"):
        write_into_file(text, camera, PATH)


def test_a_file_without_the_camera_says_which_it_has():
    with pytest.raises(CameraNotInFileError, match="no camera yard; it has gate, hall"):
        write_into_file(FILE, Camera("yard"), PATH)


def test_a_large_file_of_equal_lines_is_written_too():
    """Comparing them all with each other would take hours; the test's time limit ends it."""
    lines = "\n" * 25_000
    text = f"{lines}{FILE}{lines}"
    written = write_into_file(text, edited(text, lines=()), PATH)
    assert changed_lines(text, written.text) == {
        "    lines:",
        '      fence: [[0, 0.4], [1, 0.4]]   # towards the house is "in"',
    }


def test_in_a_file_of_many_cameras_only_one_changes():
    others = "".join(
        f"  - camera_id: yard-{number}\n"
        "    zones:\n"
        "      lawn: [[0, 0.5], [1, 0.5],\n"
        "             [1, 1], [0, 1]]\n"
        "    rules:\n"
        "      - name: night\n"
        "        zones: [lawn]\n"
        for number in range(60)
    )
    text = FILE.replace("  - camera_id: hall", f"{others}  - camera_id: hall")
    zones = (Shape("lawn", CORNERS),)
    written = write_into_file(text, edited(text, "yard-30", zones=zones), PATH)
    removed, added = set(text.splitlines()), set(written.text.splitlines())
    assert removed <= added
    assert len(added - removed) == 1
    assert written.text.count("[[0, 0.5], [1, 0.5],\n") == text.count("[[0, 0.5], [1, 0.5],\n") - 1
