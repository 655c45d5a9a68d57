"""Small pictures side by side in one picture, each with its camera, its time and what it shows."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from math import ceil, sqrt
from pathlib import Path
from typing import Any, Final, TypeAlias

import cv2
import numpy as np

from pycturestream.annotation.canvas import shown
from pycturestream.cli.formatting import Json, local_second, when
from pycturestream.config.settings import Settings
from pycturestream.contracts.detection_words import seen
from pycturestream.contracts.detections import read_detections_record
from pycturestream.domain.frames.missing import Missing
from pycturestream.domain.times import parse_rfc3339
from pycturestream.pictures.frame_pictures import FramePictures
from pycturestream.pixels import Pixels

Tile: TypeAlias = tuple[Pixels | None, Sequence[str]]
"""A picture, or none, and the lines of text below it."""
WIDTH, HEIGHT = 320, 180
"""Pixels of a small picture: 16 to 9, and people can still be seen in it."""
CAPTION: Final = 40
GAP: Final = 8
MOST_COLUMNS: Final = 6
"""2,000 pixels, as wide as screens are."""
BACKGROUND, EMPTY, TEXT = 32, 64, (235, 235, 235)
TEXT_HEIGHT, WEIGHT = 14, 400
LINE: Final = 17
"""Pixels from one line of text to the next."""
QUALITY: Final = 85


def write_contact_sheet(
    settings: Settings, path: Path, records: Sequence[Json], timezone: str
) -> Counter[str]:
    """Write a sheet of the pictures of these records; return why how many of them are missing.

    Heads are covered. Times are by the clock of a time zone; empty: UTC. Raises FaceModelError, and
    lets kafka.errors.KafkaError through.
    """
    small: dict[str, Pixels | Missing] = {}
    with closing(FramePictures(settings)) as pictures:
        for found, picture in pictures.fetch([read_detections_record(each) for each in records]):
            small[found.id] = picture if isinstance(picture, Missing) else fitted(picture.blurred)
    tiles: list[Tile] = []
    missing: Counter[str] = Counter()
    for record in records:
        title, tile = _title(record, timezone), small[record["id"]]
        if isinstance(tile, Missing):
            missing[tile] += 1
            tiles.append((None, (title, tile)))
        else:
            tiles.append((tile, (title, seen(record))))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contact_sheet(tiles))
    return missing


def contact_sheet(tiles: Sequence[Tile]) -> bytes:
    """Return a JPEG with these pictures, row by row.

    Each has lines of text below it, two at most. Where there is no picture, its field is empty.
    """
    columns = min(MOST_COLUMNS, ceil(sqrt(len(tiles))))
    rows = ceil(len(tiles) / columns)
    across, down = WIDTH + GAP, HEIGHT + CAPTION + GAP
    sheet = np.full((rows * down + GAP, columns * across + GAP, 3), BACKGROUND, np.uint8)
    for number, (pixels, lines) in enumerate(tiles):
        row, column = divmod(number, columns)
        x, y = GAP + column * across, GAP + row * down
        sheet[y : y + HEIGHT, x : x + WIDTH] = EMPTY if pixels is None else fitted(pixels)
        for line, text in enumerate(lines):
            place = (x, y + HEIGHT + LINE * (line + 1))
            cv2.putText(sheet, _shortened(text), place, TEXT, _font(), TEXT_HEIGHT, WEIGHT)
    return bytes(cv2.imencode(".jpg", sheet, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))[1])


def _title(record: Json, timezone: str) -> str:
    at = record["captured_at"]
    local = local_second(parse_rfc3339(at), timezone) if timezone else when(at)
    return f"{record['camera_id']}  {local}"


def fitted(pixels: Pixels) -> Pixels:
    """Return a picture on a field of one size, as large as it fits."""
    height, width = pixels.shape[:2]
    scale = min(WIDTH / width, HEIGHT / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    x, y = (WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2
    field = np.full((HEIGHT, WIDTH, 3), EMPTY, np.uint8)
    field[y : y + size[1], x : x + size[0]] = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return field


def _shortened(text: str) -> str:
    """Return as much of a text as is not wider than a picture."""
    line = shown(text)
    while _width(line) > WIDTH:
        line = f"{line.removesuffix('…')[:-1]}…"
    return line


def _width(line: str) -> int:
    _, _, width, _ = cv2.getTextSize((WIDTH, HEIGHT), line, (0, 0), _font(), TEXT_HEIGHT, WEIGHT)
    return int(width)


@cache
def _font() -> Any:
    return cv2.FontFace("sans")  # part of OpenCV, with the letters of most languages
