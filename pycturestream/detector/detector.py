"""Detects objects in pictures: JPEGs in, results out. Only this process decodes untrusted bytes."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from pycturestream.detector.decoding import UndecodablePicture, decode_jpeg
from pycturestream.detector.detection_result import DetectionBatch, DetectionResult, DetectorError
from pycturestream.detector.letterbox import Letterboxed
from pycturestream.detector.measure import measure
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.domain.frames.picture_measure import PictureMeasure

DECODING_THREADS = 2
"""More threads would only wait for the cores that inference needs."""

Decoded = tuple[Letterboxed, PictureMeasure]


class Detector:
    """Decodes pictures in threads (OpenCV releases the GIL) and detects in batches."""

    def __init__(self, runner: ModelRunner, batch_size: int) -> None:
        self._runner = runner
        self._batch_size = batch_size
        self._threads = ThreadPoolExecutor(DECODING_THREADS, "decode")

    def detect(self, jpegs: Sequence[bytes]) -> DetectionBatch:
        """Return one result per picture, in order. Raises what the model raises.

        The next batch is decoded during inference, which leaves a core idle now and then.
        """
        decoding = [self._threads.submit(self._decode, jpeg) for jpeg in jpegs]
        results: list[DetectionResult] = []
        decode_s = inference_s = 0.0
        for start in range(0, len(jpegs), self._batch_size):
            began = time.perf_counter()
            batch = [picture.result() for picture in decoding[start : start + self._batch_size]]
            decoded = time.perf_counter()
            results += self._detect(batch)
            decode_s += decoded - began
            inference_s += time.perf_counter() - decoded
        return DetectionBatch(tuple(results), decode_s * 1000, inference_s * 1000)

    def _detect(self, batch: Sequence[Decoded | UndecodablePicture]) -> Iterator[DetectionResult]:
        pictures = [each[0] for each in batch if not isinstance(each, UndecodablePicture)]
        found = iter(self._runner.detect(pictures))
        for each in batch:
            if isinstance(each, UndecodablePicture):
                yield DetectionResult(error=DetectorError("not-jpeg", str(each)))
                continue
            picture, measured = each
            width, height = picture.original.width, picture.original.height
            yield DetectionResult(width, height, tuple(d.rounded() for d in next(found)), measured)

    def close(self) -> None:
        self._threads.shutdown()

    def _decode(self, jpeg: bytes) -> Decoded | UndecodablePicture:
        try:
            picture = decode_jpeg(jpeg, self._runner.description.canvas)
        except UndecodablePicture as error:
            return error
        return picture, measure(picture)
