"""Runs a model on JPEGs as the detection job does, without its processes."""

from collections.abc import Sequence

from pycturestream.config.settings import Settings
from pycturestream.detector.decoding import UndecodablePicture, decode_jpeg
from pycturestream.detector.letterbox import Letterboxed
from pycturestream.detector.model_options import ModelOptions
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.detector.registry import ModelDescription
from pycturestream.domain.detection import Detection
from pycturestream.errors import DataError


class ModelPass:
    """A loaded model, from JPEGs to detections."""

    def __init__(self, runner: ModelRunner) -> None:
        self._runner = runner

    @classmethod
    def load(
        cls, description: ModelDescription, settings: Settings, threads: int | None = None
    ) -> "ModelPass":
        """Load a model as the settings say, or with another number of threads. Raises ModelError.

        0 threads: all cores.
        """
        return cls(ModelRunner.load(description, ModelOptions.of(settings, threads)))

    def decode(self, jpeg: bytes) -> Letterboxed:
        """Return the picture as the model takes it. Raises DataError."""
        try:
            return decode_jpeg(jpeg, self._runner.description.canvases)
        except UndecodablePicture as error:
            raise DataError(f"a picture can't be decoded: {error}") from error

    def find(self, pictures: Sequence[Letterboxed]) -> list[list[Detection]]:
        """Return all detections of each picture, of any score, the surest first."""
        return self._runner.find(pictures)

    def detect(self, pictures: Sequence[Letterboxed]) -> list[list[Detection]]:
        """Return the detections of each picture that reach the thresholds, and weak ones."""
        return self._runner.detect(pictures)
