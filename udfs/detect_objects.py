"""The Flink shell of admission and detection: a bundle of records in, one verdict each out.

Flink hands a whole bundle to a vectorised function at once: that is the batch. Pictures are
decoded in threads (OpenCV lets go of the interpreter meanwhile) and detected in one call.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

import pandas as pd
from pyflink.table import FunctionContext, ScalarFunction

from models.decoding import UndecodablePicture, decode_jpeg
from models.letterbox import Letterboxed
from pycturestream.admission import (
    AdmissionLimits,
    Admitted,
    Arrival,
    Dropped,
    Place,
    Refused,
    admit,
    refuse,
)
from pycturestream.codec import DeadLetter, Verdict, encode_verdict
from pycturestream.refusal import Refusal
from pycturestream.times import Millis, from_datetime
from pycturestream.understanding import FrameDetections, ModelVersion

if TYPE_CHECKING:
    from models.detector import Detector

DECODING_THREADS = 2
"""More would only wait for the cores that inference needs."""
DIGEST_BYTES = 8
"""Enough to tell the pictures of one camera and moment apart."""
WARM_UP_BATCHES = (1, 4)
"""One picture alone, and several: the model prepares itself for each kind of batch."""


class DetectObjects(ScalarFunction):  # type: ignore[misc] # pyflink ships no types
    """Admit a bundle of records, decode what was admitted, and look at it as one batch."""

    def __init__(
        self, limits: AdmissionLimits, topic: str, load_detector: "Callable[[], Detector]"
    ) -> None:
        """`load_detector` is called in each worker, once: a model does not travel."""
        self._limits = limits
        self._topic = topic
        self._load_detector = load_detector

    def open(self, context: FunctionContext) -> None:
        self._detector = self._load_detector()
        self._detector.warm_up(WARM_UP_BATCHES)
        description = self._detector.description
        self._model = ModelVersion(description.name, description.version)
        self._threads = ThreadPoolExecutor(DECODING_THREADS, "decode")
        metrics = context.get_metric_group()
        self._batch_size = metrics.distribution("batch_size")
        self._decode_ms = metrics.distribution("decode_ms")
        self._inference_ms = metrics.distribution("inference_ms")

    def close(self) -> None:
        self._threads.shutdown()

    def is_deterministic(self) -> bool:
        """Return False: verdicts depend on the time, so each record is asked about once."""
        return False

    def eval(
        self,
        key: pd.Series,
        picture: pd.Series,
        captured_at: pd.Series,
        sent_at: pd.Series,
        received_at: pd.Series,
        partition: pd.Series,
        offset: pd.Series,
    ) -> pd.Series:
        """Return one encoded verdict per record, in order."""
        columns = (
            partition,
            offset,
            map(from_datetime, received_at),
            key,
            picture,
            captured_at,
            sent_at,
        )
        arrivals = [
            Arrival(Place(self._topic, partition, offset), *fields)
            for partition, offset, *fields in zip(*columns, strict=True)
        ]
        return pd.Series([encode_verdict(verdict) for verdict in self._judge(arrivals)])

    def _judge(self, arrivals: Sequence[Arrival]) -> list[Verdict]:
        admissions = admit(arrivals, self._limits, _now())
        frames = [
            (arrival, admission)
            for arrival, admission in zip(arrivals, admissions, strict=True)
            if isinstance(admission, Admitted)
        ]
        looked_at = iter(self._look(frames))
        verdicts: list[Verdict] = []
        for arrival, admission in zip(arrivals, admissions, strict=True):
            match admission:
                case Admitted():
                    verdicts.append(next(looked_at))
                case Refused():
                    verdicts.append(DeadLetter(admission, arrival.key, arrival.value))
                case Dropped():
                    verdicts.append(admission)
        return verdicts

    def _look(self, frames: Sequence[tuple[Arrival, Admitted]]) -> list[Verdict]:
        """Return one verdict per frame: what was found, or that it could not be decoded."""
        if not frames:
            return []
        started = time.monotonic()
        pictures = list(self._threads.map(self._decode, frames))
        decoded = time.monotonic()
        visible = [picture for picture in pictures if isinstance(picture, Letterboxed)]
        found = iter(self._detector.detect(visible))
        self._decode_ms.update(round((decoded - started) * 1000))
        self._inference_ms.update(round((time.monotonic() - decoded) * 1000))
        self._batch_size.update(len(visible))
        processed_at = _now()
        return [
            FrameDetections(
                frame=_upright(frame, picture),
                digest=blake2b(arrival.value or b"", digest_size=DIGEST_BYTES).hexdigest(),
                model=self._model,
                detections=tuple(next(found)),
                processed_at=processed_at,
            )
            if isinstance(picture, Letterboxed)
            else picture
            for (arrival, frame), picture in zip(frames, pictures, strict=True)
        ]

    def _decode(self, frame: tuple[Arrival, Admitted]) -> Letterboxed | DeadLetter:
        arrival, admitted = frame
        try:
            return decode_jpeg(arrival.value or b"", self._detector.description.canvas)
        except UndecodablePicture as error:
            refused = refuse(arrival, admitted.camera_id, Refusal("not-jpeg", str(error)))
            return DeadLetter(refused, arrival.key, arrival.value)


def _upright(frame: Admitted, picture: Letterboxed) -> Admitted:
    """Return the frame with the size that a viewer sees: a phone held upright turns its picture."""
    return replace(frame, width=picture.original.width, height=picture.original.height)


def _now() -> Millis:
    return time.time_ns() // 1_000_000
