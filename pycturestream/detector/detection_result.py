"""The results of detection: the objects in each picture, or why detection failed."""

from dataclasses import dataclass

from pycturestream.detector.gpu_memory import GpuMemory
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.picture_measure import PictureMeasure
from pycturestream.domain.frames.rejection import Reason
from pycturestream.domain.pipeline.events import ModelVersion


@dataclass(frozen=True, slots=True)
class DetectorError:
    """Why detection failed for a picture."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """The detections in one picture, or why detection failed."""

    width: int = 0
    """Pixels of the upright picture, as is the height."""
    height: int = 0
    detections: tuple[Detection, ...] = ()
    measure: PictureMeasure | None = None
    error: DetectorError | None = None
    decode_ms: float = 0.0
    """Processor time of decoding."""
    further_models: tuple[ModelVersion, ...] = ()
    """Those that ran beside the one for objects."""


@dataclass(frozen=True, slots=True)
class DetectionBatch:
    """One result per picture, in order, and the time that they took together."""

    results: tuple[DetectionResult, ...]
    decode_ms: float
    inference_ms: float
    """Of the model for objects."""
    faces_ms: float = 0.0
    """Of the model for faces, in the pictures where they were looked for."""
    gpu_memory: GpuMemory | None = None
    """After the batch; None where the model does not run on a GPU."""
