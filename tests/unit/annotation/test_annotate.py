"""What is drawn where, and that it is seen on any background."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.annotation.annotate import Layers, annotate
from pycturestream.annotation.canvas import TEXT_LIMIT, Canvas, shown
from pycturestream.annotation.colours import (
    BLACK,
    OF_THREATS,
    OF_ZONES,
    WHITE,
    Colour,
    contrast,
    of_label,
)
from pycturestream.annotation.placement import Area
from pycturestream.contracts.detections import read_detections_record
from pycturestream.domain.cameras.camera import Camera, Line, Zone
from tests.builders import detection_record

NOTHING = Layers(grid=False, zones=False, scores=False, tracks=False, threats=False, caption=False)
GATE = Camera(
    "gate",
    zones=(Zone("door", ((0.5, 0.25), (0.75, 0.25), (0.75, 0.75), (0.5, 0.75))),),
    lines=(Line("sill", (0.125, 0.5), (0.375, 0.5)),),
)
SHADES = st.integers(0, 255)
ANY_COLOUR = st.builds(Colour, SHADES, SHADES, SHADES)
SHARES = st.floats(0, 1)
BOXES = st.tuples(SHARES, SHARES, SHARES, SHARES).map(
    lambda b: [min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3])]
)


def grey(width=800, height=600, shade=90):
    return np.full((height, width, 3), shade, np.uint8)


def record_of(*objects, threats=()):
    """Return a record with these objects: label, box, and further fields."""
    record = detection_record(threats=threats)
    record["objects"] = [
        {"label": label, "score": 0.81, "box": box, "track_id": None, **fields}
        for label, box, fields in objects
    ]
    return read_detections_record(record)


def has(pixels, colour):
    """Return in which pixels there is exactly this colour."""
    return (pixels == colour).all(axis=-1)


def changed(before, after):
    return (before != after).any(axis=-1)


def test_a_box_is_where_the_object_is_in_a_picture_that_is_not_square():
    picture = grey(1000, 500)

    drawn = annotate(picture, record_of(("car", [0.2, 0.4, 0.6, 0.8], {})), GATE, NOTHING)

    rows, columns = np.nonzero(has(drawn, of_label("car"))[200:401])
    assert (columns.min(), columns.max()) == pytest.approx((200, 600), abs=3)
    assert rows.max() + 200 == pytest.approx(400, abs=3)
    inside = slice(210, 390), slice(210, 590)
    assert not changed(picture, drawn)[inside].any()


def test_the_picture_itself_stays_as_it_was():
    picture = grey()
    picture.setflags(write=False)

    assert changed(picture, annotate(picture, record_of(), GATE)).any()


def test_an_object_is_named_beside_its_box():
    box = [0.4, 0.5, 0.6, 0.8]
    picture = grey()
    plain = annotate(picture, record_of(("car", box, {})), GATE, NOTHING)
    plate = has(plain, of_label("car"))[270:290, 320:330]

    assert plate.any()


@pytest.mark.parametrize(
    ("layer", "more"),
    [
        ("grid", {}),
        ("zones", {}),
        ("scores", {}),
        ("tracks", {"track_id": "gate_20261121T115950000Z#4"}),
        ("threats", {}),
        ("caption", {}),
    ],
)
def test_each_layer_can_be_left_out(layer, more):
    record = record_of(
        ("person", [0.4, 0.5, 0.6, 0.8], more),
        threats=[{"rule": "stranger", "level": 3, "alert_id": "a"}],
    )
    without = annotate(grey(), record, GATE, NOTHING)
    with_it = annotate(grey(), record, GATE, Layers(**{**_none(), layer: True}))

    assert changed(without, with_it).any()


def _none():
    return dict.fromkeys(("grid", "zones", "scores", "tracks", "threats", "caption"), False)


def test_sectors_are_thirds():
    drawn = annotate(grey(900, 600), record_of(), GATE, Layers(**{**_none(), "grid": True}))

    white = has(drawn, WHITE)
    assert set(np.nonzero(white[0])[0]) == {300, 600}
    assert set(np.nonzero(white[:, 0])[0]) == {200, 400}


def test_a_zone_is_dashed_along_its_border():
    drawn = annotate(grey(), record_of(), GATE, Layers(**{**_none(), "zones": True}))

    blue = has(drawn, OF_ZONES)
    border = blue[150:450, 400]
    assert 0.3 < border.mean() < 0.8
    assert not blue[350:440, 420:580].any()


@pytest.mark.parametrize("turned", [False, True])
def test_the_arrow_of_a_line_points_to_its_right(turned):
    start, end = (0.125, 0.5), (0.375, 0.5)
    line = Line("sill", end, start) if turned else Line("sill", start, end)
    camera = Camera("gate", lines=(line,))

    drawn = annotate(grey(), record_of(), camera, Layers(**{**_none(), "zones": True}))

    # Seen from the start, towards the right of the picture, the right-hand side is below.
    blue = has(drawn, OF_ZONES)
    assert blue[310:335, 190:210].any() != turned


def test_threats_are_named_at_the_top_the_worst_first():
    threats = [
        {"rule": "small", "level": 1, "alert_id": "a"},
        {"rule": "large and with a longer name", "level": 3, "alert_id": "b"},
    ]
    drawn = annotate(
        grey(), record_of(threats=threats), GATE, Layers(**{**_none(), "threats": True})
    )

    red = has(drawn, OF_THREATS)
    assert red[:20].any(axis=0).sum() > red[30:40].any(axis=0).sum() > 50


@given(ANY_COLOUR)
def test_a_line_is_seen_on_any_background(background):
    canvas = Canvas(np.full((500, 600, 3), background, np.uint8))

    canvas.draw_lines([((100, 250), (500, 250))], OF_ZONES, width=canvas.line_width)
    canvas.draw_hairlines([((100, 400), (500, 400))])

    for column in (canvas.pixels[240:260, 300], canvas.pixels[390:410, 300]):
        best = max(contrast(Colour(*map(int, pixel)), background) for pixel in column)
        assert best > 3  # what lines need


@given(st.lists(st.tuples(st.text(max_size=60), BOXES), max_size=6), st.text(max_size=80))
def test_any_record_can_be_drawn(objects, rule):
    record = record_of(
        *((label, box, {"track_id": label, "weak": True}) for label, box in objects),
        threats=[{"rule": rule, "level": 2, "alert_id": "a"}],
    )
    camera = Camera(
        "gate", zones=tuple(Zone(label, ((0, 0), (1, 0), (0, 1))) for label, _ in objects)
    )

    for width, height in ((640, 480), (64, 33)):
        assert annotate(grey(width, height), record, camera).dtype == np.uint8


def test_a_small_picture_is_enlarged_so_that_texts_fit():
    assert annotate(grey(320, 180), record_of(), GATE).shape == (360, 640, 3)
    assert annotate(grey(32, 32), record_of(), GATE).shape == (128, 128, 3)
    assert annotate(grey(1280, 720), record_of(), GATE).shape == (720, 1280, 3)


def test_texts_grow_with_the_picture():
    heights = [Canvas(grey(16 * each, 9 * each)).text_height for each in (40, 80, 120, 240)]

    assert heights == sorted(heights)
    assert (heights[0], heights[-1]) == (13, 48)


def test_letters_of_other_languages_are_written():
    written = []
    for text in ("Tür", "Дверь", "T?r"):
        canvas = Canvas(grey())
        canvas.write(text, Area(100, 100, 100, 100), BLACK)
        written.append(canvas.pixels)

    umlaut, _, replaced = written
    assert changed(umlaut, replaced).any()


def test_a_name_is_written_in_one_line_and_cut():
    assert shown("front\ndoor\t\x00") == "front door"
    assert len(shown("x" * 500)) == TEXT_LIMIT
    assert shown("x" * 500).endswith("…")
