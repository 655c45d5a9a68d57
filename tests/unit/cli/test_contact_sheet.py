import cv2
import numpy as np
import pytest

from pycturestream.cli import contact_sheet as module
from pycturestream.cli.contact_sheet import (
    BACKGROUND,
    CAPTION,
    EMPTY,
    GAP,
    HEIGHT,
    WIDTH,
    contact_sheet,
    write_contact_sheet,
)
from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import FRAMES
from pycturestream.domain.frames.missing import Missing
from tests import jpegs
from tests.builders import NOON, detection_record
from tests.frame_log import FrameLog


def shown(jpeg):
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def picture(width, height, shade):
    return np.full((height, width, 3), shade, np.uint8)


def tile(sheet, row, column):
    x, y = GAP + column * (WIDTH + GAP), GAP + row * (HEIGHT + CAPTION + GAP)
    return sheet[y : y + HEIGHT, x : x + WIDTH], sheet[y + HEIGHT : y + HEIGHT + CAPTION, x:]


def middle(pixels):
    return round(pixels[HEIGHT // 2, WIDTH // 2].mean())


def test_pictures_stand_in_rows_in_their_order():
    shades = (20, 60, 100, 140, 180)
    tiles = [(picture(64, 36, shade), ("gate", "person 1")) for shade in shades]

    sheet = shown(contact_sheet(tiles))

    assert sheet.shape[:2] == (2 * (HEIGHT + CAPTION + GAP) + GAP, 3 * (WIDTH + GAP) + GAP)
    places = [divmod(number, 3) for number in range(5)]
    assert [middle(tile(sheet, *place)[0]) for place in places] == pytest.approx(shades, abs=4)


def test_a_picture_keeps_its_shape():
    pixels, _ = tile(shown(contact_sheet([(picture(90, 180, 200), ("a", "b"))])), 0, 0)

    bright = np.flatnonzero(pixels[HEIGHT // 2].mean(axis=1) > 130)
    assert len(bright) == pytest.approx(HEIGHT / 2, abs=4)
    assert bright.mean() == pytest.approx(WIDTH / 2, abs=2)


def test_a_picture_that_is_gone_leaves_its_field_empty_with_its_text():
    field, caption = tile(shown(contact_sheet([(None, ("gate", "person 1"))])), 0, 0)

    assert middle(field) == pytest.approx(EMPTY, abs=3)
    assert caption.max() > 180


def test_a_long_text_stays_below_its_picture():
    sheet = shown(contact_sheet([(None, ("x" * 500, "y" * 500))] * 2))

    _, caption = tile(sheet, 0, 0)
    assert caption[:, WIDTH : WIDTH + GAP].max() < BACKGROUND + 40


def test_heads_are_covered_and_what_is_missing_is_named(monkeypatch, tmp_path):
    log = FrameLog()
    log.install(monkeypatch)
    person = {"label": "person", "score": 0.8, "box": [0.25, 0.5, 0.5, 1.0]}
    records = [
        log.publish(
            detection_record(captured_at=NOON + number) | {"objects": [person]},
            jpegs.encoded(640, 360, shade=250),
        )
        for number in range(2)
    ]
    log.forget(FRAMES, 1)
    drawn = []
    monkeypatch.setattr(module, "contact_sheet", lambda tiles: drawn.extend(tiles) or b"sheet")

    missing = write_contact_sheet(Settings(), tmp_path / "new" / "sheet.jpg", records[::-1], "")

    assert missing == {Missing.EXPIRED: 1}
    assert (tmp_path / "new" / "sheet.jpg").read_bytes() == b"sheet"
    (small, text), (none, why) = drawn  # in the order of the records, not of the log
    assert abs(int(small[HEIGHT * 58 // 100, WIDTH * 37 // 100].mean()) - 128) < 8
    assert small[HEIGHT - 3, WIDTH - 3].min() > 240
    assert text == ("gate  2026-11-21 12:00:00Z", "person 1")
    assert none is None
    assert why == ("gate  2026-11-21 12:00:00Z", "no longer in the log")
