"""The detection job of a possible later release: what `track` keeps of a camera has a field more.

It is the number of events of the camera that this release has processed; each record's `site`
shows it.
"""

from msgspec.structs import asdict, replace

from jobs import detection
from pycturestream.config.settings import settings
from pycturestream.contracts.states import StateCodec
from pycturestream.domain.pipeline.events import JudgedFrame
from pycturestream.domain.pipeline.track import TrackState
from udfs.track_objects import TrackObjects


def longer_state():
    """Make the class in the worker: pickled with its script, it would not be a struct."""

    class LongerState(TrackState, frozen=True, array_like=True):
        events: int = 0

    return LongerState


class ChangedTracking(TrackObjects):
    def open(self, runtime_context):
        self._kind = longer_state()
        self.states = StateCodec(self._kind)
        super().open(runtime_context)

    def load(self):
        state, due = super().load()
        self._events = state.events + 1
        return replace(state, events=self._events), due

    def save(self, state, due, camera, ctx):
        state = self._kind(**{**asdict(state), "events": self._events})
        super().save(state, due, camera, ctx)

    def record(self, result):
        if isinstance(result, JudgedFrame):
            camera = replace(result.camera, site=f"event {self._events}")
            result = replace(result, camera=camera)
        return super().record(result)


detection.TrackObjects = ChangedTracking
detection.submit(settings(), "live", "live")
