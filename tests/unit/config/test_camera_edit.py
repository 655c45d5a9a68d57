"""An edit of a camera's masks, zones, lines and rules: checked as the file is, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.config.camera_edit import (
    CameraEdit,
    FaultyEditError,
    Shape,
    edit_of,
    rule_keys,
    with_edit,
    written_keys,
)
from pycturestream.config.camera_entry import KEYS
from pycturestream.config.camera_file import check_camera
from pycturestream.domain.cameras.camera import Camera, Crossing, Line, Motion, Rule, Zone
from pycturestream.domain.cameras.ignored_labels import DEFAULT_IGNORED_LABELS
from pycturestream.domain.cameras.schedule import Period
from tests.camera_edits import CORNERS, SQUARE, edits, faults_of

CAMERA = Camera(
    "gate",
    site="north",
    source="rtsp://gate.local:554",
    source_digest="5f",
    sender_key="ab" * 32,
    fps=3,
    motion=Motion("on", region=(Zone("road", SQUARE),)),
    zones=(Zone("lawn", SQUARE),),
    lines=(Line("fence", (0.0, 0.5), (1.0, 0.5)),),
    masks=(Zone("window", CORNERS),),
    rules=(Rule("stranger", ("person",), ("lawn",), level=3),),
    revision=7,
)


@given(edits())
def test_every_valid_edit_survives_being_written_and_read(edit):
    camera = with_edit(CAMERA, edit)
    assert with_edit(camera, edit_of(camera)) == camera
    read = check_camera(
        {"camera_id": "gate", "models": list(camera.models), **written_keys(camera)}
    )
    for key in ("masks", "zones", "lines", "rules"):
        assert getattr(read, key) == getattr(camera, key)


@given(edits())
def test_all_other_settings_stay_as_they_are(edit):
    camera = with_edit(CAMERA, edit)
    four = {key: getattr(CAMERA, key) for key in ("masks", "zones", "lines", "rules")}
    assert replace(camera, **four, ignored_labels=CAMERA.ignored_labels) == CAMERA


@pytest.mark.parametrize(
    ("changes", "place", "text"),
    [
        (
            {"zones": (Shape("bow", ((0, 0), (1, 1), (1, 0), (0, 1))),)},
            ("zones", 0, "points"),
            "must not cross itself",
        ),
        ({"masks": (Shape("a", ((0, 0), (1, 1))),)}, ("masks", 0, "points"), "at least 3 corners"),
        ({"lines": (Shape("a", ((0, 0), (0, 0))),)}, ("lines", 0, "points"), "must have a length"),
        ({"zones": (Shape("", SQUARE),)}, ("zones", 0, "name"), "at least 1 character"),
        ({"zones": (Shape("a\nb", SQUARE),)}, ("zones", 0, "name"), "must be printable"),
        (
            {"zones": (Shape("a", SQUARE), Shape("b", SQUARE), Shape("a", CORNERS))},
            ("zones", 2, "name"),
            "'a': duplicate name",
        ),
        (
            {"zones": (Shape("a", ((0, 0), (0.5, 0), (0.5, 1.5))),)},
            ("zones", 0, "points", 2, 1),
            "less than or equal to 1",
        ),
        ({"rules": ({"name": "r", "zones": ["gone"]},)}, ("rules", 0, "zones", 0), "no such zone"),
        (
            {"rules": ({"name": "r", "crosses": {"gone": "in"}},)},
            ("rules", 0, "crosses", "gone"),
            "no such line",
        ),
        ({"rules": ({"name": "r"}, {"name": "r"})}, ("rules", 1, "name"), "duplicate name"),
        ({"rules": ({"name": "r", "labels": ["face"]},)}, ("rules", 0, "labels", 0), "models:"),
        ({"rules": ({"name": "r", "level": 4},)}, ("rules", 0, "level"), "must be 1, 2 or 3"),
        ({"rules": ({"name": "r", "dwel_s": 4},)}, ("rules", 0, "dwel_s"), "did you mean dwell_s?"),
        (
            {"rules": ({"name": "r", "about": "offline", "frames": 4},)},
            ("rules", 0, "frames"),
            "has no effect",
        ),
        ({"rules": ({},)}, ("rules", 0, "name"), "is missing"),
    ],
)
def test_each_mistake_is_shown_where_it_is(changes, place, text):
    (fault,) = faults_of(CAMERA, CameraEdit(**changes))
    assert fault.at == place
    assert text in fault.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
ANY_RULE = st.dictionaries(st.sampled_from(KEYS["rules"]) | st.text(max_size=5), JSON, max_size=5)


@given(st.lists(ANY_RULE, max_size=3))
def test_any_values_in_rules_are_rules_or_mistakes(rules):
    faults, names = (), None
    try:
        camera = with_edit(CAMERA, CameraEdit(rules=tuple(rules)))
        names = [rule.name for rule in camera.rules]
    except FaultyEditError as error:
        faults = error.faults
    assert faults or names == [rule["name"] for rule in rules]


def test_all_mistakes_are_found_at_once():
    edit = CameraEdit(
        zones=(Shape("bow", ((0, 0), (1, 1), (1, 0), (0, 1))),),
        rules=({"name": "r", "zones": ["gone"], "level": 9},),
    )
    places = {fault.at for fault in faults_of(CAMERA, edit)}
    assert places == {("zones", 0, "points"), ("rules", 0, "zones", 0), ("rules", 0, "level")}


def test_a_zone_and_a_line_may_share_a_name():
    edit = CameraEdit(zones=(Shape("gate", SQUARE),), lines=(Shape("gate", SQUARE[:2]),))
    assert with_edit(CAMERA, edit).zones[0].name == with_edit(CAMERA, edit).lines[0].name


def test_a_rule_of_an_older_program_stays_as_it_is_while_nobody_touches_it():
    at_once = Rule("cover", about="covered")  # the file would mean ten seconds
    camera = replace(CAMERA, rules=(at_once, *CAMERA.rules))
    edit = edit_of(camera)
    assert with_edit(camera, replace(edit, zones=edit.zones)).rules[0] == at_once
    rules = ({**edit.rules[0], "level": 3}, edit.rules[1])
    assert with_edit(camera, replace(edit, rules=rules)).rules[0].level == 3


def test_a_zone_of_an_older_program_that_crosses_itself_has_to_be_mended():
    bow = Zone("bow", ((0, 0), (1, 1), (1, 0), (0, 1)))
    camera = replace(CAMERA, zones=(*CAMERA.zones, bow))
    (fault,) = faults_of(camera, edit_of(camera))
    assert fault.at == ("zones", 1, "points")


def test_the_first_rule_about_any_label_brings_the_labels_that_are_ignored():
    edit = replace(edit_of(CAMERA), rules=({"name": "anything"},))
    camera = with_edit(CAMERA, edit)
    assert camera.ignored_labels == DEFAULT_IGNORED_LABELS["outdoor"]
    indoor = with_edit(replace(CAMERA, setting="indoor"), edit)
    assert indoor.ignored_labels == DEFAULT_IGNORED_LABELS["indoor"]


@pytest.mark.parametrize("ignored", [(), ("car",)])
def test_labels_that_a_file_has_ignored_stay(ignored):
    camera = replace(CAMERA, rules=(Rule("anything"),), ignored_labels=ignored)
    edit = replace(edit_of(camera), rules=({"name": "anything"}, {"name": "more"}))
    assert with_edit(camera, edit).ignored_labels == ignored


def test_a_rule_is_written_without_what_is_so_by_default():
    rule = Rule(
        "night",
        zones=("lawn",),
        crosses=(Crossing("fence", "in"),),
        schedule=(Period((1, 7), 22 * 60, 6 * 60, "Europe/Vienna"),),
        dwell_ms=1_500,
    )
    assert rule_keys(rule) == {
        "name": "night",
        "zones": ["lawn"],
        "dwell_s": 1.5,
        "crosses": {"fence": "in"},
        "schedule": [
            {"days": ["mon", "sun"], "from": "22:00", "to": "06:00", "timezone": "Europe/Vienna"}
        ],
    }


def test_nothing_is_edited_where_there_is_a_mistake():
    with pytest.raises(FaultyEditError, match="must not be empty"):
        with_edit(CAMERA, CameraEdit(rules=({"name": "r", "labels": []},)))
