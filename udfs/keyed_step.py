"""The Flink operator around one step of `domain.pipeline`: keyed by camera, with state and a timer.

`track`, `count`, `judge` and `narrate` differ in their step, in what they read and in what becomes
of their outputs; everything else is here. The operators follow each other without an exchange, so
that they form one chain; the last one hands its records to the log.
"""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pyflink.common import Row, Time, Types
from pyflink.datastream import KeyedProcessFunction
from pyflink.datastream.state import StateTtlConfig, ValueStateDescriptor

from pycturestream.code_fingerprint import code_fingerprint, require_code
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.messages import LogRecord, Message, encode_message
from pycturestream.contracts.records import to_record
from pycturestream.contracts.states import StateCodec
from pycturestream.contracts.topics import byte_limit
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.unknown_cameras import UNKNOWN_LIFE_MS
from pycturestream.domain.pipeline.events import Output, Result
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.domain.times import Millis
from pycturestream.languages.model_words import use_words_of_model
from pycturestream.logging_setup import limit_embedded_logs
from udfs.log_throttle import LogThrottle
from udfs.operator_metrics import OperatorMetrics
from udfs.selection import Selection
from udfs.state_writes import write_together

_log = logging.getLogger(__name__)  # standard logging: Flink's workers collect it

MESSAGE = Types.ROW([Types.STRING(), Types.PRIMITIVE_ARRAY(Types.BYTE())])
"""What an operator passes on: the key, and a message."""
LOG_RECORD = Types.ROW_NAMED(
    ["topic", "key", "value", "headers"],
    [
        Types.STRING(),
        Types.PRIMITIVE_ARRAY(Types.BYTE()),
        Types.PRIMITIVE_ARRAY(Types.BYTE()),
        Types.MAP(Types.STRING(), Types.PRIMITIVE_ARRAY(Types.BYTE())),
    ],
)
"""What the last operator emits, ready for the log."""

END_OF_TIME = 253_402_300_799_000
"""9999-12-31: an event timer that only the end of a bounded stream reaches."""
CATCH_UP_MS = 5_000
"""A timer that fires this late, or a record that is this old, means that the job has paused, not
the camera: frames are still unread, so the job waits as long again before time passes without
them."""
IN_FLIGHT_MS = 1_000
"""By the wall clock time passes so much later than by records: one that arrived before a moment may
still be with the model, or wait in front of an operator. What a timer emits must not depend on
that, or after a crash it may come out differently."""
START_UP_MS = 60_000
"""A new worker loads its model before the first frame arrives; no pictures until then, or for at
most this long, do not mean that cameras are offline. From the first one on, each camera has as long
to show its own as it may be silent: the first bundle need not hold it, and may take long."""
SETTINGS_S = 10.0
"""How long a new operator waits for the settings of cameras before it begins."""
STATE_LIFE = Time.days(30)
"""The state of a camera without records for so long is deleted."""
UNKNOWN_STATE_LIFE = Time.milliseconds(UNKNOWN_LIFE_MS)
"""The same for a live camera without settings, of which anybody can invent more."""

STEP_LOGGED_S = 60.0
"""A clock that is set back concerns all cameras: one line about it, and not one for each."""

State = TypeVar("State")


class StepModule(Protocol[State]):
    """A module of `domain.pipeline`, as far as time is concerned."""

    def pass_time(
        self, state: State, camera: Camera, now: Millis, limits: PipelineLimits, /
    ) -> tuple[State, list[Any]]: ...
    def finish(
        self, state: State, camera: Camera, limits: PipelineLimits, /
    ) -> tuple[State, list[Any]]: ...
    def next_deadline(
        self, state: State, camera: Camera, limits: PipelineLimits, /
    ) -> Millis | None: ...
    def newest_time(self, state: State, /) -> Millis: ...
    def step_back(
        self, state: State, camera: Camera, latest: Millis, limits: PipelineLimits, /
    ) -> tuple[State, list[Any]]: ...


class CameraSettings(Protocol):
    """Current settings of all cameras: `pycturestream.log.shared_cameras`."""

    def of(self, camera_id: str) -> Camera: ...
    def wait(self, timeout_s: float) -> bool: ...


class KeyedStep(KeyedProcessFunction, ABC, Generic[State]):  # type: ignore[misc]
    """One step for one camera after the other."""

    name: ClassVar[str]
    """In the web UI; it is also its uid, and so a part of savepoints."""
    step: StepModule[Any]
    states: ClassVar[StateCodec[Any]]

    def __init__(
        self,
        limits: PipelineLimits,
        run: str,
        picture_life_ms: int,
        open_camera_settings: Callable[[object], CameraSettings],
        *,
        selection: Selection | None = None,
        model: Path | None = None,
    ) -> None:
        """`open_camera_settings` is called with the operator that uses them.

        Of its results all become records, or those of the selection. `model` is the folder of the
        model, which may have words for its labels.
        """
        self.limits = limits
        self.run = run
        self.picture_life_ms = picture_life_ms
        self.is_last = False
        """Whether it hands its records to the log."""
        self._open_camera_settings = open_camera_settings
        self._selection = selection
        self._model = model
        self._fingerprint = code_fingerprint()

    @abstractmethod
    def take(self, value: bytes, ctx: Any) -> Iterable[Message]:
        """Process one input; `settings_of`, `load` and `save` what is known of its camera."""

    def open(self, runtime_context: Any) -> None:
        require_code(self._fingerprint)
        limit_embedded_logs()
        for problem in use_words_of_model(self._model) if self._model else ():
            _log.warning(problem)
        # The names are part of savepoints.
        self._unknown = _value_state(runtime_context, "unknown-camera", UNKNOWN_STATE_LIFE)
        self._known = _value_state(runtime_context, "camera", STATE_LIFE)
        write_together(self._known)
        self.metrics = OperatorMetrics(runtime_context.get_metrics_group())
        self.camera_settings = self._open_camera_settings(self)
        self.camera_settings.wait(SETTINGS_S)
        self._behind_until = _now() + START_UP_MS
        self._step_log = LogThrottle(STEP_LOGGED_S)

    def process_element(self, value: bytes, ctx: Any) -> list[Row]:
        """Process one record or message."""
        return self._rows(self.take(value, ctx))

    def on_timer(self, timestamp: int, ctx: Any) -> list[Row]:
        """Let time pass for a camera without new records."""
        camera_id = ctx.get_current_key()
        camera, now = self.settings_of(camera_id), _now()
        state, due = self.load()
        if due is not None and timestamp != due:
            # An earlier one took its place. If it went on too, each would set another one for ever.
            return []
        if self.limits.mode == "replay":
            state, outputs = self.step.finish(state, camera, self.limits)
            self._store(self.states.encode(state, END_OF_TIME))
        else:
            state, before = self.on_time(state, camera, now)
            self._limit_behind(now)
            if now - timestamp > CATCH_UP_MS:
                self._behind_until = max(self._behind_until, now + CATCH_UP_MS)
            if now < self._behind_until:
                ctx.timer_service().register_processing_time_timer(self._behind_until)
                self._store(self.states.encode(state, self._behind_until))
                return self._rows(self.messages(camera_id, now, before)) if before else []
            state, outputs = self.step.pass_time(state, camera, now - IN_FLIGHT_MS, self.limits)
            outputs = [*before, *outputs]
            self.save(state, None, camera, ctx)
        return self._rows(self.messages(camera_id, now, outputs)) if outputs else []

    def settings_of(self, camera_id: str) -> Camera:
        """Return the settings of the current camera; `load` and `save` go by them."""
        camera = self.camera_settings.of(camera_id)
        # History has its end, and its cameras may be silent for any time by our clock.
        if camera.is_known or self.limits.mode == "replay":
            self._state, self._other = self._known, self._unknown
        else:
            self._state, self._other = self._unknown, self._known
        return camera

    def load(self) -> tuple[State, Millis | None]:
        """Return the state of the current camera, and when its timer is due."""
        self._stored = self._state.value()
        self._is_elsewhere = False
        if self._stored is None and (stored := self._other.value()) is not None:
            self._stored, self._is_elsewhere = stored, True  # it got settings, or lost them
        return self.states.decode(self._stored)

    def on_time(self, state: State, camera: Camera, at: Millis) -> tuple[State, list[Any]]:
        """Return the state without later times than `at`, if a clock was set back since; results.

        `at` is the time of what comes next. Only a live job has a now: the past repeats itself.
        """
        now, limits = _now(), self.limits
        newest_at = self.step.newest_time(state)
        latest = max(at, now + limits.clock_tolerance_ms)
        if limits.mode == "replay" or newest_at <= latest:
            return state, []
        self.metrics.count("clock_set_back")
        if self._step_log.passes():
            _log.warning(
                "%s: the clock was set back: the state of %s, and maybe of others, is from %.0f s "
                "ahead, and counts as from now",
                self.name,
                camera.camera_id,
                (newest_at - now) / 1000,
            )
        return self.step.step_back(state, camera, min(at, now) - 1, limits)

    def save(self, state: State, due: Millis | None, camera: Camera, ctx: Any) -> None:
        """Keep the state; there is one timer per camera, at the earliest deadline.

        `due` is when the timer that is set fires. A later deadline is found when it does.
        """
        if self.limits.mode == "replay":
            if due is None:
                due = END_OF_TIME
                ctx.timer_service().register_event_time_timer(due)
        else:
            deadline = self.step.next_deadline(state, camera, self.limits)
            if deadline is not None and (due is None or due > deadline + IN_FLIGHT_MS):
                # While the job is behind, one in the past would fire after each record.
                at = max(deadline + IN_FLIGHT_MS, _now(), self._behind_until)
                if due is None or at < due:
                    due = at
                    ctx.timer_service().register_processing_time_timer(due)
        encoded = self.states.encode(state, due)
        # Before a still scene most steps have nothing new to remember, and each write is a call
        # into Java, or over gRPC.
        if encoded != self._stored or self._is_elsewhere:
            self._store(encoded)

    def _store(self, encoded: bytes) -> None:
        self._state.update(encoded)
        if self._is_elsewhere:
            self._other.clear()

    def note_arrival(self, received_at: Millis) -> None:
        """Let no time pass without records while old ones arrive, or others still may."""
        now = _now()
        self._limit_behind(now)
        if now - received_at > CATCH_UP_MS:
            self._behind_until = max(self._behind_until, now + CATCH_UP_MS)
        else:
            wait_ms = max(CATCH_UP_MS, self.limits.offline_after_ms)
            self._behind_until = min(self._behind_until, now + wait_ms)

    def _limit_behind(self, now: Millis) -> None:
        """Shorten a wait that the clock, set back since, would make longer than any."""
        self._behind_until = min(self._behind_until, now + START_UP_MS)

    def records(self, results: Iterable[Result]) -> list[LogRecord]:
        """Return results as records of the log; they are counted by topic."""
        selection = self._selection
        records = [
            self.record(result) for result in results if selection is None or selection.has(result)
        ]
        for record in records:
            self.metrics.count("records_emitted", topic=record.topic)
        return records

    def record(self, result: Output) -> LogRecord:
        topic, record = to_record(result, self.run, self.picture_life_ms)
        return LogRecord(topic, record.camera_id.encode(), encode_record(record))

    def messages(
        self, camera_id: str, received_at: Millis, outputs: Sequence[Any]
    ) -> Iterable[Message]:
        """Return what is passed on when time has passed."""
        return [Message(camera_id, received_at, before=self.records(outputs))]

    def _rows(self, messages: Iterable[Message]) -> list[Row]:
        if not self.is_last:
            return [Row(message.camera_id, encode_message(message)) for message in messages]
        rows = []
        for message in messages:
            if message.captured_at:
                self.metrics.latency("capture_to_result_ms", max(0, _now() - message.captured_at))
            rows += [
                Row(record.topic, record.key, record.value, record.headers)
                for record in message.records
                if self._fits(record)
            ]
        return rows

    def _fits(self, record: LogRecord) -> bool:
        """Whether a record fits into its topic: the job would fail on it again and again."""
        limit = byte_limit(record.topic)
        if record.byte_size <= limit:
            return True
        self.metrics.count("records_too_large", topic=record.topic)
        size = record.byte_size
        _log.warning("%s: a record of %d bytes, left out (limit %d)", record.topic, size, limit)
        return False


def _value_state(runtime_context: Any, name: str, life: Time) -> Any:
    # Never returning expired states would disable PyFlink's state cache in a process worker: every
    # frame would ask the task manager for its state, over gRPC.
    config = StateTtlConfig.new_builder(life).return_expired_if_not_cleaned_up().build()
    # Pickled bytes: plain byte arrays would come back as tuples of numbers in thread mode.
    descriptor = ValueStateDescriptor(name, Types.PICKLED_BYTE_ARRAY())
    descriptor.enable_time_to_live(config)
    return runtime_context.get_state(descriptor)


def _now() -> Millis:
    return time.time_ns() // 1_000_000
