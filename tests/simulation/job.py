"""The detection job with its real operators, but without Flink, Kafka and TensorFlow."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from pycturestream.contracts.codec import SHARED_KEY
from pycturestream.contracts.detections import read_detections
from pycturestream.contracts.topics import DETECTIONS
from pycturestream.detector.detection_result import DetectionBatch, DetectionResult, DetectorError
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.admission import NO_CAMERA, AdmissionLimits, Arrival, Place
from pycturestream.domain.frames.frame import LIVE, Mode, is_camera_id
from pycturestream.domain.pipeline.events import FrameDetections, ModelVersion
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.domain.times import Millis
from pycturestream.log.cameras import KnownCameras
from tests.erasures import FakeErasures
from tests.simulation.flink import Clock, Flink
from tests.simulation.operators import Barrier, Element, End, Operators
from tests.simulation.publishing import BYTE_LIMIT, MIN_SIDE, PIXEL_LIMIT, Log
from tests.simulation.view import View
from tests.simulation.world import HEIGHT, WIDTH, World
from udfs.count_objects import CountObjects
from udfs.detect_objects import DetectObjects
from udfs.judge_frames import JudgeFrames
from udfs.narrate_scenes import NarrateScenes
from udfs.track_objects import TrackObjects

STALE_AFTER_MS = 2_000
OFFLINE_AFTER_MS = 15_000
CLOCK_TOLERANCE_MS = 5_000
PICTURE_LIFE_MS = 600_000
LIVE_DETECTION_BUDGET_MS = 300
MODEL = ModelVersion("simulated", "1")
RUNS: Mapping[Mode, str] = {"live": LIVE, "replay": "history"}
STEPS = (TrackObjects, CountObjects, JudgeFrames, NarrateScenes)
"""The keyed operators, in their order."""
LAYOUTS = (frozenset[int](), frozenset({0}), frozenset(range(len(STEPS))))
"""The operators with a queue in front: none, the first one behind an exchange, or each of them."""
LONGEST_WAIT_MS = 100
"""Records between operators do not wait for longer while the model is busy with others."""


def admission_limits(mode: Mode) -> AdmissionLimits:
    return AdmissionLimits(
        mode, STALE_AFTER_MS, CLOCK_TOLERANCE_MS, BYTE_LIMIT, PIXEL_LIMIT, MIN_SIDE
    )


def pipeline_limits(world: World, mode: Mode) -> PipelineLimits:
    return PipelineLimits(mode, world.count_window_ms, OFFLINE_AFTER_MS, STALE_AFTER_MS)


class NoCameraSettings:
    """A fake source of camera settings that has none."""

    cameras: Mapping[str, Camera] = MappingProxyType({})
    known = KnownCameras()
    is_complete = True

    def wait(self, timeout_s: float) -> bool:  # noqa: ARG002 - nothing is there to wait for
        return True

    def close(self) -> None:
        pass


class WorldSettings:
    """A fake of the settings that the keyed operators follow: those of the world's cameras."""

    def __init__(self, world: World) -> None:
        self._world = world

    def of(self, camera_id: str) -> Camera:
        return self._world.camera(camera_id)

    def wait(self, timeout_s: float) -> bool:  # noqa: ARG002 - they are there
        return True


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a job restarts from: its offsets, and what each keyed operator keeps."""

    offsets: tuple[int, ...]
    flinks: tuple[Flink, ...]


class Model:
    """A fake detector: it takes time, and detects what the world shows."""

    description = MODEL
    faces_ms = 0.0

    def __init__(self, world: World, clock: Clock, picture_ms: int, start_up_ms: int) -> None:
        self.picture_ms = picture_ms
        self.replaced = 0
        self._world = world
        self._clock = clock
        self._start_up_ms = start_up_ms

    def wait_until_ready(self) -> None:
        self._clock.now += self._start_up_ms
        self._start_up_ms = 0

    def detect(self, jpegs: Sequence[bytes], with_faces: Collection[int] = ()) -> DetectionBatch:
        assert not with_faces  # no camera of the simulation asks for them
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
        chance: Random,
        crashes: bool = True,
        picture_ms: int = 0,
        layout: frozenset[int] | None = None,
        stamps: Mapping[Millis, int] | None = None,
    ) -> None:
        """Without `crashes` it never crashes; without `layout`, `chance` chooses one.

        `stamps` is by how much the broker's clock is ahead, from when on.
        """
        self._broker = Clock(steps=stamps or {})
        self.clock = clock
        self.view = View(mode)
        self._world = world
        self._log = log
        self._mode = mode
        self._chance = chance
        self._crashes = crashes
        self._picture_ms = picture_ms
        self._layout = chance.choice(LAYOUTS) if layout is None else layout
        self._unsaved: list[tuple[Millis, Sequence[Any]]] = []
        """What was emitted since the checkpoint, and when."""
        self._checkpoint = Checkpoint((0,) * len(log.partitions), tuple(Flink() for _ in STEPS))
        self._open(start_up_ms=0)

    @property
    def largest_state(self) -> int:
        """Return the bytes of the largest state of any camera, since the last restart."""
        return self._operators.largest_state

    def unread(self, partition: int) -> Sequence[Arrival]:
        """Return the records of a partition that have arrived and are not processed yet."""
        rest = self._log.partitions[partition][self._offsets[partition] :]
        return [arrival for arrival in rest if arrival.received_at <= self.clock.now]

    def take(self, bundle: Sequence[Arrival]) -> None:
        """Detect in the next records of their partitions, and hand the outcomes on."""
        if self._picture_ms * len(bundle) > LONGEST_WAIT_MS:
            self._operators.work_off()
        outcomes = self._detect.eval(*_columns([self._stamped(one) for one in bundle]))
        for arrival, outcome in zip(bundle, outcomes, strict=True):
            self._operators.take(Element(_key(arrival.key, outcome), outcome))
        for arrival in bundle:
            self._offsets[arrival.place.partition] = arrival.place.offset + 1

    def work(self) -> None:
        """Let operators process some of what waits in front of them."""
        self._operators.work(self._chance)

    def call_timers(self) -> None:
        """Fire the timers that are due by the wall clock."""
        self._operators.call_timers(self.clock.shown, self._chance)

    def next_moment(self) -> Millis | None:
        """Return when there is something to do next, if ever."""
        if self._operators.waiting:
            return self.clock.now
        arrivals = (
            partition[offset].received_at
            for partition, offset in zip(self._log.partitions, self._offsets, strict=True)
            if offset < len(partition)
        )
        timer = self._operators.next_timer()
        timers = [] if timer is None else [timer - self.clock.ahead]
        return min([*arrivals, *timers], default=None)

    def finish(self) -> None:
        """Come to the end of a bounded log."""
        self._operators.take(End())
        self._operators.work_off()

    def save(self) -> None:
        """Begin a checkpoint, unless one is on its way; it is complete behind the last operator."""
        if not self._saving:
            self._saving = True
            self._operators.take(Barrier(tuple(self._offsets)))

    def close(self) -> None:
        """Process what waits, and make the last checkpoint."""
        self._operators.work_off()
        self.save()
        self._operators.work_off()

    def restart(self, start_up_ms: int = 0) -> None:
        """Restart from the checkpoint; the last output may not have reached the log.

        What did reach it is complete up to some point: one broker takes requests in order.
        """
        unsent = self._chance.choice((0, 0, 1, 3, len(self._unsaved)))
        self._write(max(0, len(self._unsaved) - unsent))
        self._open(start_up_ms)

    def _stamped(self, arrival: Arrival) -> Arrival:
        """Return a record with the time that the broker's clock showed when it arrived."""
        return replace(arrival, received_at=self._stamp(arrival.received_at))

    def _stamp(self, at: Millis) -> Millis:
        self._broker.now = at
        return self._broker.shown

    def _open(self, start_up_ms: int) -> None:
        """Make new operators, as a new worker does."""
        self._saving = False
        self._offsets = list(self._checkpoint.offsets)
        self._detect = DetectObjects(
            admission_limits(self._mode),
            self._log.topic,
            lambda: Model(self._world, self.clock, self._picture_ms, start_up_ms),
            self._results_since,
            NoCameraSettings,
            FakeErasures,
            live_detection_budget_ms=LIVE_DETECTION_BUDGET_MS,
        )
        self._detect.open(Flink())
        steps = [
            step(
                pipeline_limits(self._world, self._mode),
                RUNS[self._mode],
                PICTURE_LIFE_MS,
                lambda _user: WorldSettings(self._world),
            )
            for step in STEPS
        ]
        self._operators = Operators(
            steps,
            [flink.copy() for flink in self._checkpoint.flinks],
            self._layout,
            write=lambda row: self._unsaved.append((self.clock.now, row)),
            complete=self._complete,
            crashes=self._chance if self._crashes else None,
        )

    def _results_since(self, received_at: Millis) -> Mapping[Place, FrameDetections]:
        """Return the results that were written to the log since then, by the broker's clock."""
        results = [
            read_detections(record)
            for emitted_at, topic, record in self.view.emitted
            if topic == DETECTIONS and self._stamp(emitted_at) >= received_at
        ]
        return {found.frame.place: found for found in results}

    def _complete(self, barrier: Barrier) -> None:
        """Complete a checkpoint: what was emitted before it is in the log for good."""
        self._write(len(self._unsaved))
        self._checkpoint = Checkpoint(barrier.offsets, tuple(barrier.flinks))
        self._saving = False

    def _write(self, number: int) -> None:
        """Let the first rows of the output reach the log; the rest is lost."""
        for emitted_at, row in self._unsaved[:number]:
            self.view.write(emitted_at, *row)
        self._unsaved = []


def _key(key: bytes | None, outcome: bytes) -> str:
    """Return what `jobs.keying.outcome_key` makes of a record's key and outcome, in Java."""
    if outcome.startswith(SHARED_KEY):
        return NO_CAMERA
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
                arrival.sender,
                arrival.proof,
            )
            for arrival in bundle
        ),
        strict=True,
    )
