"""The Flink operator for admission and detection: a bundle of records in, one outcome each out.

Flink passes a whole bundle to a vectorised function at once, and batches are made of it. In live
mode frames are also chosen from it: a bundle holds what arrived while the previous one was
processed.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import blake2b
from itertools import repeat
from math import inf
from typing import Protocol

import pandas as pd
from msgspec.structs import replace
from pyflink.table import FunctionContext, ScalarFunction

from pycturestream.contracts.codec import FrameOutcome, encode_outcome
from pycturestream.contracts.proofs import is_proven
from pycturestream.detector.detection_result import DetectionBatch, DetectionResult, DetectorError
from pycturestream.detector.gpu_memory import GpuMemory
from pycturestream.detector.registry import ModelDescription
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.admission import (
    NO_CAMERA,
    AdmissionContext,
    AdmissionLimits,
    Admitted,
    Arrival,
    Dropped,
    Place,
    ReadReference,
    Rejected,
    admit,
    choose_frames,
    drop,
    no_references,
    reject,
    separate,
)
from pycturestream.domain.frames.clock_trust import UntrustedClocks
from pycturestream.domain.frames.dead_letter import DeadLetter
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.frames.masked_bytes import KnownSettings, may_mask
from pycturestream.domain.frames.pauses import Pauses
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.frames.sender import UNNAMED, SenderState, is_other
from pycturestream.domain.frames.unknown_cameras import UnknownCameras
from pycturestream.domain.pipeline.events import FrameDetections, ModelVersion
from pycturestream.domain.recent import Recent
from pycturestream.domain.times import Millis, from_datetime
from udfs.erasure_source import ERASURES_S, ErasureSource
from udfs.histogram import BATCH_SIZES, DURATION_MS, Histogram
from udfs.log_throttle import LogThrottle

OTHERS = " others"
"""Behind a camera's id, which holds no blank: all second senders of that id together, who could
choose a new name for each picture."""
STRANGERS_SHARE = 0.25
"""Of the time of a bundle, at most for the frames of all cameras without settings while any camera
has settings: or whoever invents enough cameras would make each bundle, for which the frames of all
wait, as long as can be."""
DIGEST_BYTES = 8
"""Enough to distinguish the pictures of one camera and moment."""
REPEAT_MS = 60_000
"""How long after its first bundle a worker may receive frames that were processed before."""
WRONG_LOGGED_S = 60.0
"""How often a wrong clock of the broker is logged."""
NO_GPU = GpuMemory(0, 0)
SETTINGS_S = 10.0
"""How long a worker waits for the settings of cameras before it begins ..."""
UNKNOWN_CAMERAS_S = 60.0
"""... and again before its first bundle, where unknown cameras are rejected."""


_log = logging.getLogger(__name__)  # standard logging: Flink's workers collect it


class DetectorClient(Protocol):
    """Detects objects in pictures: `pycturestream.detector.detector_process.DetectorProcess`."""

    description: ModelDescription
    replaced: int

    @property
    def picture_ms(self) -> float: ...
    @property
    def faces_ms(self) -> float: ...
    def wait_until_ready(self) -> None: ...
    def detect(
        self, jpegs: Sequence[bytes], with_faces: Collection[int] = ()
    ) -> DetectionBatch: ...
    def close(self) -> None: ...


class CameraSettingsSource(Protocol):
    """Current settings of all cameras: `pycturestream.log.cameras.FollowedCameras`."""

    @property
    def cameras(self) -> Mapping[str, Camera]: ...
    @property
    def known(self) -> KnownSettings: ...
    @property
    def is_complete(self) -> bool: ...
    def wait(self, timeout_s: float) -> bool: ...
    def close(self) -> None: ...


ReadResults = Callable[[Millis], Mapping[Place, FrameDetections]]
"""Returns the results in the log of the frames that were received since then."""


class DetectObjects(ScalarFunction):  # type: ignore[misc] # pyflink ships no types
    """Admit a bundle of records, and detect objects in the admitted frames."""

    def __init__(
        self,
        admission: AdmissionLimits,
        topic: str,
        start_detector: Callable[[], DetectorClient],
        read_results: ReadResults,
        open_camera_settings: Callable[[], CameraSettingsSource],
        open_erasures: Callable[[], ErasureSource],
        live_detection_budget_ms: int,
        read_reference: ReadReference = no_references,
    ) -> None:
        """Start nothing yet: each worker does it in `open`, since a model can't be serialised."""
        self._admission = admission
        self._topic = topic
        self._start_detector = start_detector
        self._read_results = read_results
        self._open_camera_settings = open_camera_settings
        self._open_erasures = open_erasures
        self._read_reference = read_reference
        self._budget_ms = live_detection_budget_ms

    def open(self, context: FunctionContext) -> None:
        self._detector = self._start_detector()
        self._camera_settings = self._open_camera_settings()
        self._erasures = self._open_erasures()
        self._knows_cameras = self._camera_settings.wait(SETTINGS_S)
        if self._admission.mode == "replay":
            self._erasures.require(ERASURES_S)
        else:  # it must stay live; what it makes of an erased frame, no store takes
            self._erasures.wait(SETTINGS_S)
        self._must_know_cameras = self._admission.unknown_cameras == "refuse"
        description = self._detector.description
        self._model = ModelVersion(description.name, description.version)
        self._started_at: Millis | None = None
        self._logged: Mapping[Place, FrameDetections] = {}
        self._logged_since = inf
        # Anybody may choose the names that these remember, so that all of them have a bound.
        self._turns = Recent[str, int]()
        """The number of the last frame of each camera, among all that were processed."""
        self._turn = 0
        self._untrusted_clocks = UntrustedClocks(self._admission.clock_tolerance_ms)
        self._senders = Recent[str, SenderState]()
        self._unknown = UnknownCameras(self._admission.unknown_camera_limit)
        self._pauses = Pauses()
        self._wrong_log = LogThrottle(WRONG_LOGGED_S)
        metrics = self._metrics = context.get_metric_group()
        self._gpu_memory = NO_GPU
        self._batch_size = Histogram(metrics, "batch_size", BATCH_SIZES)
        self._decode_ms = Histogram(metrics, "decode_ms", DURATION_MS)
        self._inference_ms = Histogram(metrics, "inference_ms", DURATION_MS)
        self._faces_ms = Histogram(metrics, "faces_ms", DURATION_MS)
        self._replaced = metrics.counter("detector_replaced")
        self._broker_clock_wrong = metrics.counter("broker_clock_wrong")

    def close(self) -> None:
        self._camera_settings.close()
        self._erasures.close()
        self._detector.close()

    def is_deterministic(self) -> bool:
        """Return False: outcomes depend on the time, so each record must be evaluated once."""
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
        sender: pd.Series | None = None,
        proof: pd.Series | None = None,
    ) -> pd.Series:
        """Return one encoded outcome per record, in order."""
        columns = (
            partition,
            offset,
            map(from_datetime, received_at),
            key,
            picture,
            captured_at,
            sent_at,
            reference,
            repeat(None) if sender is None else sender,
            repeat(None) if proof is None else proof,
        )
        arrivals = [
            Arrival(Place(self._topic, partition, offset), *fields)
            for partition, offset, *fields in zip(*columns, strict=False)
        ]
        return pd.Series([encode_outcome(outcome) for outcome in self._process(arrivals)])

    def _process(self, arrivals: Sequence[Arrival]) -> list[FrameOutcome]:
        self._detector.wait_until_ready()  # or fresh frames would be old when processed
        self._wait_for_settings()
        admissions, logged = self._admit(arrivals)
        admissions = self._choose_frames(self._drop_paused(admissions, logged), logged)
        wanted = [
            (arrival, admission)
            for arrival, admission in zip(arrivals, admissions, strict=True)
            if isinstance(admission, Admitted) and admission.place not in logged
        ]
        results = self._detect_wanted(wanted)
        done_at = _now()
        self._note_costs(admissions, results, done_at)
        outcomes: list[FrameOutcome] = []
        for arrival, admission in zip(arrivals, admissions, strict=True):
            match admission:
                case Admitted() if admission.place in logged:
                    found = logged[admission.place]
                    # The log holds no digest, and older records no sender.
                    frame = replace(found.frame, sender=admission.sender)
                    outcomes.append(replace(found, frame=frame, digest=_digest(arrival)))
                case Admitted():
                    result = results[admission.place]
                    outcomes.append(self._outcome(arrival, admission, result, done_at))
                case Rejected():
                    outcomes.append(self._dead_letter(admission, arrival))
                case Dropped():
                    outcomes.append(admission)
        return outcomes

    def _wait_for_settings(self) -> None:
        """Wait once, or all cameras would be unknown while their settings are being read."""
        if self._must_know_cameras:
            self._must_know_cameras = False  # after a wait in vain it goes on without them
            self._camera_settings.wait(UNKNOWN_CAMERAS_S)

    def _admit(
        self, arrivals: Sequence[Arrival]
    ) -> tuple[list[Admitted | Dropped | Rejected], Mapping[Place, FrameDetections]]:
        """Return the admissions, and the results that the log holds for these frames already.

        After a crash the log delivers frames again. For those that were processed, the log holds
        the results as well. If they were dropped as stale, or rejected by newer settings, they
        would be missing from the state of their camera, and a situation would be reported twice.
        """
        now = _now()
        if self._started_at is None:
            # Not when the worker was opened: loading the model may take longer than that.
            self._started_at = now
        repeating = abs(now - self._started_at) <= REPEAT_MS
        if not repeating:
            self._logged = {}
        admissions = self._examine(arrivals, now)
        oldest = min(
            (
                # A wrong clock of the broker does not show when the result was written.
                min(arrival.received_at, now - REPEAT_MS)
                if admission.received_at != arrival.received_at
                else arrival.received_at
                for arrival, admission in zip(arrivals, admissions, strict=True)
                if admission.received_at != arrival.received_at or self._may_be_logged(admission)
            ),
            default=inf,
        )
        if repeating and oldest < self._logged_since:  # another partition may begin earlier
            self._logged_since = oldest
            # Earlier than these frames: the log also says who had the ids when they arrived.
            self._logged = self._read_results(Millis(oldest) - self._admission.sender_hold_ms)
            self._remember_senders()
            admissions = self._examine(arrivals, now)
        self._report_broker_clock(arrivals, admissions, now)
        for admission in admissions:
            if isinstance(admission, Admitted):
                self._untrusted_clocks.judge(admission)
        return admissions, self._logged

    def _report_broker_clock(
        self,
        arrivals: Sequence[Arrival],
        admissions: Sequence[Admitted | Dropped | Rejected],
        now: Millis,
    ) -> None:
        """Count the records that arrived at another time than the broker's clock says."""
        wrong = [
            arrival.received_at - now
            for arrival, admission in zip(arrivals, admissions, strict=True)
            if admission.received_at != arrival.received_at
        ]
        if not wrong:
            return
        self._broker_clock_wrong.inc(len(wrong))
        if self._wrong_log.passes():
            _log.warning(
                "the broker's clock is wrong by %+.0f s: records count as arrived now",
                wrong[-1] / 1000,
            )

    def _remember_senders(self) -> None:
        """Remember who has the ids, by the log: its frames are those that `track` accepted."""
        frames = (found.frame for found in self._logged.values())
        for frame in sorted(frames, key=lambda frame: frame.received_at):
            if frame.sender != UNNAMED:
                self._senders[frame.camera_id] = SenderState(frame.sender, frame.received_at)

    def _may_be_logged(self, admission: Admitted | Dropped | Rejected) -> bool:
        """Whether a frame may have been processed before, though it would not be now."""
        if self._admission.mode == "replay":
            return False  # its log holds the results of other runs
        reason = getattr(admission, "reason", None)
        return reason in {"stale", "unknown-camera", "wrong-resolution"}

    def _examine(
        self, arrivals: Sequence[Arrival], now: Millis
    ) -> list[Admitted | Dropped | Rejected]:
        cameras = self._camera_settings.cameras
        for arrival in arrivals:
            camera_id = (arrival.key or b"").decode("utf-8", "replace")
            if camera_id not in cameras and is_camera_id(camera_id):
                self._unknown.claim(camera_id, now)
        # A camera that has settings must not count as unknown while they are being read.
        if cameras or now - (self._started_at or now) > UNKNOWN_CAMERAS_S * 1000:
            self._knows_cameras = True
        context = AdmissionContext(
            processed=self._logged,
            cameras=cameras,
            untrusted_clocks=self._untrusted_clocks,
            senders=self._senders,
            unknown=self._unknown if self._knows_cameras else None,
            is_proven=is_proven,
            erasures=self._erasures.known,
        )
        return admit(arrivals, self._admission, now, context, self._read_reference)

    def _drop_paused(
        self,
        admissions: Sequence[Admitted | Dropped | Rejected],
        logged: Mapping[Place, FrameDetections],
    ) -> list[Admitted | Dropped | Rejected]:
        """Drop the frames of cameras that have to wait because of what they sent before."""
        now = _now()
        return [
            drop(admission, "paused")
            if isinstance(admission, Admitted)
            and admission.place not in logged
            and self._pauses.is_paused(self._payer(admission), now)
            else admission
            for admission in admissions
        ]

    def _note_costs(
        self,
        admissions: Sequence[Admitted | Dropped | Rejected],
        results: Mapping[Place, DetectionResult],
        now: Millis,
    ) -> None:
        """In live mode, let cameras wait whose pictures made others wait. History is complete."""
        if self._admission.mode == "replay":
            return
        for admission in admissions:
            if isinstance(admission, Admitted) and (result := results.get(admission.place)):
                payer = self._payer(admission)
                if result.error and result.error.reason == "detector-failed":
                    self._pauses.note_failure(payer, now)
                else:
                    self._pauses.note_decoding(payer, result.decode_ms, now)
                if payer.endswith(OTHERS):
                    self._pauses.note_other(payer, now)

    def _payer(self, frame: Admitted) -> str:
        """Return who waits for what a frame costs.

        That is its camera, or all others that use its id. All cameras without settings wait
        together while any camera has settings: a new name would be no reason to begin anew.
        """
        cameras = self._camera_settings.cameras
        if cameras and frame.camera_id not in cameras:
            return NO_CAMERA
        state = self._senders.get(frame.camera_id) or SenderState()
        other = is_other(state, frame.sender, frame.received_at, self._admission.sender_hold_ms)
        return f"{frame.camera_id}{OTHERS}" if other else frame.camera_id

    def _choose_frames(
        self,
        admissions: Sequence[Admitted | Dropped | Rejected],
        logged: Mapping[Place, FrameDetections],
    ) -> list[Admitted | Dropped | Rejected]:
        """In live mode, drop the frames that exceed the time budget of a bundle."""
        if self._admission.mode == "replay":
            return list(admissions)
        frames = [a for a in admissions if isinstance(a, Admitted) and a.place not in logged]
        limit = max(1, int(self._budget_ms / self._mean_ms(frames)))
        others, senders = separate(admissions, self._senders, self._admission)
        for camera_id, state in senders.items():
            self._senders[camera_id] = state
        cameras = self._camera_settings.cameras
        strangers = frozenset(
            frame.place
            for frame in frames
            if frame.place in others or frame.camera_id not in cameras
        )
        strangers_limit = max(1, int(STRANGERS_SHARE * limit)) if cameras else limit
        chosen = choose_frames(frames, limit, self._turns, strangers, strangers_limit)
        for frame in frames:
            if frame.place not in chosen:
                continue
            self._turn += 1
            if frame.place in strangers:
                self._turns[NO_CAMERA] = self._turn
            if frame.place not in others:
                self._turns[frame.camera_id] = self._turn
        return [
            drop(admission, "overload")
            if isinstance(admission, Admitted)
            and admission.place not in chosen
            and admission.place not in logged
            else admission
            for admission in admissions
        ]

    def _mean_ms(self, frames: Sequence[Admitted]) -> float:
        """Return the usual time for one of these frames, in milliseconds.

        In some of them faces are looked for, which takes longer. As all cameras get the same
        share, that part is the same in what is chosen of them, by and by.
        """
        with_faces = sum(map(self._looks_for_faces, frames))
        faces_ms = self._detector.faces_ms * with_faces / len(frames) if with_faces else 0.0
        return self._detector.picture_ms + faces_ms

    def _looks_for_faces(self, frame: Admitted) -> bool:
        camera = self._camera_settings.cameras.get(frame.camera_id)
        return camera is not None and camera.looks_for_faces

    def _detect_wanted(
        self, wanted: Sequence[tuple[Arrival, Admitted]]
    ) -> Mapping[Place, DetectionResult]:
        """Return one result per frame."""
        pictures: dict[Place, bytes] = {}
        with_faces: list[int] = []
        results: dict[Place, DetectionResult] = {}
        for arrival, frame in wanted:
            try:
                # Read again, as for its header: a bundle of large pictures is too much memory.
                picture = arrival.picture(self._read_reference)
            except Rejection as rejection:
                results[frame.place] = DetectionResult(
                    error=DetectorError(rejection.reason, str(rejection))
                )
                continue
            if self._looks_for_faces(frame):
                with_faces.append(len(pictures))
            pictures[frame.place] = picture
        if not pictures:
            return results
        replaced_before = self._detector.replaced
        found = self._detector.detect(list(pictures.values()), with_faces)
        self._replaced.inc(self._detector.replaced - replaced_before)
        self._batch_size.update(len(pictures))
        self._decode_ms.update(round(found.decode_ms))
        self._inference_ms.update(round(found.inference_ms))
        self._note_gpu_memory(found.gpu_memory)
        if with_faces:
            self._faces_ms.update(round(found.faces_ms))
        return results | dict(zip(pictures, found.results, strict=True))

    def _note_gpu_memory(self, memory: GpuMemory | None) -> None:
        """Keep what is in use of a GPU for its metrics, which are made where there is one."""
        if memory is None:
            return
        if self._gpu_memory is NO_GPU:
            self._metrics.gauge("gpu_memory_bytes", lambda: self._gpu_memory.used)
            self._metrics.gauge("gpu_memory_peak_bytes", lambda: self._gpu_memory.peak)
        self._gpu_memory = memory

    def _dead_letter(self, rejected: Rejected, arrival: Arrival) -> DeadLetter:
        source = self._camera_settings
        masks = may_mask(rejected.camera_id, source.known if source.is_complete else None)
        return DeadLetter.of(rejected, arrival.key, arrival.value, may_mask=masks)

    def _outcome(
        self, arrival: Arrival, frame: Admitted, result: DetectionResult, done_at: Millis
    ) -> FrameDetections | DeadLetter:
        if result.error:
            rejection = Rejection(result.error.reason, result.error.detail)
            believed = replace(arrival, received_at=frame.received_at)
            rejected = reject(believed, frame.camera_id, rejection)
            return self._dead_letter(rejected, arrival)
        return FrameDetections(
            # A phone held upright turns its picture: this is the size that a viewer sees.
            frame=replace(frame, width=result.width, height=result.height),
            digest=_digest(arrival),
            model=self._model,
            detections=result.detections,
            processed_at=done_at,
            measure=result.measure,
            further_models=result.further_models,
        )


def _digest(arrival: Arrival) -> str:
    """Return what distinguishes a picture from others of its camera and moment, as hexadecimal."""
    return blake2b(arrival.value or arrival.reference or b"", digest_size=DIGEST_BYTES).hexdigest()


def _now() -> Millis:
    return time.time_ns() // 1_000_000
