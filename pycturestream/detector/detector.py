"""Detects objects in pictures: JPEGs in, results out."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from pycturestream.config.settings import DECODE_TIMEOUT_S
from pycturestream.detector.decoder_pool import Decoded, DecoderFailed, DecoderPool
from pycturestream.detector.decoding import UndecodablePicture
from pycturestream.detector.detection_result import DetectionBatch, DetectionResult, DetectorError
from pycturestream.detector.model_runner import ModelRunner

DECODING_THREADS = 2
"""Each has a process that decodes. More would only wait for the cores that inference needs."""
PATIENCE_S = 0.5
"""Seconds that decoding may take before the caller is told that all is well."""


class Detector:
    """Decodes pictures in processes of their own, and detects in batches."""

    def __init__(
        self, runner: ModelRunner, batch_size: int, decode_timeout_s: float = DECODE_TIMEOUT_S
    ) -> None:
        """Allow each picture `decode_timeout_s` seconds of processor time for its decoding."""
        self._runner = runner
        self._batch_size = batch_size
        self._threads = ThreadPoolExecutor(DECODING_THREADS, "decode")
        canvases = runner.description.canvases
        self._decoders = DecoderPool(canvases, DECODING_THREADS, decode_timeout_s)

    def wait_until_ready(self) -> None:
        """Wait until pictures can be decoded at once."""
        self._decoders.wait_until_ready()

    def detect(
        self, jpegs: Sequence[bytes], on_slow: Callable[[], None] = lambda: None
    ) -> DetectionBatch:
        """Return one result per picture, in order. Raises what the model raises.

        The next batch is decoded during inference, which leaves a core idle now and then.
        `on_slow` is called every half a second while pictures are decoded and nothing else is
        done: each has a deadline of its own.
        """
        decoding = [self._threads.submit(self._decode, jpeg) for jpeg in jpegs]
        results: list[DetectionResult] = []
        decode_s = inference_s = 0.0
        for start in range(0, len(jpegs), self._batch_size):
            began = time.perf_counter()
            batch: list[Decoded | DetectorError] = []
            for picture in decoding[start : start + self._batch_size]:
                while not wait([picture], PATIENCE_S).done:
                    on_slow()
                batch.append(picture.result())
            decoded = time.perf_counter()
            results += self._detect(batch)
            decode_s += decoded - began
            inference_s += time.perf_counter() - decoded
        return DetectionBatch(tuple(results), decode_s * 1000, inference_s * 1000)

    def _detect(self, batch: Sequence[Decoded | DetectorError]) -> Iterator[DetectionResult]:
        pictures = [each[0] for each in batch if not isinstance(each, DetectorError)]
        found = iter(self._runner.detect(pictures))
        for each in batch:
            if isinstance(each, DetectorError):
                yield DetectionResult(error=each)
                continue
            picture, measured, decode_ms = each
            width, height = picture.original.width, picture.original.height
            detections = tuple(d.rounded() for d in next(found))
            yield DetectionResult(width, height, detections, measured, decode_ms=decode_ms)

    def close(self) -> None:
        self._threads.shutdown()
        self._decoders.close()

    def _decode(self, jpeg: bytes) -> Decoded | DetectorError:
        try:
            return self._decoders.decode(jpeg)
        except UndecodablePicture as error:
            return DetectorError("not-jpeg", str(error))
        except DecoderFailed as failure:
            return DetectorError("detector-failed", f"the decoder {failure}")
