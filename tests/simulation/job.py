"""The detection job with its real functions, but without Flink, Kafka and TensorFlow."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from types import MappingProxyType
from typing import Any

from pyflink.common import Row
from udfs.understand_scenes import END_OF_TIME, UnderstandScenes

from pycturestream.contracts.cameras import encode_camera
from pycturestream.contracts.detections import read_detections
from pycturestream.contracts.topics import ALERTS, DETECTIONS
from pycturestream.detector.detection_result import DetectionBatch, DetectionResult, DetectorError
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.admission import NO_CAMERA, AdmissionLimits, Arrival, Place
from pycturestream.domain.frames.frame import LIVE, Mode, is_camera_id
from pycturestream.domain.pipeline.events import FrameDetections, ModelVersion
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.domain.times import Millis
from tests.simulation.flink import Clock, Flink
from tests.simulation.publishing import BYTE_LIMIT, MIN_SIDE, PIXEL_LIMIT, Log
from tests.simulation.view import View
from tests.simulation.world import HEIGHT, WIDTH, World
from udfs.detect_objects import DetectObjects

STALE_AFTER_MS = 2_000
OFFLINE_AFTER_MS = 15_000
CLOCK_TOLERANCE_MS = 5_000
PICTURE_LIFE_MS = 600_000
LIVE_DETECTION_BUDGET_MS = 300
MODEL = ModelVersion("simulated", "1")
RUNS: Mapping[Mode, str] = {"live": LIVE, "replay": "history"}
CRASH_RISK = 0.005
"""Before and after each step, of which a history has a hundred or two ..."""
ALERT_CRASH_RISK = 0.2
"""... and when an alert was just emitted: it must not be lost or emitted twice."""


def admission_limits(mode: Mode) -> AdmissionLimits:
    return AdmissionLimits(
        mode, STALE_AFTER_MS, CLOCK_TOLERANCE_MS, BYTE_LIMIT, PIXEL_LIMIT, MIN_SIDE
    )


def pipeline_limits(world: World, mode: Mode) -> PipelineLimits:
    return PipelineLimits(mode, world.count_window_ms, OFFLINE_AFTER_MS, grace_ms=STALE_AFTER_MS)


class NoCameraSettings:
    """A fake source of camera settings that has none."""

    cameras: Mapping[str, Camera] = MappingProxyType({})

    def wait(self, timeout_s: float) -> bool:  # noqa: ARG002 - nothing is there to wait for
        return True

    def close(self) -> None:
        pass


class Crash(Exception):  # noqa: N818 - not an error of the program: its process is gone
    """The job's process is gone."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a job restarts from: its offsets and its state."""

    offsets: tuple[int, ...]
    flink: Flink


class Model:
    """A fake detector: it takes time, and detects what the world shows."""

    description = MODEL

    def __init__(self, world: World, clock: Clock, picture_ms: int, start_up_ms: int) -> None:
        self.picture_ms = picture_ms
        self.replaced = 0
        self._world = world
        self._clock = clock
        self._start_up_ms = start_up_ms

    def wait_until_ready(self) -> None:
        self._clock.now += self._start_up_ms
        self._start_up_ms = 0

    def detect(self, jpegs: Sequence[bytes]) -> DetectionBatch:
        self._clock.now += self.picture_ms * len(jpegs)
        return DetectionBatch(tuple(self._detect_one(jpeg) for jpeg in jpegs), 0.0, 0.0)

    def close(self) -> None:
        pass

    def _detect_one(self, jpeg: bytes) -> DetectionResult:
        try:
            found = self._world.detections(jpeg)
            return DetectionResult(WIDTH, HEIGHT, found, self._world.measure(jpeg))
        except ValueError as error:
            return DetectionResult(error=DetectorError("detector-failed", str(error)))


class Job:
    """The job over one log: its state, its output, and what a crash takes from it."""

    def __init__(
        self,
        world: World,
        log: Log,
        mode: Mode,
        clock: Clock,
        *,
        crashes: Random | None = None,
        picture_ms: int = 0,
    ) -> None:
        """With `crashes` the job crashes at random; without, never."""
        self.clock = clock
        self.view = View(mode)
        self.largest_state = 0
        """Bytes of the largest state of any camera."""
        self._world = world
        self._log = log
        self._mode = mode
        self._crashes = crashes
        self._picture_ms = picture_ms
        self._unsaved: list[tuple[Millis, Row]] = []
        """What was emitted since the checkpoint, and when."""
        self._checkpoint = Checkpoint((0,) * len(log.partitions), Flink())
        self._open(start_up_ms=0)

    def unread(self, partition: int) -> Sequence[Arrival]:
        """Return the records of a partition that have arrived and are not processed yet."""
        rest = self._log.partitions[partition][self._offsets[partition] :]
        return [arrival for arrival in rest if arrival.received_at <= self.clock.now]

    def take(self, bundle: Sequence[Arrival]) -> None:
        """Process the next records of their partitions."""
        outcomes = self._detect.eval(*_columns(bundle))
        for arrival, outcome in zip(bundle, outcomes, strict=True):
            self._flink.key = _camera_key(arrival.key)
            self._take_output(self._understand.process_element(Row(outcome), self._flink))
        for arrival in bundle:
            self._offsets[arrival.place.partition] = arrival.place.offset + 1

    def call_timers(self) -> None:
        """Fire the timers that are due by the wall clock."""
        for at, key in self._flink.due(self.clock.now):
            self._flink.key = key
            self._take_output(self._understand.on_timer(at, self._flink))

    def next_moment(self) -> Millis | None:
        """Return when there is something to do next, if ever."""
        arrivals = (
            partition[offset].received_at
            for partition, offset in zip(self._log.partitions, self._offsets, strict=True)
            if offset < len(partition)
        )
        return min([*arrivals, *(at for at, _ in self._flink.timers)], default=None)

    def finish(self) -> None:
        """Come to the end of a bounded log."""
        for key in sorted(self._flink.endings):
            self._flink.key = key
            self._take_output(self._understand.on_timer(END_OF_TIME, self._flink))

    def save(self) -> None:
        """Make a checkpoint; what was emitted until then is in the log for good."""
        self._write(len(self._unsaved))
        self._checkpoint = Checkpoint(tuple(self._offsets), self._flink.copy())

    def restart(self, start_up_ms: int = 0) -> None:
        """Restart from the checkpoint; the last output may not have reached the log.

        What did reach it is complete up to some point: one broker takes requests in order.
        """
        unsent = self._crashes.choice((0, 0, 1, 3, len(self._unsaved)))
        self._write(max(0, len(self._unsaved) - unsent))
        self._open(start_up_ms)

    def _open(self, start_up_ms: int) -> None:
        """Make new functions, as a new worker does."""
        self._offsets = list(self._checkpoint.offsets)
        self._flink = self._checkpoint.flink.copy()
        self._detect = DetectObjects(
            admission_limits(self._mode),
            self._log.topic,
            lambda: Model(self._world, self.clock, self._picture_ms, start_up_ms),
            self._results_since,
            NoCameraSettings,
            live_detection_budget_ms=LIVE_DETECTION_BUDGET_MS,
        )
        self._understand = UnderstandScenes(
            pipeline_limits(self._world, self._mode),
            RUNS[self._mode],
            PICTURE_LIFE_MS,
            {
                scenery.camera.camera_id: encode_camera(scenery.camera)
                for scenery in self._world.sceneries
            },
        )
        self._detect.open(self._flink)
        self._understand.open(self._flink)

    def _results_since(self, received_at: Millis) -> Mapping[Place, FrameDetections]:
        """Return the results in the log of the frames that were received since then."""
        results = (read_detections(record) for record in self.view.of(DETECTIONS))
        return {
            found.frame.place: found for found in results if found.frame.received_at >= received_at
        }

    def _take_output(self, output: Iterator[Row]) -> None:
        """Take the output of a function, unless the process dies before or after it."""
        self._survive(CRASH_RISK)
        rows = list(output)
        self._unsaved += [(self.clock.now, row) for row in rows]
        state = self._flink.states[self._flink.key]["memory"]
        self.largest_state = max(self.largest_state, len(state))
        raised = any(row[0] == ALERTS for row in rows)
        self._survive(ALERT_CRASH_RISK if raised else CRASH_RISK)

    def _survive(self, risk: float) -> None:
        if self._crashes and self._crashes.random() < risk:
            raise Crash

    def _write(self, number: int) -> None:
        """Let the first rows of the output reach the log; the rest is lost."""
        for emitted_at, row in self._unsaved[:number]:
            self.view.write(emitted_at, *row)
        self._unsaved = []


def _camera_key(key: bytes | None) -> str:
    """Return what `jobs.keying.camera_key` makes of a record's key, in Java."""
    text = (key or b"").decode("utf-8", "replace")
    return text if is_camera_id(text) else NO_CAMERA


def _columns(bundle: Sequence[Arrival]) -> Iterable[Sequence[Any]]:
    """Return a bundle as Flink passes it, a column for each field; lists are faster."""
    return zip(
        *(
            (
                arrival.key,
                arrival.value,
                arrival.captured_at,
                arrival.sent_at,
                arrival.reference,
                datetime.fromtimestamp(arrival.received_at / 1000, UTC),
                arrival.place.partition,
                arrival.place.offset,
            )
            for arrival in bundle
        ),
        strict=True,
    )
