"""The operators behind `track`: each takes a message, and passes it on with what it adds."""

from abc import abstractmethod
from typing import Any, ClassVar, TypeVar, cast

from pycturestream.contracts.messages import NO_EVENT, EventDecoder, Message, decode_message
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.pipeline.events import place_of_event
from udfs.keyed_step import KeyedStep

State = TypeVar("State")


class PassingStep(KeyedStep[State]):
    """One step for one camera after the other, on the events of the step before."""

    events: ClassVar[EventDecoder[Any]]

    @abstractmethod
    def apply(
        self, state: State, event: Any, message: Message, camera: Camera
    ) -> tuple[State, list[Any]]:
        """Return the state after an event, and the outputs with the event among them."""

    def take(self, value: bytes, ctx: Any) -> list[Message]:
        """Process the event of a message; one without an event is passed on as it is."""
        message = decode_message(value)
        if message.event == NO_EVENT:
            return [message]
        self.note_arrival(message.received_at)
        camera = self.settings_of(message.camera_id)
        state, due = self.load()
        event = self.events.decode(message.event)
        state, before = self.on_time(state, camera, cast("Any", event).at)
        state, outputs = self.apply(state, event, message, camera)
        outputs = [*before, *outputs]
        self.save(state, due, camera, ctx)
        place = place_of_event(outputs)
        if len(outputs) > 1:
            message = Message(
                message.camera_id,
                message.received_at,
                [*message.before, *self.records(outputs[:place])],
                message.event,
                message.frame,
                message.captured_at,
                message.raised,
                [*message.after, *self.records(outputs[place + 1 :])],
            )
        return [self.completed(message, outputs[place])]

    def completed(self, message: Message, _event: Any) -> Message:
        """Return the message with what the step says of the event itself."""
        return message
