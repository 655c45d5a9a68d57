"""Any valid edit of a camera's masks, zones, lines and rules, for property tests."""

from itertools import pairwise
from math import cos, pi, sin

import pytest
from hypothesis import strategies as st

from pycturestream.config.camera_edit import CameraEdit, FaultyEditError, Shape, with_edit

SQUARE = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
CORNERS = ((0.1, 0.2), (0.9, 0.3), (0.6, 0.8))

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(str.isprintable)
SECONDS = st.integers(1, 86_400_000).map(lambda ms: ms / 1000)
LABELS = st.lists(
    st.sampled_from(["person", "car", "dog", "on", "1", "null"]), min_size=1, max_size=3
)


@st.composite
def polygons(draw):
    """Points around a center, in the order of their angles: such a border never meets itself."""
    x, y = draw(st.floats(0.3, 0.7)), draw(st.floats(0.3, 0.7))
    angles = sorted(draw(st.lists(st.integers(0, 59), min_size=4, max_size=9, unique=True)))
    gaps = [after - before for before, after in pairwise([*angles, angles[0] + 60])]
    if max(gaps) >= 28:  # the center would be outside
        angles = [0, 15, 30, 45]
    reach = st.floats(0.05, 0.3)
    return tuple(
        (x + r * cos(2 * pi * angle / 60), y + r * sin(2 * pi * angle / 60))
        for angle, r in ((angle, draw(reach)) for angle in angles)
    )


def shapes(points):
    names = st.lists(NAMES, max_size=4, unique=True)
    return names.flatmap(
        lambda names: st.tuples(*(points.map(lambda p, n=name: Shape(n, p)) for name in names))
    )


LINES = st.tuples(
    st.tuples(st.floats(0, 0.4), st.floats(0, 1)), st.tuples(st.floats(0.6, 1), st.floats(0, 1))
)
CLOCKS = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda t: f"{t[0]:02d}:{t[1]:02d}")
PERIODS = st.fixed_dictionaries(
    {},
    optional={
        "days": st.lists(st.sampled_from(["mon", "wed", "sun"]), min_size=1, unique=True),
        "from": CLOCKS,
        "to": CLOCKS,
        "timezone": st.just("Europe/Vienna"),
    },
)


@st.composite
def rules(draw, zones, lines):
    name = draw(NAMES)
    common = {"level": st.sampled_from([1, 2, 3]), "clear_after_s": SECONDS}
    about = draw(st.sampled_from(["things", "things", "offline", "covered", "unusually-busy"]))
    if about in {"offline", "covered"}:
        return draw(
            st.fixed_dictionaries(
                {"name": st.just(name), "about": st.just(about)},
                optional=common | {"for_s": SECONDS},
            )
        )
    optional = common | {
        "labels": LABELS,
        "min_score": st.floats(0, 1),
        "frames": st.integers(1, 50),
        "schedule": st.lists(PERIODS, min_size=1, max_size=2),
    }
    if zones:
        named = st.sampled_from([zone.name for zone in zones])
        optional["zones"] = st.lists(named, max_size=3, unique=True)
    if about == "things":
        optional |= {"dwell_s": SECONDS, "loitering_s": SECONDS}
        if lines:
            named = st.sampled_from([line.name for line in lines])
            ways = st.sampled_from(["in", "out", "any"])
            optional["crosses"] = st.dictionaries(named, ways, max_size=2)
        else:
            optional["count"] = st.integers(1, 9)
    keys = {"name": st.just(name)} | ({} if about == "things" else {"about": st.just(about)})
    return draw(st.fixed_dictionaries(keys, optional=optional))


@st.composite
def edits(draw):
    zones, lines = draw(shapes(polygons())), draw(shapes(LINES))
    made = draw(st.lists(rules(zones, lines), max_size=3, unique_by=lambda rule: rule["name"]))
    return CameraEdit(draw(shapes(polygons())), zones, lines, tuple(made))


def faults_of(camera, edit):
    with pytest.raises(FaultyEditError) as caught:
        with_edit(camera, edit)
    return caught.value.faults
