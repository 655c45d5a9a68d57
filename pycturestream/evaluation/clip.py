"""What a model detects in a clip, computed as the detection job does it.

A picture is encoded as by a producer, then decoded and put on the canvas as by the job. All
detections are kept, of any score: thresholds are applied afterwards, so that others can be tried
without running the model again.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from producers.encode import Encoder, Fit
from producers.picture import Pixels, SourceError
from producers.video import Lost, VideoPicture, file_address, open_video
from pycturestream.contracts.topics import FRAMES_REPLAY
from pycturestream.detector.decoding import decode_jpeg
from pycturestream.detector.registry import ModelDescription
from pycturestream.detector.selection import select
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.admission import Admitted, Place
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.pipeline.events import FrameDetections, ModelVersion
from pycturestream.domain.times import Millis

if TYPE_CHECKING:  # importing TensorFlow takes seconds
    from pycturestream.detector.model_runner import ModelRunner


BEGINNING = 1_795_251_600_000
"""2026-11-21T09:00:00Z in epoch milliseconds: every clip is taken to begin then."""
LONGEST_CLIP = 10_000_000
"""Frames assumed for a clip that does not state its length: more than any has."""


@dataclass(frozen=True, slots=True)
class Clip:
    """The properties of a video file."""

    size: Size
    fps: float | None
    """The frame rate stated in the file; None if it states no credible one."""
    frames: int
    """The number of frames stated in the file; 0 if it states none."""

    @property
    def end(self) -> int:
        """The index after the last frame, as far as known."""
        return self.frames or LONGEST_CLIP


def captured_at(frame: int, fps: float) -> Millis:
    """Return the time at which a clip's frame counts as captured."""
    return BEGINNING + round(1000 * frame / fps)


@dataclass(frozen=True, slots=True)
class RawDetections:
    """All detections of a model in one frame, of any score."""

    frame: int
    """Its index in the clip, from 0."""
    detections: tuple[Detection, ...]


def accepted(raw: RawDetections, description: ModelDescription) -> list[Detection]:
    """Return the detections that the job would pass to the tracker."""
    return [d.rounded() for d in select(list(raw.detections), description)]


def as_outcome(
    camera_id: str, frame: int, at: Millis, size: Size, detections: Sequence[Detection]
) -> FrameDetections:
    """Return a clip's frame as the job's detection step would pass it to its tracking step."""
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
    """Return the properties of a clip. Raises producers' SourceError for a file that is none."""
    with open_video(file_address(str(path)), str(path)) as video:
        for picture in video.pictures():
            pixels = picture if isinstance(picture, Lost) else picture.pixels()
            if not isinstance(pixels, Lost):
                height, width = pixels.shape[:2]
                return Clip(Size(width, height), video.fps, video.declared_pictures)
    raise SourceError(f"{path}: holds no picture that can be read")


def detect_frames(
    path: Path,
    detector: "ModelRunner",
    fit: Fit,
    batch_size: int,
    wanted: Container[int] | None = None,
) -> Iterator[RawDetections]:
    """Run the model on a clip's frames, or on those that are wanted; ends where the clip ends.

    Raises producers' SourceError.
    """
    encoder = Encoder(fit)
    jpegs = ((frame, encoder.encode(pixels)) for frame, pixels in read_frames(path, wanted))
    while batch := list(islice(jpegs, batch_size)):
        pictures = [decode_jpeg(jpeg, detector.description.canvases) for _, jpeg in batch]
        for (frame, _), found in zip(batch, detector.find(pictures), strict=True):
            yield RawDetections(frame, tuple(found))


def read_frames(path: Path, wanted: Container[int] | None) -> Iterator[tuple[int, Pixels]]:
    """Yield a clip's pictures with their indexes; those that are damaged have indexes too.

    Raises producers' SourceError.
    """
    with open_video(file_address(str(path)), str(path)) as video:
        for picture in video.pictures():
            if isinstance(picture, VideoPicture) and (wanted is None or picture.number in wanted):
                pixels = picture.pixels()
                if not isinstance(pixels, Lost):
                    yield picture.number, pixels
