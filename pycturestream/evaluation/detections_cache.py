"""Stores the detections of a model in a clip, so that trackers and thresholds are tried in seconds.

JSON lines: {"frame": 0, "objects": [{"label": "person", "score": 0.808123, "box": [x_min, y_min,
x_max, y_max]}]}, boxes in 0..1 of the picture. Other fields are ignored.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.errors import DataError
from pycturestream.evaluation.clip import RawDetections

DECIMALS = 6
"""Finer than in records, so that rounding happens where the job does it."""


class DetectionsCacheError(DataError):
    """The file can't be used; the message is one line that names it."""


class _Object(msgspec.Struct):
    label: str
    score: float
    box: tuple[float, float, float, float]


class _Frame(msgspec.Struct):
    frame: int
    objects: list[_Object]


def read_cache(path: Path) -> Iterator[RawDetections]:
    """Yield the frames of a file. Raises DetectionsCacheError."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise DetectionsCacheError(f"{path}: can't be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        try:
            frame = msgspec.json.decode(line, type=_Frame)
        except msgspec.MsgspecError as error:
            raise DetectionsCacheError(f"{path}:{number}: {error}") from error
        yield RawDetections(
            frame.frame,
            tuple(Detection(o.label, o.score, BoundingBox(*o.box)) for o in frame.objects),
        )


def write_cache(path: Path, frames: Iterable[RawDetections]) -> None:
    """Write a file; one that was not finished does not get its final name.

    Raises DetectionsCacheError, before the first frame is taken, when it can't be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        file = part.open("wb")
    except OSError as error:
        raise DetectionsCacheError(f"{path}: can't be written: {error}") from error
    with file:
        for raw in frames:
            file.write(msgspec.json.encode(_frame(raw)) + b"\n")
    part.replace(path)


def _frame(raw: RawDetections) -> _Frame:
    return _Frame(
        raw.frame,
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
            for d in raw.detections
        ],
    )
