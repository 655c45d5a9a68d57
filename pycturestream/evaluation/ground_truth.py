"""Reads what people annotated on a clip: a truth file of the MOT Challenge.

One box a line: frame (from 1), person (a number that stays the same), left, top, width and
height in pixels, a flag, and up to three fields that are ignored (Leal-Taixé et al. 2015,
"MOTChallenge 2015: Towards a Benchmark for Multi-Target Tracking").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox
from pycturestream.errors import DataError

MIN_FIELDS, MAX_FIELDS = 7, 10
"""After the flag MOT15 has a world position, later years a class and a visibility."""


class GroundTruthError(DataError):
    """A truth file can't be used; the message is one line that names the file and the line."""


@dataclass(frozen=True, slots=True)
class TruthBox:
    """Where a person is in one frame."""

    person: int
    box: BoundingBox
    """Its full extent, estimated where parts are hidden or outside the picture."""
    counts: bool
    """If not, detecting it is neither required nor wrong."""


Truth = Mapping[int, tuple[TruthBox, ...]]
"""The boxes of each frame that has any, by the frame's index from 0."""


def read_truth(path: Path, size: Size) -> Truth:
    """Return the truth of a clip whose pictures have this size. Raises GroundTruthError."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GroundTruthError(f"{path}: can't be read: {error}") from error
    boxes: dict[int, dict[int, TruthBox]] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            frame, box = _read_line(line, size)
        except ValueError as error:
            raise GroundTruthError(f"{path}:{number}: {error}") from error
        if box.person in boxes.setdefault(frame, {}):
            raise GroundTruthError(
                f"{path}:{number}: person {box.person} is in frame {frame + 1} twice"
            )
        boxes[frame][box.person] = box
    if not boxes:
        raise GroundTruthError(f"{path}: holds no box")
    return {frame: tuple(people.values()) for frame, people in sorted(boxes.items())}


def span(truth: Truth, every: int = 1) -> range:
    """Return the frames from the first to the last annotated one, or each nth of them.

    One in between without a box shows nobody.
    """
    return range(min(truth), max(truth) + 1, every)


def _read_line(line: str, size: Size) -> tuple[int, TruthBox]:
    fields = line.split(",")
    if not MIN_FIELDS <= len(fields) <= MAX_FIELDS:
        raise ValueError(
            f"{len(fields)} fields, expected {MIN_FIELDS} to {MAX_FIELDS}: "
            "frame,id,left,top,width,height,flag,…"
        )
    frame, person = (_whole(field) for field in fields[:2])
    left, top, width, height, flag = (_number(field) for field in fields[2:MIN_FIELDS])
    if frame < 1:
        raise ValueError(f"frame {frame}: the first one is 1")
    if width <= 0 or height <= 0:
        raise ValueError(f"a box of {width:g}x{height:g} pixels")
    box = BoundingBox(
        left / size.width,
        top / size.height,
        (left + width) / size.width,
        (top + height) / size.height,
    )
    return frame - 1, TruthBox(person, box, counts=flag != 0)


def _whole(field: str) -> int:
    number = _number(field)
    if number != int(number):
        raise ValueError(f"{field.strip()!r} is no whole number")
    return int(number)


def _number(field: str) -> float:
    try:
        number = float(field)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise ValueError(f"{field.strip()!r} is no number")
    return number
