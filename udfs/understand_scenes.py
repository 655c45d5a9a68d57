"""The Flink operator around `domain.pipeline.step`: keyed by camera, settings by broadcast."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pyflink.common import Row, Time, Types
from pyflink.datastream import KeyedBroadcastProcessFunction
from pyflink.datastream.state import (
    MapStateDescriptor,
    StateTtlConfig,
    ValueStateDescriptor,
)

from pycturestream.contracts import topics
from pycturestream.contracts.cameras import decode_camera, decode_camera_or_default
from pycturestream.contracts.codec import (
    CodecError,
    DeadLetter,
    FrameOutcome,
    decode_outcome,
    decode_state,
    encode_record,
    encode_state,
)
from pycturestream.contracts.records import to_record
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.admission import Dropped
from pycturestream.domain.frames.dead_letter import dead_letter_headers
from pycturestream.domain.pipeline import step, timing
from pycturestream.domain.pipeline.state import (
    CameraState,
    FrameDetections,
    JudgedFrame,
    Output,
    PipelineLimits,
)
from pycturestream.domain.times import Millis
from udfs.state_writes import write_together

CAMERAS = MapStateDescriptor("cameras", Types.STRING(), Types.PRIMITIVE_ARRAY(Types.BYTE()))
"""Broadcast state: the settings of every camera, as on the topic."""

LOG_RECORD = Types.ROW_NAMED(
    ["topic", "key", "value", "headers"],
    [
        Types.STRING(),
        Types.PRIMITIVE_ARRAY(Types.BYTE()),
        Types.PRIMITIVE_ARRAY(Types.BYTE()),
        Types.MAP(Types.STRING(), Types.PRIMITIVE_ARRAY(Types.BYTE())),
    ],
)
"""What this operator emits, ready for the log."""

END_OF_TIME = 253_402_300_799_000
"""9999-12-31: an event timer that only the end of a bounded stream reaches."""

CATCH_UP_MS = 5_000
"""A timer that fires this late, or a record that is this old, means that the job has paused, not
the camera: frames are still unread, so the job waits as long again before cameras go
offline."""
START_UP_MS = 60_000
"""A new worker loads its model before the first frame arrives; no pictures until then, or for at
most this long, do not mean that cameras are offline."""
STATE_LIFE = Time.days(30)
"""The state of a camera without records for so long is deleted."""


class UnderstandScenes(KeyedBroadcastProcessFunction):  # type: ignore[misc]
    """Track, judge, count and narrate the frames of one camera after the other."""

    def __init__(
        self,
        limits: PipelineLimits,
        run: str,
        picture_life_ms: int,
        cameras: Mapping[str, bytes],
    ) -> None:
        """`cameras` are the settings at submission: broadcast ones may come after frames."""
        self._limits = limits
        self._run = run
        self._picture_life_ms = picture_life_ms
        self._cameras = dict(cameras)

    def open(self, runtime_context: Any) -> None:
        # Never returning expired states would disable PyFlink's state cache: every frame would ask
        # the task manager for each of them, and for the broadcast settings, over gRPC.
        life = StateTtlConfig.new_builder(STATE_LIFE).return_expired_if_not_cleaned_up().build()
        # The names are part of savepoints.
        state = ValueStateDescriptor("memory", Types.PRIMITIVE_ARRAY(Types.BYTE()))
        state.enable_time_to_live(life)
        timer = ValueStateDescriptor("timer", Types.LONG())
        timer.enable_time_to_live(life)
        self._state = runtime_context.get_state(state)
        self._timer = runtime_context.get_state(timer)
        write_together(self._state)
        self._decoded: dict[str, tuple[bytes, Camera]] = {}
        self._behind_until = _now() + START_UP_MS
        metrics = runtime_context.get_metrics_group()
        self._frames = metrics.counter("frames_processed")
        self._dead_letters = metrics.counter("frames_refused")
        self._metrics = metrics
        self._drops: dict[str, Any] = {}
        self._latency = metrics.distribution("capture_to_result_ms")

    def process_element(self, value: Row, ctx: Any) -> Iterator[Row]:
        """Take in the outcome of the first half of the job for one record."""
        outcome = decode_outcome(value[0])
        self._defer_offline(_received_at(outcome))
        state, camera = self._load(), self._camera(ctx)
        if isinstance(outcome, FrameDetections):
            outcome = step.unwanted(state, outcome, self._limits) or outcome
        outputs: list[Output]
        match outcome:
            case FrameDetections():
                state, outputs = step.process(state, camera, outcome, self._limits)
            case Dropped():
                state, outputs = step.drop(state, camera, outcome, self._limits)
            case DeadLetter():
                state, outputs = step.reject(state, camera, outcome.rejected, self._limits)
                yield _dead_letter(outcome)
        self._measure(outcome, outputs)
        self._save(state, ctx)
        yield from self._address(outputs)

    def on_timer(self, timestamp: int, ctx: Any) -> Iterator[Row]:
        """Let time pass for a camera without new records."""
        state, camera = self._load(), self._camera(ctx)
        outputs: list[Output]
        if self._limits.mode == "replay":
            state, outputs = timing.finish(state, camera, self._limits)
            self._state.update(encode_state(state))
            yield from self._address(outputs)
            return
        now = _now()
        self._timer.clear()
        if now - timestamp > CATCH_UP_MS:
            self._behind_until = max(self._behind_until, now + CATCH_UP_MS)
        if now < self._behind_until:
            self._set_timer(self._behind_until, ctx)
            return
        state, outputs = timing.advance(state, camera, now, self._limits)
        self._save(state, ctx)
        yield from self._address(outputs)

    def process_broadcast_element(self, value: Row, ctx: Any) -> Iterable[Row]:
        """Take over a camera's settings, unless newer ones are present; no value removes them."""
        camera_id, settings = bytes(value[0] or b"").decode("utf-8", "replace"), value[1]
        cameras = ctx.get_broadcast_state(CAMERAS)
        current = cameras.get(camera_id) or self._cameras.get(camera_id)
        if settings is None:
            # Bytes that are not settings: the camera has the defaults.
            cameras.put(camera_id, b"")
        elif current is None or _revision(bytes(settings)) >= _revision(bytes(current)):
            cameras.put(camera_id, bytes(settings))
        return []

    def _camera(self, ctx: Any) -> Camera:
        camera_id = ctx.get_current_key()
        broadcast = ctx.get_broadcast_state(CAMERAS).get(camera_id)
        settings = self._cameras.get(camera_id, b"") if broadcast is None else bytes(broadcast)
        decoded = self._decoded.get(camera_id)
        if decoded is None or decoded[0] != settings:
            decoded = self._decoded[camera_id] = (
                settings,
                decode_camera_or_default(settings, camera_id),
            )
        return decoded[1]

    def _defer_offline(self, received_at: Millis) -> None:
        """Mark no camera offline while old records arrive, or others still may."""
        now = _now()
        if now - received_at > CATCH_UP_MS:
            self._behind_until = max(self._behind_until, now + CATCH_UP_MS)
        else:
            self._behind_until = min(self._behind_until, now + CATCH_UP_MS)

    def _load(self) -> CameraState:
        data = self._state.value()
        return CameraState() if data is None else decode_state(bytes(data))

    def _save(self, state: CameraState, ctx: Any) -> None:
        self._state.update(encode_state(state))
        if self._limits.mode == "replay":
            if self._timer.value() is None:
                ctx.timer_service().register_event_time_timer(END_OF_TIME)
                self._timer.update(END_OF_TIME)
            return
        deadline = timing.next_deadline(state, self._camera(ctx), self._limits)
        if deadline is not None:
            self._set_timer(deadline, ctx)

    def _set_timer(self, at: int, ctx: Any) -> None:
        """Keep one timer per camera, at the earliest deadline; a later one is set when it fires."""
        at = max(at, _now())
        due = self._timer.value()
        if due is not None and due <= at:
            return
        ctx.timer_service().register_processing_time_timer(at)
        self._timer.update(at)

    def _address(self, outputs: Iterable[Output]) -> Iterator[Row]:
        for output in outputs:
            topic, record = to_record(output, self._run, self._picture_life_ms)
            yield Row(topic, record.camera_id.encode(), encode_record(record), {})

    def _measure(self, outcome: object, outputs: Iterable[Output]) -> None:
        for output in outputs:
            if isinstance(output, JudgedFrame):
                self._frames.inc()
                self._latency.update(max(0, _now() - output.found.frame.captured_at))
        if isinstance(outcome, DeadLetter):
            self._dead_letters.inc()
        if isinstance(outcome, Dropped):
            if outcome.reason not in self._drops:
                group = self._metrics.add_group("reason", outcome.reason)
                self._drops[outcome.reason] = group.counter("frames_dropped")
            self._drops[outcome.reason].inc()


def _received_at(outcome: FrameOutcome) -> Millis:
    match outcome:
        case FrameDetections(frame=frame):
            return frame.received_at
        case DeadLetter(rejected=rejected):
            return rejected.received_at
        case Dropped(received_at=received_at):
            return received_at


def _dead_letter(letter: DeadLetter) -> Row:
    headers = dict(dead_letter_headers(letter.rejected))
    return Row(topics.DEAD_LETTER, letter.key, letter.value, headers)


def _revision(settings: bytes) -> int:
    """Return the revision of settings; -1 for bytes that are not settings."""
    try:
        return decode_camera(settings).revision
    except CodecError:
        return -1


def _now() -> int:
    return time.time_ns() // 1_000_000
