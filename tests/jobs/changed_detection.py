"""The detection job of a possible later release: a camera's state has one more field.

It is the number of events of the camera that this release has processed; each record's `site`
shows it.
"""

import msgspec
from msgspec.structs import replace
from udfs.understand_scenes import UnderstandScenes

from jobs import detection
from pycturestream.config.settings import settings
from pycturestream.contracts.codec import STATE_VERSION
from pycturestream.domain.pipeline.chain import CameraState
from pycturestream.domain.pipeline.events import JudgedFrame


def longer_state():
    """Make the class in the worker: pickled with its script, it would not be a struct."""

    class LongerState(CameraState, frozen=True):
        events: int = 0

    return LongerState


class ChangedUnderstanding(UnderstandScenes):
    def open(self, runtime_context):
        super().open(runtime_context)
        self._kind = longer_state()
        self._decoder = msgspec.msgpack.Decoder(self._kind)

    def _load(self):
        data = self._state.value()
        state = data and self._decoder.decode(bytes(data).removeprefix(STATE_VERSION))
        state = state or self._kind()
        self._events = state.events + 1
        return replace(state, events=self._events)

    def _address(self, outputs):
        return super()._address(self._with_events(output) for output in outputs)

    def _with_events(self, output):
        if not isinstance(output, JudgedFrame):
            return output
        return replace(output, camera=replace(output.camera, site=f"event {self._events}"))


detection.UnderstandScenes = ChangedUnderstanding
detection.submit(settings(), "live", "live")
