"""Looks at pictures: JPEGs in, what is in each of them out. All that touches untrusted bytes."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from models.decoding import UndecodablePicture, decode_jpeg
from models.detector import Detector
from models.letterbox import Letterboxed
from models.look import Look, Looks, Trouble

DECODING_THREADS = 2
"""More would only wait for the cores that inference needs."""


class Looker:
    """Decodes pictures in threads (OpenCV lets go of the interpreter) and detects as one batch."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._threads = ThreadPoolExecutor(DECODING_THREADS, "decode")

    def look(self, jpegs: Sequence[bytes]) -> Looks:
        """Return what is in the pictures. Raises what the model raises."""
        began = time.perf_counter()
        pictures = list(self._threads.map(self._decode, jpegs))
        decoded = time.perf_counter()
        found = iter(self._detector.detect([p for p in pictures if isinstance(p, Letterboxed)]))
        looks = tuple(
            Look(
                picture.original.width,
                picture.original.height,
                tuple(detection.rounded() for detection in next(found)),
            )
            if isinstance(picture, Letterboxed)
            else Look(trouble=Trouble("not-jpeg", str(picture)))
            for picture in pictures
        )
        detected = time.perf_counter()
        return Looks(looks, (decoded - began) * 1000, (detected - decoded) * 1000)

    def close(self) -> None:
        self._threads.shutdown()

    def _decode(self, jpeg: bytes) -> Letterboxed | UndecodablePicture:
        try:
            return decode_jpeg(jpeg, self._detector.description.canvas)
        except UndecodablePicture as error:
            return error
