"""The values of the pipeline: what it takes in, remembers of a camera, and puts out."""

from msgspec import Struct, field

from pycturestream.domain.alerts.alert import Alert, AlertChange
from pycturestream.domain.attention import AttentionState, RateRequest
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.presence import CameraEvent, Presence
from pycturestream.domain.counting.window_count import Tallies, WindowCount
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.accounting import AccountingWindow, FrameAccounts
from pycturestream.domain.frames.admission import Admitted
from pycturestream.domain.frames.frame import Mode
from pycturestream.domain.frames.picture_measure import PictureMeasure
from pycturestream.domain.narration import Narration, NarrationState
from pycturestream.domain.threats.rule_state import RuleState
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import SeenObject
from pycturestream.domain.tracking.tracks import Track
from pycturestream.domain.zones.zone_state import ZoneStates


class ModelVersion(Struct, frozen=True):
    """The model that processed a frame."""

    name: str
    version: str


class FrameDetections(Struct, frozen=True):
    """The detections of one frame."""

    frame: Admitted
    digest: str
    """Of the picture's bytes; a repeated frame is recognised by it."""
    model: ModelVersion
    detections: tuple[Detection, ...]
    processed_at: Millis
    measure: PictureMeasure | None = None
    """Of the picture as such; older programs made none."""


class JudgedFrame(Struct, frozen=True):
    """A frame with all results for it: the record of the topic `detections`."""

    camera: Camera
    frame_id: str
    found: FrameDetections
    seen: tuple[SeenObject, ...]
    threats: tuple[Alert, ...]
    """The open alerts with an object in this frame."""


class AccountingEvent(Struct, frozen=True):
    """The frame accounts of one camera and window, ready to be emitted."""

    camera_id: str
    window: AccountingWindow


class PipelineLimits(Struct, frozen=True):
    """The limits of the pipeline; see the settings of the same names."""

    mode: Mode
    count_window_ms: int
    offline_after_ms: int
    grace_ms: int
    """How long after its end a window waits for frames that are still on their way."""


class CameraState(Struct, frozen=True):
    """Everything that is remembered of one camera between two events."""

    clock: Millis = 0
    """The latest time that this camera has reached, by its frames or by the wall clock."""
    newest_at: Millis = 0
    """When the newest tracked frame was captured."""
    arrived_at: Millis = 0
    """When the broker received its newest record."""
    unobserved: bool = field(default=False, name="overlooked")
    """Frames were dropped since the last processed one: objects may have been there unseen."""
    recent: tuple[tuple[Millis, str], ...] = ()
    """Capture time and digest of the last frames."""
    presence: Presence = field(default_factory=Presence)
    tracks: tuple[Track, ...] = ()
    zone_states: ZoneStates = field(default_factory=dict, name="whereabouts")
    rule_state: RuleState = field(default_factory=RuleState, name="watch")
    tallies: Tallies = field(default_factory=Tallies)
    narration: NarrationState = field(default_factory=NarrationState)
    attention: AttentionState = field(default_factory=AttentionState)
    accounts: FrameAccounts = field(default=(), name="books")


Output = (
    JudgedFrame
    | AlertChange
    | WindowCount
    | Narration
    | CameraEvent
    | AccountingEvent
    | RateRequest
)
Step = tuple[CameraState, list[Output]]
"""The state after an event, and what is emitted."""
