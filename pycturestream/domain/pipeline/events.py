"""The values of the pipeline: what it takes in, what its steps hand on, and what it puts out.

Events travel from step to step as arrays: fields are identified by their order, and a step decodes
only the first ones, as far as it needs them (`CountedFrame` and `NarratedFrame` begin like
`TrackedFrame`).
"""

from collections.abc import Sequence

from msgspec import Struct

from pycturestream.domain.alerts.alert import Alert, AlertChange
from pycturestream.domain.attention import RateRequest
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.accounting import AccountingWindow
from pycturestream.domain.frames.admission import Admitted
from pycturestream.domain.frames.picture_measure import PictureFault, PictureMeasure
from pycturestream.domain.narration.sentence import Narration
from pycturestream.domain.threats.view_fault import ViewFault
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import (
    CountedObject,
    HiddenObject,
    NarratedObject,
    SeenObject,
)
from pycturestream.domain.zones.zone_state import ZoneEvent

# --- in -----------------------------------------------------------------------------------------


class ModelVersion(Struct, frozen=True):
    """A model that processed a frame."""

    name: str
    version: str


class FrameDetections(Struct, frozen=True):
    """The detections of one frame."""

    frame: Admitted
    digest: str
    """Of the picture's bytes; a repeated frame is recognised by it."""
    model: ModelVersion
    """The one for objects; the frame's record is named after it."""
    detections: tuple[Detection, ...]
    processed_at: Millis
    measure: PictureMeasure | None = None
    """Of the picture as such; older programs made none."""
    view_fault: ViewFault | None = None
    """Of a frame of the past: what was found to be wrong with its view."""
    further_models: tuple[ModelVersion, ...] = ()
    """The models that ran beside `model`; their detections are among the others."""


# --- from step to step --------------------------------------------------------------------------


class CountedFrame(Struct, frozen=True, array_like=True, tag=1):
    """A frame after tracking, as far as counting needs it."""

    at: Millis
    """When it was captured."""
    clock: Millis
    """The latest time that its camera had reached before: not `at` where the frame is late."""
    late: bool
    """Whether a newer frame was tracked before; only a replay takes such frames."""
    seen: tuple[CountedObject, ...]
    hidden: tuple[CountedObject, ...]
    """The objects that are in view though this frame does not show them."""
    living: tuple[str, ...]
    """The ids of all tracks that live, also of those that are not seen in this frame."""
    zone_events: tuple[ZoneEvent, ...]


class NarratedFrame(CountedFrame, frozen=True, array_like=True, tag=1):
    """A frame after tracking, as far as narration needs it."""

    seen: tuple[NarratedObject, ...]
    hidden: tuple[NarratedObject, ...]
    frame_id: str
    picture_fault: PictureFault
    """What keeps its picture from showing anything."""


class TrackedFrame(NarratedFrame, frozen=True, array_like=True, tag=1):
    """A frame after tracking: the objects in it, with their tracks and zones."""

    seen: tuple[SeenObject, ...]
    hidden: tuple[HiddenObject, ...]
    previous_at: Millis
    """When the newest frame before this one was captured; 0: there was none."""
    unobserved_ms: int
    """For how long pictures came since then and none was processed."""
    clock_off_ms: int
    """How far the camera's clock is ahead; 0 if it is right."""
    measure: PictureMeasure | None
    """Of the picture as such, where a rule of the camera needs it."""
    candidates: tuple[Detection, ...]
    """The weak detections that belong to no track."""
    view_fault: ViewFault | None = None
    """Of a frame of the past, where a rule of the camera needs it."""


class PresenceChange(Struct, frozen=True, array_like=True, tag=2):
    """A camera went offline, or came back with a record that was not processed."""

    clock: Millis
    """The latest time that the camera has reached."""
    online: bool
    at: Millis
    """When it was last seen before it went offline, or when it came back."""


class Judgement(Struct, frozen=True):
    """What the rules say of a frame."""

    frame: NarratedFrame
    threats: tuple[Alert, ...] = ()
    """The open alerts with an object in this frame."""
    raised: tuple[AlertChange, ...] = ()
    """Those of them that this frame raised."""
    view_fault: ViewFault | None = None
    """What is wrong with the camera's view, where a rule asks for it."""


EVENTS = (CountedFrame, PresenceChange, Judgement)
"""What a step hands on to the next one; it stands among the step's outputs where its results
stand in the log."""


def place_of_event(outputs: Sequence[object]) -> int:
    """Return where among a step's outputs the event stands that it hands on."""
    return next(place for place, output in enumerate(outputs) if isinstance(output, EVENTS))


# --- out ----------------------------------------------------------------------------------------


class JudgedFrame(Struct, frozen=True):
    """A frame with all results for it: the record of the topic `detections`."""

    camera: Camera
    found: FrameDetections
    frame: TrackedFrame
    threats: tuple[Alert, ...] = ()
    """The open alerts with an object in this frame."""
    view_fault: ViewFault | None = None

    @property
    def frame_id(self) -> str:
        return self.frame.frame_id

    @property
    def seen(self) -> tuple[SeenObject, ...]:
        return self.frame.seen


class AccountingEvent(Struct, frozen=True):
    """The frame accounts of one camera and window, ready to be emitted."""

    camera_id: str
    window: AccountingWindow


Result = AlertChange | WindowCount | Narration | CameraEvent | AccountingEvent | RateRequest
"""What a step puts out besides the frame."""
Output = JudgedFrame | Result
"""What becomes a record of the log."""
