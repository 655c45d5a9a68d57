"""The operator `narrate`: what is in view, and the alerts that were raised, become sentences."""

from typing import Any

from pycturestream.contracts.messages import Message, narrated_events
from pycturestream.contracts.states import narrate_states
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.narration.on_change import NarrationState
from pycturestream.domain.pipeline import narrate
from pycturestream.domain.pipeline.events import Judgement, PresenceChange
from udfs.passing_step import PassingStep


class NarrateScenes(PassingStep[NarrationState]):
    """Narrate the scenes of one camera after the other."""

    name = "narrate"
    step = narrate
    states = narrate_states
    events = narrated_events

    def apply(
        self, state: NarrationState, event: Any, message: Message, camera: Camera
    ) -> tuple[NarrationState, list[Any]]:
        if not isinstance(event, PresenceChange):
            event = Judgement(event, raised=tuple(message.raised))
        return narrate.step(state, event, camera, self.limits)
