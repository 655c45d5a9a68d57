"""Runs the model for faces, beside the one for objects: a picture in, detections out."""

import logging
import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pycturestream.detector.grid_boxes import BOX_LIMIT
from pycturestream.domain.detection import FACE, Detection
from pycturestream.domain.pipeline.events import ModelVersion
from pycturestream.errors import ConfigurationError
from pycturestream.pixels import Pixels

if TYPE_CHECKING:
    from pycturestream.blur.faces import FaceFinder

log = logging.getLogger(__name__)


class FaceRunner:
    """The face model, loaded once per worker."""

    def __init__(self, finder: "FaceFinder") -> None:
        self._finder = finder
        self.version = ModelVersion(finder.model.name, finder.model.version)

    @classmethod
    def load(cls, threads: int = 0, folder: Path | None = None) -> Self | None:
        """Load the shipped model, or that of a folder, for `threads` cores; 0: all of them.

        None if it can't be loaded, with one line in the log: what else is looked for goes on.
        """
        try:
            # Imported here: a model for objects may do without LiteRT.
            from pycturestream.blur import faces  # noqa: PLC0415

            cores = threads or len(os.sched_getaffinity(0))
            return cls(faces.FaceFinder(folder or faces.FOLDER, cores))
        except (ConfigurationError, ImportError) as error:
            log.warning("no faces are looked for: %s", error)
            return None

    def find(self, pixels: Pixels) -> tuple[Detection, ...]:
        """Return the faces in a picture, best first, at most as many as of objects.

        Boxes are 0..1 of the picture. A face below the detection threshold is weak: it continues a
        known track, or is a candidate, so that the record has all faces that blurring covers.
        """
        threshold = self._finder.model.detection_threshold
        faces = (
            Detection(FACE, score, box, weak=score < threshold).rounded()
            for box, score in self._finder.find(pixels)
            if box.area > 0
        )
        return tuple(islice(faces, BOX_LIMIT))
