"""The Flink operator around one step of `domain.pipeline`: keyed by camera, with state and a timer.

`track`, `count`, `judge` and `narrate` differ in their step, in what they read and in what becomes
of their outputs; everything else is here. The operators follow each other without an exchange, so
that they form one chain; the last one hands its records to the log.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pyflink.common import Row, Time, Types
from pyflink.datastream import KeyedProcessFunction
from pyflink.datastream.state import StateTtlConfig, ValueStateDescriptor

from pycturestream.code_fingerprint import code_fingerprint, require_code
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.messages import LogRecord, Message, encode_message
from pycturestream.contracts.records import to_record
from pycturestream.contracts.states import StateCodec
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.pipeline.events import Output, Result
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.domain.times import Millis
from pycturestream.logging_setup import limit_embedded_logs
from udfs.operator_metrics import OperatorMetrics
from udfs.selection import Selection
from udfs.state_writes import write_together

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
most this long, do not mean that cameras are offline."""
SETTINGS_S = 10.0
"""How long a new operator waits for the settings of cameras before it begins."""
STATE_LIFE = Time.days(30)
"""The state of a camera without records for so long is deleted."""

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
    ) -> None:
        """`open_camera_settings` is called with the operator that uses them.

        Of its results all become records, or those of the selection.
        """
        self.limits = limits
        self.run = run
        self.picture_life_ms = picture_life_ms
        self.is_last = False
        """Whether it hands its records to the log."""
        self._open_camera_settings = open_camera_settings
        self._selection = selection
        self._fingerprint = code_fingerprint()

    @abstractmethod
    def take(self, value: bytes, ctx: Any) -> Iterable[Message]:
        """Process one input; `load` and `save` the state of its camera."""

    def open(self, runtime_context: Any) -> None:
        require_code(self._fingerprint)
        limit_embedded_logs()
        # Never returning expired states would disable PyFlink's state cache in a process worker:
        # every frame would ask the task manager for its state, over gRPC.
        life = StateTtlConfig.new_builder(STATE_LIFE).return_expired_if_not_cleaned_up().build()
        # The name is part of savepoints. Pickled bytes: plain byte arrays would come back as tuples
        # of numbers in thread mode.
        descriptor = ValueStateDescriptor("camera", Types.PICKLED_BYTE_ARRAY())
        descriptor.enable_time_to_live(life)
        self._state = runtime_context.get_state(descriptor)
        write_together(self._state)
        self.metrics = OperatorMetrics(runtime_context.get_metrics_group())
        self.camera_settings = self._open_camera_settings(self)
        self.camera_settings.wait(SETTINGS_S)
        self._behind_until = _now() + START_UP_MS

    def process_element(self, value: bytes, ctx: Any) -> list[Row]:
        """Process one record or message."""
        return self._rows(self.take(value, ctx))

    def on_timer(self, timestamp: int, ctx: Any) -> list[Row]:
        """Let time pass for a camera without new records."""
        camera_id = ctx.get_current_key()
        state, due = self.load()
        if due is not None and timestamp != due:
            # An earlier one took its place. If it went on too, each would set another one for ever.
            return []
        camera, now = self.camera_settings.of(camera_id), _now()
        if self.limits.mode == "replay":
            state, outputs = self.step.finish(state, camera, self.limits)
            self._state.update(self.states.encode(state, END_OF_TIME))
        else:
            if now - timestamp > CATCH_UP_MS:
                self._behind_until = max(self._behind_until, now + CATCH_UP_MS)
            if now < self._behind_until:
                ctx.timer_service().register_processing_time_timer(self._behind_until)
                self._state.update(self.states.encode(state, self._behind_until))
                return []
            state, outputs = self.step.pass_time(state, camera, now - IN_FLIGHT_MS, self.limits)
            self.save(state, None, camera, ctx)
        return self._rows(self.messages(camera_id, now, outputs)) if outputs else []

    def load(self) -> tuple[State, Millis | None]:
        """Return the state of the current camera, and when its timer is due."""
        self._stored = self._state.value()
        return self.states.decode(self._stored)

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
        if encoded != self._stored:
            self._state.update(encoded)

    def note_arrival(self, received_at: Millis) -> None:
        """Let no time pass without records while old ones arrive, or others still may."""
        now = _now()
        if now - received_at > CATCH_UP_MS:
            self._behind_until = max(self._behind_until, now + CATCH_UP_MS)
        else:
            self._behind_until = min(self._behind_until, now + CATCH_UP_MS)

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
                self.metrics.observe("capture_to_result_ms", max(0, _now() - message.captured_at))
            rows += [
                Row(record.topic, record.key, record.value, record.headers)
                for record in message.records
            ]
        return rows


def _now() -> Millis:
    return time.time_ns() // 1_000_000
