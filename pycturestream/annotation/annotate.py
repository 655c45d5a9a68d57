"""Draws a detections record on its picture: objects, zones and lines, sectors, threats."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot
from typing import Final

from pycturestream.annotation.canvas import Canvas
from pycturestream.annotation.colours import OF_THREATS, OF_ZONES, WHITE, of_label
from pycturestream.annotation.placement import Area
from pycturestream.contracts.detections import DetectionsRecord, ObjectRecord
from pycturestream.domain.cameras.camera import Camera, Level, Line
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.times import parse_compact
from pycturestream.pixels import Pixels

LEVELS: Final[Mapping[Level, str]] = {1: "Notice", 2: "Warning", 3: "Danger"}


@dataclass(frozen=True, slots=True)
class Layers:
    """What is drawn besides boxes and labels."""

    grid: bool = True
    """The borders of the nine sectors."""
    zones: bool = True
    """Zones, and lines with the direction that counts as `in`."""
    scores: bool = True
    tracks: bool = True
    threats: bool = True
    caption: bool = True
    """Camera and time."""


ALL_LAYERS: Final = Layers()


def annotate(
    pixels: Pixels, record: DetectionsRecord, camera: Camera, layers: Layers = ALL_LAYERS
) -> Pixels:
    """Return a copy of a picture with what its record says, and what its camera's settings are.

    A small picture is enlarged. The settings are those of now: zones may have been others then.
    """
    canvas = Canvas(pixels)
    if layers.grid:
        _draw_grid(canvas)
    if layers.zones:
        _draw_zones(canvas, camera)
    # What is in front stands lower, and is drawn over what is behind.
    objects = sorted(record.objects, key=lambda each: each.box[3])
    areas = [_area(canvas, BoundingBox(*each.box)) for each in objects]
    for each, area in zip(objects, areas, strict=True):
        right, bottom = area.right - 1, area.bottom - 1
        corners = (area.left, area.top), (right, area.top), (right, bottom), (area.left, bottom)
        colour = of_label(each.label)
        canvas.draw_lines([corners], colour, width=canvas.line_width, closed=True)
    _write_texts(canvas, record, layers)
    for each, area in zip(reversed(objects), reversed(areas), strict=True):
        canvas.write(_text_of(each, layers), area, of_label(each.label))
    if layers.zones:
        _name_zones(canvas, camera)
    return canvas.pixels


def _draw_grid(canvas: Canvas) -> None:
    right, bottom = canvas.width - 1, canvas.height - 1
    lines = [
        (canvas.spot(share, 0), (canvas.spot(share, 0)[0], bottom)) for share in (1 / 3, 2 / 3)
    ]
    lines += [
        (canvas.spot(0, share), (right, canvas.spot(0, share)[1])) for share in (1 / 3, 2 / 3)
    ]
    canvas.draw_hairlines(lines)


def _draw_zones(canvas: Canvas, camera: Camera) -> None:
    for zone in camera.zones:
        corners = [canvas.spot(x, y) for x, y in zone.polygon]
        canvas.draw_dashes(corners, OF_ZONES, width=canvas.line_width)
    for line in camera.lines:
        canvas.draw_lines([_ends(canvas, line)], OF_ZONES, width=canvas.line_width)
        _draw_direction(canvas, line)


def _draw_direction(canvas: Canvas, line: Line) -> None:
    """Draw an arrow from the middle of a line to its right, seen from its start to its end."""
    (x, y), (to_x, to_y) = _ends(canvas, line)
    across, down = to_x - x, to_y - y
    length = hypot(across, down)
    if not length:
        return
    reach = 2.5 * canvas.text_height / length
    middle = round((x + to_x) / 2), round((y + to_y) / 2)
    point = round(middle[0] - down * reach), round(middle[1] + across * reach)
    canvas.draw_arrow(middle, point, OF_ZONES, width=canvas.line_width)


def _name_zones(canvas: Canvas, camera: Camera) -> None:
    for zone in camera.zones:
        # Below its topmost corner: above, it could belong to another zone.
        y, x = min(canvas.spot(*corner)[::-1] for corner in zone.polygon)
        below = y + 2 * canvas.text_height
        canvas.write(zone.name, Area(x, below, x, below), OF_ZONES)
    for line in camera.lines:
        (x, y), _ = _ends(canvas, line)
        canvas.write(f"{line.name}: arrow is in", Area(x, y, x, y), OF_ZONES)


def _ends(canvas: Canvas, line: Line) -> tuple[tuple[int, int], tuple[int, int]]:
    return canvas.spot(*line.start), canvas.spot(*line.end)


def _write_texts(canvas: Canvas, record: DetectionsRecord, layers: Layers) -> None:
    """Write what is about the whole picture: threats at the top left, the caption at the bottom."""
    if layers.threats:
        for threat in sorted(record.threats, key=lambda each: -each.level):
            canvas.write(f"{LEVELS[threat.level]}: {threat.rule}", Area(0, 0, 0, 0), OF_THREATS)
    if layers.caption:
        at = record.captured_at[:19].replace("T", " ")
        corner = Area(0, canvas.height, 0, canvas.height)
        canvas.write(f"{record.camera_id}  {at} UTC", corner, WHITE)


def _area(canvas: Canvas, box: BoundingBox) -> Area:
    left, top = canvas.spot(box.x_min, box.y_min)
    right, bottom = canvas.spot(box.x_max, box.y_max)
    return Area(left, top, max(right, left + 1), max(bottom, top + 1))


def _text_of(seen: ObjectRecord, layers: Layers) -> str:
    parts = [seen.label + ("?" if seen.weak is True else "")]
    if layers.scores:
        parts.append(f"{round(100 * seen.score)}%")
    if layers.tracks and seen.track_id:
        parts.append(_short(seen.track_id))
    return " ".join(parts)


def _short(track_id: str) -> str:
    """Return the time of birth and the number of a track, without camera and date."""
    frame, _, number = track_id.rpartition("#")
    try:
        parse_compact(frame.rpartition("_")[2])
    except ValueError:
        return track_id
    at = frame.rpartition("_")[2][9:15]
    return f"{at[:2]}:{at[2:4]}:{at[4:]}#{number}"
