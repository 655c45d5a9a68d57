"""The operator `count`: objects, tracks and zone events are counted by window of time."""

from typing import Any

from pycturestream.contracts.messages import Message, counted_events
from pycturestream.contracts.states import count_states
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.pipeline import count
from pycturestream.domain.pipeline.count import CountState
from udfs.passing_step import PassingStep


class CountObjects(PassingStep[CountState]):
    """Count the objects of one camera after the other."""

    name = "count"
    step = count
    states = count_states
    events = counted_events

    def apply(
        self, state: CountState, event: Any, _message: Message, camera: Camera
    ) -> tuple[CountState, list[Any]]:
        return count.step(state, event, camera, self.limits)
