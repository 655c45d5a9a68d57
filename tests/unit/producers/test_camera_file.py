from pathlib import Path
from textwrap import dedent

import pytest

from pycturestream.camera import Attention, Camera, Line, Motion, Resolution, Rule, Zone
from pycturestream.camera_file import CameraFileError, plain_passwords, read_camera_file
from pycturestream.settings import PROJECT_FOLDER

CAMERA_ID_RULE = "must be 1 to 64 of A-Z a-z 0-9 . _ -, first a letter or digit"
LINE_RULE = "must have 2 ends, such as [[0.2, 0.5], [0.8, 0.5]]"
MOTION_KEYS = "allowed: gate, min_area, region, heartbeat_s, hold_s"
RATES = "{'idle_fps': 5, 'alert_fps': 1}"
CAMERA_KEYS = (
    "camera_id, site, setting, timezone, source, fps, loop, resolution, size, masks, motion, "
    "attention, neighbours, zones, lines, rules, narration"
)


@pytest.fixture
def write(tmp_path):
    def write(text) -> Path:
        path = tmp_path / "cameras.yaml"
        path.write_text(dedent(text).lstrip("\n"))
        return path

    return write


@pytest.fixture
def mistakes_in(write):
    def mistakes_in(text):
        path = write(text)
        with pytest.raises(CameraFileError) as caught:
            read_camera_file(path)
        assert str(caught.value) == "\n".join(caught.value.mistakes)
        return [mistake.removeprefix(f"{path}:") for mistake in caught.value.mistakes]

    return mistakes_in


def test_a_camera_needs_no_more_than_its_id(write):
    [entry] = read_camera_file(write("cameras: [{camera_id: gate}]"))

    assert entry.camera == Camera("gate")
    assert not entry.loop


def test_everything_that_can_be_said_is_read(write):
    entry, _ = read_camera_file(
        write("""
        cameras:
          - camera_id: gate
            site: north
            setting: indoor
            timezone: Europe/Berlin
            source: gate.mp4
            fps: 2
            loop: true
            zones:
              door: [[0, 0], [0.5, 0], [0.5, 1.0]]
            lines:
              sill: [[0, 0.5], [1, 0.5]]
            rules:
              - name: stranger
                labels: [person, dog]
                zones: [door]
                frames: 5
                min_score: 0.4
                level: 3
                clear_after_s: 2.5
              - name: any
                labels: [car]
            narration: {enabled: false, language: en}
            masks:
              window: [[0.1, 0.1], [0.4, 0.1], [0.4, 0.3]]
            motion:
              gate: trigger
              min_area: 0.01
              region:
                lawn: [[0, 0.5], [1, 0.5], [1, 1]]
              heartbeat_s: 5
              hold_s: 2
            resolution: 1280x720
            size: full
            neighbours: [door]
            attention: {idle_fps: 0.5, alert_fps: 5}
          - camera_id: door
        """)
    )

    assert entry.loop
    assert entry.camera == Camera(
        camera_id="gate",
        site="north",
        setting="indoor",
        timezone="Europe/Berlin",
        source="gate.mp4",
        fps=2.0,
        lines=(Line("sill", (0, 0.5), (1, 0.5)),),
        zones=(Zone("door", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0))),),
        rules=(
            Rule("stranger", ("person", "dog"), ("door",), 5, 0.4, 3, 2500),
            Rule("any", ("car",)),
        ),
        narration=False,
        language="en",
        masks=(Zone("window", ((0.1, 0.1), (0.4, 0.1), (0.4, 0.3))),),
        motion=Motion("trigger", 0.01, (Zone("lawn", ((0, 0.5), (1, 0.5), (1, 1))),), 5, 2),
        resolution=Resolution(1280, 720),
        size="full",
        neighbours=("door",),
        attention=Attention(0.5, 5),
    )


def test_defaults_stand_under_each_camera(write):
    entries = read_camera_file(
        write("""
        defaults: {fps: 2, site: north}
        cameras:
          - camera_id: a
          - camera_id: b
            site: south
        """)
    )

    assert [(e.camera.fps, e.camera.site) for e in entries] == [(2, "north"), (2, "south")]


def test_all_mistakes_are_told_at_once_each_with_its_line(mistakes_in):
    assert mistakes_in("""
        cameras:
          - camera_id: -gate
            setting: outside
            timezone: Mars/Olympus
            colour: red
            fps: 0
            zones:
              door: [[0, 0], [0.5, 0]]
              yard:
                - [0, 0]
                - [0.5, 0]
                - [0.5, 1.5]
            rules:
              - name: stranger
                zones: [door, cellar]
                level: 4
          - site: nowhere
        """) == [
        f"2: cameras[0].camera_id: '-gate': {CAMERA_ID_RULE}",
        "3: cameras[0].setting: 'outside': must be 'indoor' or 'outdoor'",
        "4: cameras[0].timezone: 'Mars/Olympus': must be a name such as Europe/Berlin",
        f"5: cameras[0].colour: not a known key; allowed: {CAMERA_KEYS}",
        "6: cameras[0].fps: 0: must be greater than 0",
        "8: cameras[0].zones.door: [[0, 0], [0.5, 0]]: must have at least 3 corners",
        "12: cameras[0].zones.yard[2][1]: 1.5: must be less than or equal to 1",
        "14: cameras[0].rules[0].labels: is missing",
        "15: cameras[0].rules[0].zones[1]: 'cellar': no such zone; allowed: door, yard",
        "16: cameras[0].rules[0].level: 4: must be 1, 2 or 3",
        "17: cameras[1].camera_id: is missing",
    ]


def test_a_mistake_in_the_defaults_is_told_once_where_it_stands(mistakes_in):
    assert mistakes_in("""
        cameras: [{camera_id: a}, {camera_id: b}]
        defaults:
          fps: fast
        """) == [
        "3: defaults.fps: 'fast': must be a valid number, unable to parse string as a number"
    ]


@pytest.mark.parametrize("yaml", ["", "%YAML 1.1\n---\n"])
@pytest.mark.parametrize("gate", ["off", "on", "trigger", "false", "true", "'on'"])
def test_on_and_off_are_no_truth_values(write, yaml, gate):
    [entry] = read_camera_file(
        write(f"{yaml}cameras: [{{camera_id: gate, motion: {{gate: {gate}}}}}]")
    )

    expected = {"false": "off", "true": "on"}.get(gate, gate.strip("'"))
    assert entry.camera.motion == Motion(expected)


def test_mistakes_in_what_producers_follow_are_told_with_what_is_allowed(mistakes_in):
    assert mistakes_in("""
        cameras:
          - camera_id: gate
            masks:
              line: [[0, 0], [1, 1], [0, 0]]
              bow: [[0, 0], [1, 1], [1, 0], [0, 1]]
              flat: [[0, 0], [0.5, 0.5], [1, 1]]
            motion:
              gate: sometimes
              minarea: 0.1
              hold_s: .nan
            resolution: 720p
            size: huge
            neighbours: [gate, garden, door]
            attention: {idle_fps: 5, alert_fps: 1}
            mask: {}
          - camera_id: door
            attention: {idle_fps: 1}
        """) == [
        "4: cameras[0].masks.line: [[0, 0], [1, 1], [0, 0]]: must have at least 3 corners",
        "5: cameras[0].masks.bow: [[0, 0], [1, 1], [1, 0], [0, 1]]: must not cross itself",
        "6: cameras[0].masks.flat: [[0, 0], [0.5, 0.5], [1, 1]]: must have an area",
        "8: cameras[0].motion.gate: 'sometimes': must be 'off', 'on' or 'trigger'",
        f"9: cameras[0].motion.minarea: not a known key; did you mean min_area? {MOTION_KEYS}",
        "10: cameras[0].motion.hold_s: nan: must be a finite number",
        "11: cameras[0].resolution: '720p': must be width and height, such as 1280x720",
        "12: cameras[0].size: 'huge': must be 'budget' or 'full'",
        "13: cameras[0].neighbours[0]: 'gate': no other camera of this file; allowed: door",
        "13: cameras[0].neighbours[1]: 'garden': no other camera of this file; allowed: door",
        f"14: cameras[0].attention: {RATES}: idle_fps must not be above alert_fps",
        f"15: cameras[0].mask: not a known key; did you mean masks? allowed: {CAMERA_KEYS}",
        "17: cameras[1].attention.alert_fps: is missing",
    ]


def test_a_polygon_is_refused_as_everywhere_else(mistakes_in):
    square = [[0, 0], [1, 0], [1, 1], [0, 1]]
    many = [[i / 400, 0] for i in range(200)] + [[1, 1]]

    told = [
        mistakes_in(f"cameras: [{{camera_id: a, masks: {{window: {polygon}}}}}]")
        for polygon in (square * 2, many)
    ]

    assert [mistake.rpartition(": ")[2] for [mistake] in told] == [
        "must not come to a corner twice",
        "must have at most 200 corners",
    ]


def test_a_line_has_two_ends_and_a_length(mistakes_in):
    assert mistakes_in("""
        cameras:
          - camera_id: gate
            lines:
              sill: [[0.2, 0.5]]
              bent: [[0.2, 0.5], [0.8, 0.5], [1, 1]]
              dot: [[0.5, 0.5], [0.5, 0.5]]
              far: [[0.5, 0.5], [0.5, 1.5]]
              fence: 7
        """) == [
        f"4: cameras[0].lines.sill: [[0.2, 0.5]]: {LINE_RULE}",
        f"5: cameras[0].lines.bent: [[0.2, 0.5], [0.8, 0.5], [1, 1]]: {LINE_RULE}",
        "6: cameras[0].lines.dot: [[0.5, 0.5], [0.5, 0.5]]: must have a length",
        "7: cameras[0].lines.far[1][1]: 1.5: must be less than or equal to 1",
        "8: cameras[0].lines.fence: 7: must be a valid tuple",
    ]


def test_a_wrong_address_is_told_without_its_password(mistakes_in):
    [mistake] = mistakes_in("cameras: [{camera_id: a, source: 'rtsp://admin:hunter2@cam:x/1'}]")

    assert mistake.startswith("1: cameras[0].source: 'rtsp://cam:x/1': must be an address: ")


def test_a_password_written_plainly_is_a_warning_with_its_line(write):
    path = write("""
        cameras:
          - camera_id: a
            source: rtsp://admin:hunter2@a.local/1
          - camera_id: b
            source: rtsp://${USER}:${PASSWORD}@b.local/1
        """)

    [warning] = plain_passwords(read_camera_file(path))

    assert warning.startswith(f"{path}:3: a password that others may read")
    assert "hunter2" not in warning


def test_a_camera_stands_there_once(mistakes_in):
    assert mistakes_in("""
        cameras:
          - camera_id: a
          - camera_id: a
        """) == ["3: cameras[1].camera_id: 'a': stands there already"]


def test_a_rule_stands_there_once(mistakes_in):
    assert mistakes_in("""
        cameras:
          - camera_id: a
            rules:
              - {name: x, labels: [car]}
              - {name: x, labels: [dog]}
        """) == ["5: cameras[0].rules[1].name: 'x': stands there already"]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "1: cameras: must be a list of cameras"),
        ("cameras: []", "1: cameras: must be a list of cameras"),
        ("- a\n- b", "1: cameras: must be a list of cameras"),
        ("cameras:\n  - gate", "2: cameras[0]: must be a mapping that begins with camera_id"),
        (
            "cameras: [{camera_id: a}]\nzones: {}",
            "2: zones: not a known key; allowed: cameras, defaults",
        ),
        (
            "cameras: [{camera_id: a}]\ndefaults: 3",
            "2: defaults: must be a mapping of keys that every camera may have",
        ),
        (
            "cameras:\n  - camera_id: a\n    zones: 5\n    rules: 7\n",
            "3: cameras[0].zones: 5: must be a valid dictionary",
        ),
    ],
)
def test_a_file_of_the_wrong_shape_is_explained(mistakes_in, text, mistake):
    assert mistake in mistakes_in(text)


@pytest.mark.parametrize(
    "text", ["a: 2026-13-01", f"a: {'[' * 500}", "cameras: [{camera_id: a, site: &s [*s]}]"]
)
def test_yaml_that_can_not_be_taken_for_values_is_a_mistake_too(write, text):
    with pytest.raises(CameraFileError):
        read_camera_file(write(text))


@pytest.mark.parametrize("text", ["cameras: [", "a: b: c", "a: 1\na: 2", "a: 'b"])
def test_what_is_no_yaml_is_told_with_its_line(mistakes_in, text):
    [mistake] = mistakes_in(text)

    assert mistake[0].isdigit()
    assert ": not YAML: " in mistake


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CameraFileError, match=r"cameras\.yaml: No such file"):
        read_camera_file(tmp_path / "cameras.yaml")


def test_a_file_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "cameras.yaml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(CameraFileError, match="not UTF-8 text"):
        read_camera_file(path)


def test_the_samples_are_three_cameras():
    entries = read_camera_file(PROJECT_FOLDER / "samples" / "cameras.yaml")

    assert [(entry.camera.camera_id, entry.camera.fps, entry.loop) for entry in entries] == [
        ("plaza", 2.0, True),
        ("gate", 2.0, True),
        ("street", 2.0, True),
    ]
    assert all(entry.camera.rules and entry.camera.zones for entry in entries)


def test_the_example_of_the_guide_is_a_good_file(write):
    guide = (PROJECT_FOLDER / "docs" / "cameras.md").read_text("utf-8")
    example = guide.partition("```yaml\n")[2].partition("```")[0]

    gate, door = read_camera_file(write(example))

    assert gate.camera.motion.gate == "on"
    assert gate.camera.neighbours == (door.camera.camera_id,)
    assert plain_passwords((gate, door)) == ()
