"""What it means to look at a picture: what was found in it, or why nothing could be."""

from dataclasses import dataclass

from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.picture_measure import PictureMeasure
from pycturestream.domain.frames.rejection import Reason


@dataclass(frozen=True, slots=True)
class DetectorError:
    """Why a picture could not be looked at."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """What was found in one picture, or why nothing could be."""

    width: int = 0
    """Of the picture as a viewer sees it, upright."""
    height: int = 0
    detections: tuple[Detection, ...] = ()
    measure: PictureMeasure | None = None
    error: DetectorError | None = None


@dataclass(frozen=True, slots=True)
class DetectionBatch:
    """One look per picture, in order, and what they cost together."""

    results: tuple[DetectionResult, ...]
    decode_ms: float
    inference_ms: float
