"""Keeps what a model found in a clip, so that trackers and thresholds are tried in seconds.

JSON lines: {"frame": 0, "objects": [{"label": "person", "score": 0.808123, "box": [x_min, y_min,
x_max, y_max]}]}, boxes in 0..1 of the picture. Other fields are not read.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.errors import DataError
from pycturestream.evaluation.clip import Found

DECIMALS = 6
"""Finer than what records tell, so that rounding is done where the job does it."""


class FoundFileError(DataError):
    """The file is no such file; the message is one line."""


class _Object(msgspec.Struct):
    label: str
    score: float
    box: tuple[float, float, float, float]


class _Frame(msgspec.Struct):
    frame: int
    objects: list[_Object]


def read_found(path: Path) -> Iterator[Found]:
    """Return what a file keeps. Raises FoundFileError."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise FoundFileError(f"{path}: can't be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        try:
            frame = msgspec.json.decode(line, type=_Frame)
        except msgspec.MsgspecError as error:
            raise FoundFileError(f"{path}:{number}: {error}") from error
        yield Found(
            frame.frame,
            tuple(Detection(o.label, o.score, BoundingBox(*o.box)) for o in frame.objects),
        )


def write_found(path: Path, found: Iterable[Found]) -> None:
    """Write what was found; a file that was not finished is not left behind as one that was.

    Raises FoundFileError where none can be written, before anything is looked for.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        file = part.open("wb")
    except OSError as error:
        raise FoundFileError(f"{path}: can't be written: {error}") from error
    with file:
        for look in found:
            file.write(msgspec.json.encode(_frame(look)) + b"\n")
    part.replace(path)


def _frame(look: Found) -> _Frame:
    return _Frame(
        look.frame,
        [
            _Object(
                d.label,
                round(d.score, DECIMALS),
                (
                    round(d.box.x_min, DECIMALS),
                    round(d.box.y_min, DECIMALS),
                    round(d.box.x_max, DECIMALS),
                    round(d.box.y_max, DECIMALS),
                ),
            )
            for d in look.detections
        ],
    )
