"""Detects objects in pictures: JPEGs in, results out."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from functools import cached_property

from pycturestream.config.settings import DECODE_TIMEOUT_S
from pycturestream.detector.decoder_pool import Decoded, DecoderFailed, DecoderPool
from pycturestream.detector.decoding import UndecodablePicture
from pycturestream.detector.detection_result import DetectionBatch, DetectionResult, DetectorError
from pycturestream.detector.face_runner import FaceRunner
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.pixels import Pixels

DECODING_THREADS = 2
"""Each has a process that decodes. More would only wait for the cores that inference needs."""
PATIENCE_S = 0.5
"""Seconds that decoding may take before the caller is told that all is well."""


class Detector:
    """Decodes pictures in processes of their own, and detects in batches."""

    def __init__(
        self,
        runner: ModelRunner,
        batch_size: int,
        decode_timeout_s: float = DECODE_TIMEOUT_S,
        load_faces: Callable[[], FaceRunner | None] = FaceRunner.load,
    ) -> None:
        """Allow each picture `decode_timeout_s` seconds of processor time for its decoding.

        `load_faces` loads the model for faces, as soon as they are looked for.
        """
        self._runner = runner
        self._load_faces = load_faces
        self._batch_size = batch_size
        self._threads = ThreadPoolExecutor(DECODING_THREADS, "decode")
        canvases = runner.description.canvases
        self._decoders = DecoderPool(canvases, DECODING_THREADS, decode_timeout_s)

    def wait_until_ready(self) -> None:
        """Wait until pictures can be decoded at once."""
        self._decoders.wait_until_ready()

    def detect(
        self,
        jpegs: Sequence[bytes],
        with_faces: Collection[int] = (),
        on_slow: Callable[[], None] = lambda: None,
    ) -> DetectionBatch:
        """Return one result per picture, in order. Raises what the model raises.

        Faces are looked for too in the pictures with these numbers, from 0. The next batch is
        decoded during inference, which leaves a core idle now and then. `on_slow` is called every
        half a second while pictures are decoded and nothing else is done, and before each picture
        in which faces are looked for: each has a deadline of its own.
        """
        faces = self._faces if with_faces else None
        decoding = [
            self._threads.submit(self._decode, jpeg, bool(faces) and number in with_faces)
            for number, jpeg in enumerate(jpegs)
        ]
        results: list[DetectionResult] = []
        decode_s = inference_s = faces_s = 0.0
        for start in range(0, len(jpegs), self._batch_size):
            began = time.perf_counter()
            batch: list[Decoded | DetectorError] = []
            for picture in decoding[start : start + self._batch_size]:
                while not wait([picture], PATIENCE_S).done:
                    on_slow()
                batch.append(picture.result())
            decoded = time.perf_counter()
            found = list(self._detect(batch))
            detected = time.perf_counter()
            for number, each in enumerate(batch):
                if faces and isinstance(each, Decoded) and each.for_faces is not None:
                    on_slow()
                    began_faces = time.perf_counter()
                    found[number] = _with_faces(found[number], faces, each.for_faces)
                    faces_s += time.perf_counter() - began_faces
            results += found
            decode_s += decoded - began
            inference_s += detected - decoded
        return DetectionBatch(
            tuple(results),
            decode_ms=1000 * decode_s,
            inference_ms=1000 * inference_s,
            faces_ms=1000 * faces_s,
        )

    def _detect(self, batch: Sequence[Decoded | DetectorError]) -> Iterator[DetectionResult]:
        pictures = [each.picture for each in batch if isinstance(each, Decoded)]
        found = iter(self._runner.detect(pictures))
        for each in batch:
            if isinstance(each, DetectorError):
                yield DetectionResult(error=each)
                continue
            width, height = each.picture.original.width, each.picture.original.height
            detections = tuple(d.rounded() for d in next(found))
            yield DetectionResult(width, height, detections, each.measure, decode_ms=each.cpu_ms)

    @cached_property
    def _faces(self) -> FaceRunner | None:
        """The model for faces; None if it can't be loaded."""
        return self._load_faces()

    def close(self) -> None:
        self._threads.shutdown()
        self._decoders.close()

    def _decode(self, jpeg: bytes, for_faces: bool) -> Decoded | DetectorError:  # noqa: FBT001 - submitted to threads
        try:
            return self._decoders.decode(jpeg, for_faces=for_faces)
        except UndecodablePicture as error:
            return DetectorError("not-jpeg", str(error))
        except DecoderFailed as failure:
            return DetectorError("detector-failed", f"the decoder {failure}")


def _with_faces(result: DetectionResult, faces: FaceRunner, pixels: Pixels) -> DetectionResult:
    return replace(
        result,
        detections=(*result.detections, *faces.find(pixels)),
        further_models=(faces.version,),
    )
