"""Blurred copies of pictures that no detections record describes: the model finds the people."""

import numpy as np

from pycturestream.blur.faces import FaceFinder
from pycturestream.blur.people import BlurredPicture, blur_people
from pycturestream.config.settings import Settings
from pycturestream.detector.letterbox import letterbox
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.domain.detection import PERSON
from pycturestream.domain.frames.jpeg import Size
from pycturestream.pixels import decode


class Blurring:
    """The models, loaded once."""

    def __init__(self, settings: Settings) -> None:
        """Load them. Raises ModelError, FaceModelError."""
        self._pixel_limit = settings.picture_pixel_limit
        self._finder = FaceFinder()
        self._runner = ModelRunner.of(settings)

    def blur(self, jpeg: bytes) -> BlurredPicture:
        """Return a picture with covered heads. Raises Rejection if it can't be decoded."""
        pixels = decode(jpeg, self._pixel_limit)
        size = Size(pixels.shape[1], pixels.shape[0])
        canvas = self._runner.description.canvases.fit(size)
        rgb = np.ascontiguousarray(pixels[..., ::-1])
        [found] = self._runner.detect([letterbox(rgb, canvas)])
        people = [detection.box for detection in found if detection.label == PERSON]
        return blur_people(pixels, self._finder, people)
