"""Pictures that no detections record describes: the model finds the people."""

from functools import cached_property

import numpy as np

from pycturestream.blur.people import BlurredPicture
from pycturestream.config.settings import Settings
from pycturestream.detector.letterbox import letterbox
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.domain.detection import PERSON
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox
from pycturestream.pictures.blurring import blur
from pycturestream.pixels import Pixels, decode


class UnrecordedPictures:
    """Blurs such pictures; the model is loaded once, when the first is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def blur(self, jpeg: bytes) -> BlurredPicture:
        """Return a picture with covered heads.

        Raises Rejection if it can't be decoded, ModelError and FaceModelError if nothing can be
        blurred.
        """
        pixels = decode(jpeg, self._settings.picture_pixel_limit)
        return blur(pixels, self._people(pixels))

    def _people(self, pixels: Pixels) -> list[BoundingBox]:
        size = Size(pixels.shape[1], pixels.shape[0])
        canvas = self._runner.description.canvases.fit(size)
        rgb = np.ascontiguousarray(pixels[..., ::-1])
        [found] = self._runner.detect([letterbox(rgb, canvas)])
        return [detection.box for detection in found if detection.label == PERSON]

    @cached_property
    def _runner(self) -> ModelRunner:
        return ModelRunner.of(self._settings)
