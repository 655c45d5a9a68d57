"""The operator `judge`: frames are judged by rules, and their records get their threats."""

from typing import Any

from msgspec.structs import replace

from pycturestream.contracts.detections import with_judgement
from pycturestream.contracts.messages import LogRecord, Message, judged_events
from pycturestream.contracts.states import judge_states
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.pipeline import judge
from pycturestream.domain.pipeline.events import Judgement
from pycturestream.domain.pipeline.judge import JudgeState
from udfs.passing_step import PassingStep


class JudgeFrames(PassingStep[JudgeState]):
    """Judge the frames of one camera after the other."""

    name = "judge"
    step = judge
    states = judge_states
    events = judged_events

    def apply(
        self, state: JudgeState, event: Any, _message: Message, camera: Camera
    ) -> tuple[JudgeState, list[Any]]:
        return judge.step(state, event, camera, self.limits)

    def completed(self, message: Message, event: Any) -> Message:
        """Return the message, its frame's record with what the rules say of it."""
        if not isinstance(event, Judgement) or not (
            event.threats or event.raised or event.view_fault
        ):
            return message
        frame = message.frame
        if frame and frame.value:
            value = with_judgement(frame.value, event.threats, event.view_fault)
            frame = LogRecord(frame.topic, frame.key, value, frame.headers)
        return replace(message, frame=frame, raised=list(event.raised))
