"""The Flink shell of admission and detection: a bundle of records in, one verdict each out.

Flink hands a whole bundle to a vectorised function at once: that is what a batch is made of. In
live mode it is also what is chosen from: a bundle holds what came while the one before was
looked at.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from math import inf
from typing import Protocol

import pandas as pd
from msgspec.structs import replace
from pyflink.table import FunctionContext, ScalarFunction

from pycturestream.contracts.codec import DeadLetter, FrameOutcome, encode_outcome
from pycturestream.detector.detection_result import DetectionBatch, DetectionResult, DetectorError
from pycturestream.detector.registry import ModelDescription
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.admission import (
    AdmissionLimits,
    Admitted,
    Arrival,
    Dropped,
    Known,
    Place,
    ReadReference,
    Rejected,
    admit,
    drop,
    find_room,
    no_references,
    reject,
)
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.pipeline.step import FrameDetections, ModelVersion
from pycturestream.domain.times import Millis, from_datetime

DIGEST_BYTES = 8
"""Enough to tell the pictures of one camera and moment apart."""
RETURN_MS = 60_000
"""So long after its first bundle a worker may be handed frames that were looked at before."""
SETTINGS_S = 10.0
"""How long a worker waits for the settings of cameras before it begins ..."""
SENDERS_S = 60.0
"""... and once more before its first bundle where they say who is refused."""


class DetectorClient(Protocol):
    """What looks at pictures: `pycturestream.detector.detector_process.DetectorProcess`."""

    description: ModelDescription
    replaced: int

    @property
    def picture_ms(self) -> float: ...
    def wait_until_ready(self) -> None: ...
    def detect(self, jpegs: Sequence[bytes]) -> DetectionBatch: ...
    def close(self) -> None: ...


class Following(Protocol):
    """What knows the settings of cameras: `pycturestream.log.cameras.FollowedCameras`."""

    @property
    def cameras(self) -> Mapping[str, Camera]: ...
    def wait(self, patience_s: float) -> bool: ...
    def close(self) -> None: ...


ReadResults = Callable[[Millis], Mapping[Place, FrameDetections]]
"""Returns what the log says of the frames that were received since then."""


class DetectObjects(ScalarFunction):  # type: ignore[misc] # pyflink ships no types
    """Admit a bundle of records, and look at what was admitted as one batch or some."""

    def __init__(
        self,
        admission: AdmissionLimits,
        topic: str,
        start_detector: Callable[[], DetectorClient],
        read_results: ReadResults,
        follow_cameras: Callable[[], Following],
        live_look_budget_ms: int,
        read_reference: ReadReference = no_references,
    ) -> None:
        """Start and follow nothing yet: that is done in each worker, since a model can't travel."""
        self._admission = admission
        self._topic = topic
        self._start_detector = start_detector
        self._read_results = read_results
        self._follow_cameras = follow_cameras
        self._read_reference = read_reference
        self._budget_ms = live_look_budget_ms

    def open(self, context: FunctionContext) -> None:
        self._detector = self._start_detector()
        self._following = self._follow_cameras()
        self._following.wait(SETTINGS_S)
        self._senders_matter = self._admission.unknown_cameras == "refuse"
        description = self._detector.description
        self._model = ModelVersion(description.name, description.version)
        self._returned_at: Millis | None = None
        self._known: Mapping[Place, FrameDetections] = {}
        self._known_since = inf
        self._detected_at: dict[str, Millis] = {}
        self._distrusted: set[str] = set()
        metrics = context.get_metric_group()
        self._batch_size = metrics.distribution("batch_size")
        self._decode_ms = metrics.distribution("decode_ms")
        self._inference_ms = metrics.distribution("inference_ms")
        self._replaced = metrics.counter("detector_replaced")

    def close(self) -> None:
        self._following.close()
        self._detector.close()

    def is_deterministic(self) -> bool:
        """Return False: verdicts depend on the time, so each record is asked about once."""
        return False

    def eval(
        self,
        key: pd.Series,
        picture: pd.Series,
        captured_at: pd.Series,
        sent_at: pd.Series,
        reference: pd.Series,
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
            reference,
        )
        arrivals = [
            Arrival(Place(self._topic, partition, offset), *fields)
            for partition, offset, *fields in zip(*columns, strict=True)
        ]
        return pd.Series([encode_outcome(outcome) for outcome in self._judge(arrivals)])

    def _judge(self, arrivals: Sequence[Arrival]) -> list[FrameOutcome]:
        self._detector.wait_until_ready()  # or what is fresh now would be old when looked at
        self._wait_for_senders()
        admissions, known = self._admit(arrivals)
        admissions = self._find_room(admissions, known)
        wanted = {
            admission.place: arrival
            for arrival, admission in zip(arrivals, admissions, strict=True)
            if isinstance(admission, Admitted) and admission.place not in known
        }
        results = self._detect_wanted(wanted)
        done_at = _now()
        outcomes: list[FrameOutcome] = []
        for arrival, admission in zip(arrivals, admissions, strict=True):
            match admission:
                case Admitted() if admission.place in known:
                    outcomes.append(replace(known[admission.place], digest=_digest(arrival)))
                case Admitted():
                    result = results[admission.place]
                    outcomes.append(self._outcome(arrival, admission, result, done_at))
                case Rejected():
                    outcomes.append(DeadLetter(admission, arrival.key, arrival.value))
                case Dropped():
                    outcomes.append(admission)
        return outcomes

    def _wait_for_senders(self) -> None:
        """Wait once, or all cameras would be unknown ones while their settings are still read."""
        if self._senders_matter:
            self._senders_matter = False  # who has waited in vain goes on with what is known
            self._following.wait(SENDERS_S)

    def _admit(
        self, arrivals: Sequence[Arrival]
    ) -> tuple[list[Admitted | Dropped | Rejected], Mapping[Place, FrameDetections]]:
        """Return the admissions, and what is known of these frames already.

        After a crash the log hands out frames once more. Of those that were looked at, the
        result stands in the log as well; dropped as stale, or refused by newer settings, they
        would be missing from the memory of their camera, and a situation would be reported a
        second time.
        """
        now = _now()
        if self._returned_at is None:
            # Not when the worker was opened: loading the model may take longer than that.
            self._returned_at = now
        returning = now - self._returned_at <= RETURN_MS
        if not returning:
            self._known = {}
        admissions = self._examine(arrivals, now)
        oldest = min((a.received_at for a in admissions if self._was_good_once(a)), default=inf)
        if returning and oldest < self._known_since:  # another partition may begin earlier
            self._known_since = oldest
            self._known = self._read_results(Millis(oldest))
            admissions = self._examine(arrivals, now)
        for admission in admissions:
            if isinstance(admission, Admitted):
                distrust = set.add if admission.clock_corrected else set.discard
                distrust(self._distrusted, admission.camera_id)
        return admissions, self._known

    def _was_good_once(self, admission: Admitted | Dropped | Rejected) -> bool:
        """Whether a frame may have been looked at, though it would not be now."""
        if self._admission.mode == "replay":
            return False  # its log holds the results of other runs
        reason = getattr(admission, "reason", None)
        return reason in {"stale", "unknown-camera", "wrong-resolution"}

    def _examine(
        self, arrivals: Sequence[Arrival], now: Millis
    ) -> list[Admitted | Dropped | Rejected]:
        known = Known(self._known, self._following.cameras, self._distrusted)
        return admit(arrivals, self._admission, now, known, self._read_reference)

    def _find_room(
        self,
        admissions: Sequence[Admitted | Dropped | Rejected],
        known: Mapping[Place, FrameDetections],
    ) -> list[Admitted | Dropped | Rejected]:
        """In live mode, drop what can't be looked at within the budget of a bundle."""
        if self._admission.mode == "replay":
            return list(admissions)
        frames = [a for a in admissions if isinstance(a, Admitted) and a.place not in known]
        room = max(1, int(self._budget_ms / self._detector.picture_ms))
        found_room = find_room(frames, room, self._detected_at)
        for frame in frames:
            if frame.place in found_room:
                self._detected_at[frame.camera_id] = frame.received_at
        return [
            drop(admission, "overload")
            if isinstance(admission, Admitted)
            and admission.place not in found_room
            and admission.place not in known
            else admission
            for admission in admissions
        ]

    def _detect_wanted(self, wanted: Mapping[Place, Arrival]) -> Mapping[Place, DetectionResult]:
        """Return one look per picture."""
        pictures: dict[Place, bytes] = {}
        results: dict[Place, DetectionResult] = {}
        for place, arrival in wanted.items():
            try:
                # Once more where it was read for its header: a bundle of large ones is too much.
                pictures[place] = arrival.picture(self._read_reference)
            except Rejection as rejection:
                results[place] = DetectionResult(
                    error=DetectorError(rejection.reason, str(rejection))
                )
        if not pictures:
            return results
        replaced_before = self._detector.replaced
        found = self._detector.detect(list(pictures.values()))
        self._replaced.inc(self._detector.replaced - replaced_before)
        self._batch_size.update(len(pictures))
        self._decode_ms.update(round(found.decode_ms))
        self._inference_ms.update(round(found.inference_ms))
        return results | dict(zip(pictures, found.results, strict=True))

    def _outcome(
        self, arrival: Arrival, frame: Admitted, result: DetectionResult, done_at: Millis
    ) -> FrameDetections | DeadLetter:
        if result.error:
            rejection = Rejection(result.error.reason, result.error.detail)
            rejected = reject(arrival, frame.camera_id, rejection)
            return DeadLetter(rejected, arrival.key, arrival.value)
        return FrameDetections(
            # A phone held upright turns its picture: the size is that which a viewer sees.
            frame=replace(frame, width=result.width, height=result.height),
            digest=_digest(arrival),
            model=self._model,
            detections=result.detections,
            processed_at=done_at,
            measure=result.measure,
        )


def _digest(arrival: Arrival) -> str:
    """Return what tells a picture from others of its camera and moment; a reference is unique."""
    return blake2b(arrival.value or arrival.reference or b"", digest_size=DIGEST_BYTES).hexdigest()


def _now() -> Millis:
    return time.time_ns() // 1_000_000
