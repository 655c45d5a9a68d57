"""The operator `track`: frames become tracked frames; presence and frame accounts are kept."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast, get_args

from pycturestream.contracts import topics
from pycturestream.contracts.codec import FrameOutcome, decode_outcome
from pycturestream.contracts.messages import LogRecord, Message, encode_event
from pycturestream.contracts.states import track_states
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.cameras.presence import CameraEvent, EventName
from pycturestream.domain.frames.admission import Dropped, DropReason, accounted_under
from pycturestream.domain.frames.dead_letter import DeadLetter, dead_letter_headers, keep
from pycturestream.domain.pipeline import track
from pycturestream.domain.pipeline.events import (
    EVENTS,
    FrameDetections,
    JudgedFrame,
    TrackedFrame,
)
from pycturestream.domain.pipeline.track import TrackState
from pycturestream.domain.times import Millis
from udfs.keyed_step import KeyedStep


class TrackObjects(KeyedStep[TrackState]):
    """Track the objects of one camera after the other."""

    name = "track"
    step = track
    states = track_states

    def open(self, runtime_context: Any) -> None:
        super().open(runtime_context)
        for name in ("frames_processed", "frames_refused"):
            self.metrics.declare(name)
        for reason in get_args(DropReason):
            self.metrics.declare("frames_dropped", reason=reason)
        for event in get_args(EventName):
            self.metrics.declare("camera_events", event=event)

    def take(self, value: bytes, ctx: Any) -> Iterator[Message]:
        """Process the outcome of detection for one record."""
        outcome = self.read(value, ctx)
        if outcome is None:
            return
        camera_id, received_at = _origin(outcome)
        self.note_arrival(received_at)
        camera = self.settings_of(camera_id)
        state, due = self.load()
        item = outcome.rejected if isinstance(outcome, DeadLetter) else outcome
        at = item.frame.captured_at if isinstance(item, FrameDetections) else item.received_at
        state, before = self.on_time(state, camera, at)
        item = track.settled(state, item, self.limits)
        earlier = state
        state, outputs = track.apply(state, item, camera, self.limits)
        outputs = [*before, *outputs]
        self.save(state, due, camera, ctx)
        if isinstance(outcome, DeadLetter):
            self.metrics.count("frames_refused")
            if track.is_kept(earlier, outcome.rejected, self.limits):
                yield Message(camera_id, received_at, before=[_dead_letter(outcome)])
        elif isinstance(item, Dropped):
            self.metrics.count("frames_dropped", reason=item.reason)
        else:
            self.metrics.count("frames_processed")
        yield from self.messages(camera_id, received_at, outputs, outcome, camera)

    def read(self, value: bytes, _ctx: Any) -> FrameOutcome | None:
        """Return the outcome that a record holds, None for a record to leave out."""
        return decode_outcome(value)

    def frame_record(
        self, camera: Camera, found: FrameDetections, frame: TrackedFrame
    ) -> LogRecord | None:
        """Return a frame's record without threats, None where none shall be written."""
        return self.record(JudgedFrame(camera, found, frame))

    def messages(
        self,
        camera_id: str,
        received_at: Millis,
        outputs: Sequence[Any],
        outcome: FrameOutcome | None = None,
        camera: Camera | None = None,
    ) -> Iterable[Message]:
        """Return one message for each event among the outputs, or one for all of them."""
        for output in outputs:
            # The phones of the seeing aid come and go as people use them.
            if isinstance(output, CameraEvent) and not is_eye_camera(output.camera_id):
                self.metrics.count("camera_events", event=output.event)
        places = [n for n, one in enumerate(outputs) if isinstance(one, EVENTS)]
        if not places:
            if outputs:
                yield Message(camera_id, received_at, before=self.records(outputs))
            return
        begin = 0
        for place, end in zip(places, [*places[1:], len(outputs)], strict=True):
            event = outputs[place]
            frame = None
            if isinstance(event, TrackedFrame):
                found, settings = cast("FrameDetections", outcome), cast("Camera", camera)
                frame = self.frame_record(settings, found, event)
            last = end == len(outputs)
            yield Message(
                camera_id,
                received_at,
                before=self.records(outputs[begin:place]),
                event=encode_event(event),
                frame=frame,
                captured_at=event.at if frame else 0,
                after=self.records(outputs[place + 1 : end]) if last else [],
            )
            begin = place + 1


def _origin(outcome: FrameOutcome) -> tuple[str, Millis]:
    """Return a record's camera, which is its key, and when the broker received it."""
    match outcome:
        case FrameDetections(frame=frame):
            return frame.camera_id, frame.received_at
        case DeadLetter(rejected=rejected):
            return accounted_under(rejected), rejected.received_at
        case Dropped(camera_id=camera_id, received_at=received_at):
            return camera_id, received_at


def _dead_letter(letter: DeadLetter) -> LogRecord:
    letter = keep(letter)
    headers = dict(dead_letter_headers(letter.rejected, letter.cut))
    return LogRecord(topics.DEAD_LETTER, letter.key, letter.value, headers)
