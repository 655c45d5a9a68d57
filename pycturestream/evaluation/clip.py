"""What a model finds in a clip, on the way that the detection job goes.

A picture is encoded as a producer does it, decoded and put on the canvas as the job does it.
Everything is kept that the model says, however unsure: what of it is believed is chosen
afterwards, so that thresholds can be tried without looking again.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from producers.encode import Encoder, Fit
from producers.picture import Pixels, SourceError
from producers.video_capture import VideoCapture, open_capture
from pycturestream.contracts.topics import FRAMES_REPLAY
from pycturestream.detector.decoding import decode_jpeg
from pycturestream.detector.registry import ModelDescription
from pycturestream.detector.selection import select
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.admission import Admitted, Place
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.pipeline.state import FrameDetections, ModelVersion
from pycturestream.domain.times import Millis

if TYPE_CHECKING:  # importing TensorFlow takes seconds
    from pycturestream.detector.model_runner import ModelRunner


@dataclass(frozen=True, slots=True)
class Clip:
    """What is known of a clip before anything is looked at."""

    size: Size
    fps: float | None
    """The rate that the file claims; None if it makes no credible claim."""
    frames: int
    """How many it claims to hold."""


@dataclass(frozen=True, slots=True)
class Found:
    """All that a model says of one frame, of any score."""

    frame: int
    """Its index in the clip, from 0."""
    detections: tuple[Detection, ...]


def believed(found: Found, description: ModelDescription) -> list[Detection]:
    """Return what the job would hand to the tracker."""
    return [d.rounded() for d in select(list(found.detections), description)]


def as_outcome(
    camera_id: str, frame: int, at: Millis, size: Size, detections: Sequence[Detection]
) -> FrameDetections:
    """Return what the job's first half would hand to its second of a clip's frame."""
    admitted = Admitted(
        camera_id=camera_id,
        place=Place(FRAMES_REPLAY, 0, frame),
        received_at=at,
        captured_at=at,
        camera_captured_at=at,
        clock_corrected=False,
        width=size.width,
        height=size.height,
    )
    return FrameDetections(admitted, str(frame), ModelVersion("", ""), tuple(detections), at)


def describe(path: Path) -> Clip:
    """Return what a clip is like. Raises producers' SourceError for a file that is none."""
    with open_capture(str(path), str(path)) as capture:
        first = capture.read()
        if first is None:
            raise SourceError(f"{path}: holds no picture that can be read")
        height, width = first.shape[:2]
        return Clip(Size(width, height), capture.fps, capture.frames)


def detect_frames(
    path: Path,
    detector: "ModelRunner",
    fit: Fit,
    batch_size: int,
    wanted: Container[int] | None = None,
) -> Iterator[Found]:
    """Look at a clip's frames, or at those that are wanted; ends where the clip ends.

    Raises producers' SourceError.
    """
    encoder = Encoder(fit)
    with open_capture(str(path), str(path)) as capture:
        jpegs = ((frame, encoder.encode(pixels)) for frame, pixels in _frames(capture, wanted))
        while batch := list(islice(jpegs, batch_size)):
            pictures = [decode_jpeg(jpeg, detector.description.canvas) for _, jpeg in batch]
            for (frame, _), found in zip(batch, detector.find(pictures), strict=True):
                yield Found(frame, tuple(found))


def _frames(capture: VideoCapture, wanted: Container[int] | None) -> Iterator[tuple[int, Pixels]]:
    frame = 0
    while capture.grab():
        if wanted is None or frame in wanted:
            pixels = capture.retrieve()
            if pixels is not None:
                yield frame, pixels
        frame += 1
