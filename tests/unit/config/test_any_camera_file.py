"""Whatever a camera file holds, reading it gives valid cameras or mistakes, never a crash."""

import json
from itertools import chain
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pycturestream.config.camera_entry import KEYS
from pycturestream.config.camera_file import CameraFileError, _Reader, read_camera_file
from pycturestream.config.yaml_file import YamlFile
from pycturestream.contracts.cameras import decode_camera, encode_camera
from pycturestream.contracts.schemas import schema

PATH = Path("cameras.yaml")
NAMES = st.sampled_from(["gate", "door", "oops", "", *chain.from_iterable(KEYS.values())])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | NAMES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.integers(), inner, max_size=4)
    ),
    max_leaves=8,
)
POINT = st.lists(st.floats(0, 1) | st.sampled_from([0, 1]), min_size=2, max_size=2)
POLYGON = st.just([[0, 0], [1, 0], [0.5, 1]]) | st.lists(POINT, min_size=3, max_size=3)
POLYGONS = st.dictionaries(st.sampled_from(["a", "b"]), POLYGON, max_size=2)
RATE = st.floats(0.01, 60)
CLOCK = st.sampled_from(["00:00", "06:30", "22:00", "24:00"])
PERIOD = st.fixed_dictionaries(
    {},
    optional={
        "from": CLOCK,
        "to": CLOCK,
        "days": st.lists(st.sampled_from(["mon", "sun"]), min_size=1),
        "timezone": st.just("Asia/Tokyo"),
    },
)
SPAN = st.floats(0.001, 86_400)
RULE = st.fixed_dictionaries(
    {"name": st.text(max_size=3)},
    optional={
        "labels": st.lists(st.sampled_from(["person", "car"]), min_size=1),
        "zones": st.lists(st.sampled_from(["a", "b"])),
        "min_score": st.floats(0, 1),
        "frames": st.integers(1, 9),
        "count": st.integers(1, 9),
        "dwell_s": SPAN,
        "loitering_s": SPAN,
        "crosses": st.just({"sill": "in"}),
        "schedule": PERIOD | st.lists(PERIOD),
        "level": st.sampled_from([1, 2, 3]),
        "clear_after_s": SPAN,
    },
)
RULES = st.lists(
    RULE
    | st.fixed_dictionaries(
        {
            "name": st.just("away"),
            "about": st.sampled_from(["offline", "clock-wrong", "covered", "moved"]),
        },
        optional={"for_s": SPAN},
    ),
    max_size=2,
)
LIKELY = {
    "rules": RULES,
    "warm_up_s": st.floats(0, 60),
    "source": st.sampled_from(["rtsp://a:b@c/1", "gate.mp4", "0"]),
    "timezone": st.sampled_from(["Europe/Berlin", "UTC"]),
    "fps": RATE,
    "models": st.sampled_from([["objects"], ["faces", "objects"], ["faces"]]),
    "resolution": st.sampled_from(["1280x720", "1x1"]),
    "size": st.sampled_from(["budget", "full"]),
    "masks": POLYGONS,
    "zones": POLYGONS,
    "motion": st.fixed_dictionaries(
        {}, optional={"gate": st.sampled_from(["on", True, "trigger"]), "region": POLYGONS}
    ),
    "attention": st.fixed_dictionaries({"idle_fps": st.just(0.1), "alert_fps": RATE}),
    "neighbours": st.just([]),
    "archive": st.fixed_dictionaries(
        {},
        optional={
            "keep": st.lists(st.sampled_from(["alerts", "motion"]), max_size=2),
            "every": st.integers(1, 100),
            "days": st.integers(1, 100),
            "original": st.booleans(),
        },
    ),
    "lines": st.dictionaries(st.just("sill"), st.lists(POINT, min_size=2, max_size=2)),
}


def cameras_like(values):
    """Return mappings with known keys and, mostly, values that may be meant."""
    return st.fixed_dictionaries(
        {"camera_id": st.sampled_from(["gate", "door"])},
        optional={key: LIKELY.get(key, values) | values for key in KEYS["camera"][1:]},
    )


FILES = st.fixed_dictionaries(
    {"cameras": st.lists(cameras_like(ANYTHING), max_size=3)},
    optional={"defaults": ANYTHING, "rules": ANYTHING},
)
LIKELY_FILES = st.fixed_dictionaries(
    {"cameras": st.lists(cameras_like(st.nothing()), min_size=1, max_size=1)},
    optional={"rules": RULES, "tolerate": st.just({"outdoor": ["car"]})},
)


@given(LIKELY_FILES | FILES | ANYTHING)
def test_any_values_give_cameras_that_conform_to_the_schema_or_mistakes(values):
    for entry in read(lambda: _Reader(YamlFile(PATH, values, CameraFileError)).read()):
        data = encode_camera(entry.camera)
        Draft202012Validator(schema("cameras")).validate(json.loads(data))
        assert decode_camera(data) == entry.camera


@given(st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from("[]{}:-&*!#|>%@ \n")))
def test_any_text_gives_cameras_or_mistakes(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "cameras.yaml"
    path.write_text(text, encoding="utf-8")

    read(lambda: read_camera_file(path))


def read(attempt):
    """Return the cameras, or none where mistakes were reported."""
    try:
        return attempt()
    except CameraFileError as error:
        message = str(error)
    assert "cameras.yaml" in message
    return ()
