from pathlib import Path
from textwrap import dedent

import pytest

from pycturestream.config.camera_file import CameraFileError, plain_passwords, read_camera_file
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.cameras.camera import (
    Archiving,
    Attention,
    Camera,
    Crossing,
    Line,
    Motion,
    Resolution,
    Rule,
    Zone,
)
from pycturestream.domain.cameras.ignored_labels import DEFAULT_IGNORED_LABELS
from pycturestream.domain.cameras.schedule import Period

CAMERA_ID_RULE = "must be 1 to 64 of A-Z a-z 0-9 . _ -, starting with a letter or digit"
LINE_RULE = "must have 2 ends, such as [[0.2, 0.5], [0.8, 0.5]]"
MOTION_KEYS = "allowed: gate, min_area, region, heartbeat_s, hold_s"
WHOLE = "must be a valid integer, got a number with a fractional part"
SOMETHING = "must keep something: alerts, motion, or every so many pictures"
RATES = "{'idle_fps': 5, 'alert_fps': 1}"
CAMERA_KEYS = (
    "camera_id, site, setting, timezone, source, fps, models, loop, resolution, size, masks, "
    "motion, attention, neighbours, zones, lines, rules, warm_up_s, narration, evidence, "
    "originals, annotated, archive, sender_key"
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


def test_a_camera_needs_only_an_id(write):
    [entry] = read_camera_file(write("cameras: [{camera_id: gate}]"))

    assert entry.camera == Camera("gate")
    assert not entry.loop


def test_every_key_is_read(write):
    entry, _ = read_camera_file(
        write("""
        cameras:
          - camera_id: gate
            site: north
            setting: indoor
            timezone: Europe/Berlin
            source: gate.mp4
            fps: 2
            models: [faces, objects]
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
            narration: {enabled: false, language: de, verbosity: full, places: clock, labels: [car]}
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
            originals: true
            archive:
              keep: [motion, alerts]
              every: 10
              before_s: 2.5
              after_s: 0
              days: 7
              megabytes: 500
              original: true
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
        models=("objects", "faces"),
        lines=(Line("sill", (0, 0.5), (1, 0.5)),),
        zones=(Zone("door", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0))),),
        rules=(
            Rule("stranger", ("person", "dog"), ("door",), 5, 0.4, 3, 2500),
            Rule("any", ("car",)),
        ),
        narration=False,
        language="de",
        verbosity="full",
        places="clock",
        narrated_labels=("car",),
        masks=(Zone("window", ((0.1, 0.1), (0.4, 0.1), (0.4, 0.3))),),
        motion=Motion("trigger", 0.01, (Zone("lawn", ((0, 0.5), (1, 0.5), (1, 1))),), 5, 2),
        resolution=Resolution(1280, 720),
        size="full",
        neighbours=("door",),
        attention=Attention(0.5, 5),
        originals=True,
        archive=Archiving(
            alerts=True,
            motion=True,
            every=10,
            before_ms=2_500,
            after_ms=0,
            days=7,
            megabytes=500,
            original=True,
        ),
    )


def test_an_empty_archive_entry_keeps_the_pictures_of_alerts(write):
    [entry] = read_camera_file(write("cameras: [{camera_id: gate, archive: {}}]"))
    assert entry.camera.archive == Archiving()
    assert entry.camera.archive.alerts


def test_mistakes_in_what_is_archived_are_named(mistakes_in):
    assert mistakes_in("""
        cameras:
          - camera_id: gate
            archive:
              keep: [alert]
              every: 0
              before_s: 61
              after_s: -1
              days: 0
              megabytes: 0.5
              original: true
          - camera_id: door
            archive: {keep: []}
          - camera_id: yard
            archive: true
        """) == [
        "4: cameras[0].archive.keep[0]: 'alert': must be 'alerts' or 'motion'",
        "5: cameras[0].archive.every: 0: must be greater than or equal to 1",
        "6: cameras[0].archive.before_s: 61: must be less than or equal to 60",
        "7: cameras[0].archive.after_s: -1: must be greater than or equal to 0",
        "8: cameras[0].archive.days: 0: must be greater than or equal to 1",
        f"9: cameras[0].archive.megabytes: 0.5: {WHOLE}",
        "10: cameras[0].archive.original: needs `originals: true` of the camera",
        f"12: cameras[1].archive: {{'keep': []}}: {SOMETHING}",
        "14: cameras[2].archive: True: must be a mapping of keys",
    ]


def test_defaults_apply_to_each_camera(write):
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


def test_all_mistakes_are_reported_at_once_each_with_its_line(mistakes_in):
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
        "15: cameras[0].rules[0].zones[1]: 'cellar': no such zone; allowed: door, yard",
        "16: cameras[0].rules[0].level: 4: must be 1, 2 or 3",
        "17: cameras[1].camera_id: is missing",
    ]


def test_a_mistake_in_the_defaults_is_reported_once_at_its_own_line(mistakes_in):
    assert mistakes_in("""
        cameras: [{camera_id: a}, {camera_id: b}]
        defaults:
          fps: fast
        """) == [
        "3: defaults.fps: 'fast': must be a valid number, unable to parse string as a number"
    ]


@pytest.mark.parametrize("yaml", ["", "%YAML 1.1\n---\n"])
@pytest.mark.parametrize("gate", ["off", "on", "trigger", "false", "true", "'on'"])
def test_on_and_off_are_not_truth_values(write, yaml, gate):
    [entry] = read_camera_file(
        write(f"{yaml}cameras: [{{camera_id: gate, motion: {{gate: {gate}}}}}]")
    )

    expected = {"false": "off", "true": "on"}.get(gate, gate.strip("'"))
    assert entry.camera.motion == Motion(expected)


def test_mistakes_in_settings_of_producers_are_reported_with_what_is_allowed(mistakes_in):
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
            narration: {language: tlh, verbosity: long, places: compass, labels: []}
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
        "13: cameras[0].neighbours[0]: 'gate': not another camera of this file; allowed: door",
        "13: cameras[0].neighbours[1]: 'garden': not another camera of this file; allowed: door",
        f"14: cameras[0].attention: {RATES}: idle_fps must not be above alert_fps",
        f"15: cameras[0].mask: not a known key; did you mean masks? allowed: {CAMERA_KEYS}",
        "16: cameras[0].narration.labels: []: must not be empty",
        "16: cameras[0].narration.language: 'tlh': must be 'en', 'de', 'fr' or 'es'",
        "16: cameras[0].narration.places: 'compass': must be 'sectors' or 'clock'",
        "16: cameras[0].narration.verbosity: 'long': must be 'short', 'normal' or 'full'",
        "18: cameras[1].attention.alert_fps: is missing",
    ]


def test_a_wrong_polygon_is_rejected(mistakes_in):
    square = [[0, 0], [1, 0], [1, 1], [0, 1]]
    many = [[i / 400, 0] for i in range(200)] + [[1, 1]]

    messages = [
        mistakes_in(f"cameras: [{{camera_id: a, masks: {{window: {polygon}}}}}]")
        for polygon in (square * 2, many)
    ]

    assert [mistake.rpartition(": ")[2] for [mistake] in messages] == [
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


def test_a_wrong_address_is_reported_without_its_password(mistakes_in):
    [mistake] = mistakes_in("cameras: [{camera_id: a, source: 'rtsp://admin:hunter2@cam:x/1'}]")

    assert mistake.startswith("1: cameras[0].source: 'rtsp://…': must be an address: ")


def test_a_plain_text_password_is_a_warning_with_its_line(write):
    path = write("""
        cameras:
          - camera_id: a
            source: rtsp://admin:hunter2@a.local/1
          - camera_id: b
            source: rtsp://${USER}:${PASSWORD}@b.local/1
        """)

    [warning] = plain_passwords(read_camera_file(path))

    assert warning.startswith(f"{path}:3: the source holds a password in plain text")
    assert "hunter2" not in warning


def test_a_duplicate_camera_is_rejected(mistakes_in):
    assert mistakes_in("""
        cameras:
          - camera_id: a
          - camera_id: a
        """) == ["3: cameras[1].camera_id: 'a': duplicate camera_id"]


def test_a_duplicate_rule_is_rejected(mistakes_in):
    assert mistakes_in("""
        cameras:
          - camera_id: a
            rules:
              - {name: x, labels: [car]}
              - {name: x, labels: [dog]}
        """) == ["5: cameras[0].rules[1].name: 'x': duplicate name"]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "1: cameras: must be a list of cameras, and not empty"),
        ("cameras: []", "1: cameras: must be a list of cameras, and not empty"),
        ("- a\n- b", "1: cameras: must be a list of cameras, and not empty"),
        ("cameras:\n  - gate", "2: cameras[0]: must be a mapping with a camera_id"),
        (
            "cameras: [{camera_id: a}]\nzones: {}",
            "2: zones: not a known key; allowed: cameras, defaults, rules, tolerate",
        ),
        (
            "cameras: [{camera_id: a}]\ndefaults: 3",
            "2: defaults: must be a mapping of the keys of a camera",
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
def test_yaml_that_has_no_plain_values_is_a_mistake_too(write, text):
    with pytest.raises(CameraFileError):
        read_camera_file(write(text))


@pytest.mark.parametrize("text", ["cameras: [", "a: b: c", "a: 1\na: 2", "a: 'b"])
def test_invalid_yaml_is_reported_with_its_line(mistakes_in, text):
    [mistake] = mistakes_in(text)

    assert mistake[0].isdigit()
    assert ": not YAML: " in mistake


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CameraFileError, match=r"cameras\.yaml: No such file"):
        read_camera_file(tmp_path / "cameras.yaml")


def test_a_file_that_is_not_text_is_named(tmp_path):
    path = tmp_path / "cameras.yaml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(CameraFileError, match="not UTF-8 text"):
        read_camera_file(path)


def test_the_sample_file_has_three_cameras():
    entries = read_camera_file(PROJECT_FOLDER / "samples" / "cameras.yaml")

    assert [(entry.camera.camera_id, entry.camera.fps, entry.loop) for entry in entries] == [
        ("plaza", 2.0, True),
        ("gate", 2.0, True),
        ("street", 2.0, True),
    ]
    assert all(entry.camera.rules and entry.camera.zones for entry in entries)


def test_the_example_of_the_guide_is_valid(write):
    guide = (PROJECT_FOLDER / "docs" / "cameras.md").read_text("utf-8")
    example = guide.partition("```yaml\n")[2].partition("```")[0]

    gate, door = read_camera_file(write(example))

    assert gate.camera.motion.gate == "on"
    assert gate.camera.neighbours == (door.camera.camera_id,)
    assert plain_passwords((gate, door)) == ()


TWO_CAMERAS = """
        cameras:
          - {camera_id: gate, site: north, zones: {door: [[0, 0], [1, 0], [1, 1]]}}
          - {camera_id: hall, site: south, setting: indoor, lines: {sill: [[0, 0.5], [1, 0.5]]}}
"""


def test_a_rule_has_count_dwell_zones_lines_and_schedule(write):
    [entry] = read_camera_file(
        write("""
        cameras:
          - camera_id: gate
            warm_up_s: 3
            zones: {door: [[0, 0], [1, 0], [1, 1]]}
            lines: {sill: [[0, 0.5], [1, 0.5]]}
            rules:
              - name: crowd
                labels: [person]
                count: 5
                zones: [door]
                dwell_s: 30
                loitering_s: 60
                schedule: {days: [fri, mon], from: 22:00, to: "06:00", timezone: Asia/Tokyo}
              - name: way-in
                labels: [person]
                crosses: {sill: in}
                schedule: [{to: 08:00}, {days: [sat, sun]}, {from: 18:00}]
              - {name: away, about: offline, for_s: 60, level: 3}
              - {name: strange, about: unusually-busy, labels: [car]}
              - {name: bag, about: covered}
              - {name: turned, about: moved, for_s: 300, schedule: {days: [sat, sun]}}
        """)
    )

    night = Period((1, 5), 22 * 60, 6 * 60, "Asia/Tokyo")
    assert entry.camera.warm_up_ms == 3_000
    assert entry.camera.rules == (
        Rule(
            "crowd",
            ("person",),
            ("door",),
            count=5,
            dwell_ms=30_000,
            loitering_ms=60_000,
            schedule=(night,),
        ),
        Rule(
            "way-in",
            ("person",),
            crosses=(Crossing("sill", "in"),),
            schedule=(Period(to_minute=480), Period((6, 7)), Period(from_minute=1080)),
        ),
        Rule("away", about="offline", for_ms=60_000, level=3),
        Rule("strange", ("car",), about="unusually-busy"),
        Rule("bag", about="covered", for_ms=10_000),
        Rule("turned", about="moved", for_ms=300_000, schedule=(Period((6, 7)),)),
    )


def test_rules_of_the_file_apply_to_the_cameras_that_they_match(write):
    entries = read_camera_file(
        write(f"""
        rules:
          - {{name: all, labels: [person]}}
          - {{name: one, labels: [person], cameras: [gate]}}
          - {{name: inside, labels: [person], settings: [indoor]}}
          - {{name: south, labels: [dog], sites: [south, north], settings: [indoor]}}
        {TWO_CAMERAS}
        """)
    )

    assert [[rule.name for rule in entry.camera.rules] for entry in entries] == [
        ["all", "one"],
        ["all", "inside", "south"],
    ]


def test_a_cameras_own_rule_replaces_one_of_the_file(write):
    gate, hall = read_camera_file(
        write("""
        rules: [{name: nobody, labels: [person], level: 1}]
        cameras:
          - camera_id: gate
            rules: [{name: nobody, labels: [person], level: 3}]
          - camera_id: hall
        """)
    )

    assert [rule.level for rule in gate.camera.rules] == [3]
    assert [rule.level for rule in hall.camera.rules] == [1]


def test_ignored_labels_default_to_those_of_the_setting(write):
    gate, hall = read_camera_file(write("rules: [{name: anything}]" + dedent(TWO_CAMERAS)))
    assert gate.camera.ignored_labels == DEFAULT_IGNORED_LABELS["outdoor"]
    assert hall.camera.ignored_labels == DEFAULT_IGNORED_LABELS["indoor"]
    assert "car" in gate.camera.ignored_labels
    assert "car" not in hall.camera.ignored_labels


def test_ignored_labels_can_be_set(write):
    gate, hall = read_camera_file(
        write("rules: [{name: any}]\ntolerate: {outdoor: [car], indoor: []}" + dedent(TWO_CAMERAS))
    )
    assert (gate.camera.ignored_labels, hall.camera.ignored_labels) == (("car",), ())


def test_mistakes_in_rules_are_reported_with_what_is_allowed(mistakes_in):
    mistakes = mistakes_in("""
        cameras:
          - camera_id: gate
            rules:
              - {name: a, labels: []}
              - {name: b, count: 0, dwell_s: -1, colour: red}
              - {name: c, crosses: {sill: in}}
              - {name: d, schedule: {from: 25:00, to: 6, days: [monday], timezone: Mars, at: 5}}
              - {name: e, about: offline, labels: [person]}
              - {name: f, about: sleepy}
              - name: g
                for_s: 5
                crosses: {sill: sideways}
                count: 2
              - {name: "h\\x07"}
        """)
    no_line = "no such line; allowed: none, the camera has no lines"
    clock = 'must be a time of the day such as "22:00"'
    about_things = (
        "name, about, labels, zones, min_score, frames, count, dwell_s, loitering_s, crosses, "
        "schedule, level, clear_after_s"
    )
    rule_keys = (
        "name, about, labels, zones, min_score, frames, count, dwell_s, loitering_s, crosses, "
        "schedule, for_s, level, clear_after_s"
    )
    keys_of_absence = "name, about, for_s, level, clear_after_s"
    abouts = (
        "'things', 'offline', 'clock-wrong', 'covered', 'blurred', 'moved', 'unusually-quiet' "
        "or 'unusually-busy'"
    )
    days = "mon, tue, wed, thu, fri, sat, sun"
    prefix = "cameras[0].rules"
    assert mistakes == [
        f"4: {prefix}[0].labels: []: must not be empty",
        f"5: {prefix}[1].colour: not a known key; allowed: {rule_keys}",
        f"5: {prefix}[1].count: 0: must be greater than or equal to 1",
        f"5: {prefix}[1].dwell_s: -1: must be greater than or equal to 0.001",
        f"6: {prefix}[2].crosses.sill: {no_line}",
        f"7: {prefix}[3].schedule.at: not a known key; allowed: days, from, to, timezone",
        f"7: {prefix}[3].schedule.days[0]: 'monday': must be one of {days}",
        f"7: {prefix}[3].schedule.from: '25:00': {clock}",
        f"7: {prefix}[3].schedule.timezone: 'Mars': must be a name such as Europe/Berlin",
        f"7: {prefix}[3].schedule.to: 6: {clock}",
        f"8: {prefix}[4].labels: has no effect in a rule about offline; allowed: {keys_of_absence}",
        f"9: {prefix}[5].about: 'sleepy': must be {abouts}",
        f"11: {prefix}[6].for_s: has no effect in a rule about things; allowed: {about_things}",
        f"12: {prefix}[6].crosses.sill: 'sideways': must be 'in', 'out' or 'any'",
        f"12: {prefix}[6].crosses.sill: {no_line}",
        f"13: {prefix}[6].count: can't be combined with crosses: each crossing counts by itself",
        f"14: {prefix}[7].name: 'h\\x07': must be printable",
    ]


def test_a_rule_of_the_file_must_match_what_exists(mistakes_in):
    keys = (
        "name, about, labels, zones, min_score, frames, count, dwell_s, loitering_s, crosses, "
        "schedule, for_s, level, clear_after_s, cameras, sites, settings"
    )
    assert mistakes_in("""
        rules:
          - {name: a, cameras: [gaet]}
          - {name: b, sites: [east], labels: [person]}
          - {name: c, zones: [door], labels: [person]}
          - {name: d, cameras: [hall], crosses: {sill: in, fence: out}}
          - {name: d, colour: red}
          - nothing
        tolerate: {outside: [car], indoor: car}
        cameras:
          - {camera_id: gate, site: north, zones: {door: [[0, 0], [1, 0], [1, 1]]}}
          - {camera_id: hall, site: south, lines: {sill: [[0, 0.5], [1, 0.5]]}}
        """) == [
        "2: rules[0].cameras[0]: 'gaet': not in this file; allowed: gate, hall",
        "2: rules[0]: matches no camera of this file",
        "3: rules[1].sites[0]: 'east': not in this file; allowed: north, south",
        "3: rules[1]: matches no camera of this file",
        "4: rules[2].zones[0]: 'door': camera hall has no such zone; allowed: none",
        "5: rules[3].crosses.fence: 'fence': camera hall has no such line; allowed: sill",
        f"6: rules[4].colour: not a known key; allowed: {keys}",
        "6: rules[4].name: 'd': duplicate name",
        "7: rules[5]: 'nothing': must be a mapping of keys",
        "8: tolerate.indoor: 'car': must be a valid tuple",
        "8: tolerate.outside: not a known key; allowed: indoor, outdoor",
    ]


@pytest.mark.parametrize("text", ["rules: 7", "tolerate: 7", "rules: [{name: 7}]"])
def test_rules_of_the_file_of_the_wrong_shape_are_explained(mistakes_in, text):
    assert mistakes_in(f"{text}\ncameras: [{{camera_id: a}}]")


def test_the_id_of_a_phone_can_not_be_taken(write):
    with pytest.raises(CameraFileError, match="belongs to a token of the seeing aid"):
        read_camera_file(write("cameras: [{camera_id: eye-0123456789abcdef}]"))
    assert read_camera_file(write("cameras: [{camera_id: eye-left}]"))


def test_objects_alone_are_looked_for_unless_a_camera_says_otherwise(write):
    entries = read_camera_file(
        write("""
        defaults: {models: [objects, faces]}
        cameras:
          - camera_id: gate
          - {camera_id: hall, models: [objects]}
        """)
    )
    assert [entry.camera.looks_for_faces for entry in entries] == [True, False]
    assert Camera("gate").models == ("objects",)


def test_models_are_named_by_what_they_look_for(mistakes_in):
    assert mistakes_in("""
        cameras:
          - {camera_id: a, models: [faces]}
          - {camera_id: b, models: [objects, nanodet]}
          - {camera_id: c, models: objects}
          - {camera_id: d, models: []}
        """) == [
        "2: cameras[0].models: ['faces']: must name objects: faces are looked for beside them",
        "3: cameras[1].models[1]: 'nanodet': must be 'objects' or 'faces'",
        "4: cameras[2].models: 'objects': must be a valid tuple",
        "5: cameras[3].models: []: must name objects: faces are looked for beside them",
    ]


def test_faces_can_be_named_only_where_they_are_looked_for(mistakes_in, write):
    text = """
        rules:
          - {name: anywhere, labels: [person, face]}
        defaults:
          narration: {labels: [face]}
        cameras:
          - camera_id: gate
            models: [objects, faces]
            rules: [{name: here, labels: [face]}]
          - camera_id: hall
            rules:
              - name: there
                labels:
                  - person
                  - face
        """
    to_do = "does not look for faces; give it `models: [objects, faces]`"
    assert mistakes_in(text) == [
        f"2: rules[0].labels[1]: 'face': camera hall {to_do}",
        f"4: defaults.narration.labels[0]: 'face': this camera {to_do}",
        f"14: cameras[1].rules[0].labels[1]: 'face': this camera {to_do}",
    ]
    gate, hall = read_camera_file(
        write(
            text.replace("camera_id: hall", "camera_id: hall\n            models: [objects, faces]")
        )
    )
    assert gate.camera.rules[1].labels == hall.camera.rules[1].labels == ("person", "face")
