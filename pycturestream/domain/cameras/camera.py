"""What an operator has said about a camera: its place, its zones, its rules."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct, field

from pycturestream.domain.cameras.schedule import Period
from pycturestream.domain.geometry import Edge, Point, contains

Setting = Literal["indoor", "outdoor"]
Level = Literal[1, 2, 3]
Gate = Literal["off", "on", "trigger"]
PictureSize = Literal["budget", "full"]
Way = Literal["in", "out", "any"]
About = Literal[
    "things",
    "offline",
    "clock-wrong",
    "covered",
    "blurred",
    "moved",
    "unusually-quiet",
    "unusually-busy",
]

FPS_LIMIT = 60
"""Pictures a second: more than any camera's."""
TAMPERING: tuple[About, ...] = ("covered", "blurred", "moved")
"""What a rule can be about that only pictures tell."""
DEFAULT_FOR_MS: Mapping[About, int] = {"covered": 10_000, "blurred": 60_000, "moved": 60_000}
"""How long a camera must have fared so where a rule does not say it: who stands right before a
lens, a lorry that passes and an autofocus that searches take less."""
DAY_S = 86_400
"""Seconds: whatever is to last longer than that for a camera was not meant."""

Fps = Annotated[float, Meta(gt=0, le=FPS_LIMIT)]
Wait = Annotated[int, Meta(ge=0, le=1000 * DAY_S)]
"""Milliseconds."""
ClearAfter = Annotated[int, Meta(ge=1, le=1000 * DAY_S)]
"""Milliseconds."""
Heartbeat = Annotated[float, Meta(gt=0, le=DAY_S)]
"""Seconds."""
Hold = Annotated[float, Meta(ge=0, le=DAY_S)]
"""Seconds."""
EDGE = 1e-6
"""Far less than a pixel."""


class Zone(Struct, frozen=True):
    """A named part of the picture, as a polygon in normalised coordinates."""

    name: str
    polygon: tuple[Point, ...]

    def contains(self, point: Point) -> bool:
        """Whether a point lies in it.

        Who is cut off by the picture's edge stands in the zone that reaches to that edge.
        """
        x, y = point
        return contains(self.polygon, (min(x, 1 - EDGE), min(y, 1 - EDGE)))


class Line(Struct, frozen=True):
    """A named line in the picture, from one point to the other.

    Who crosses it from its left to its right, as seen by somebody who looks from its start to
    its end, crosses it `in`.
    """

    name: str
    start: Point
    end: Point

    @property
    def edge(self) -> Edge:
        return self.start, self.end


class Crossing(Struct, frozen=True):
    """A line, and which way over it."""

    line: str
    way: Way


class Rule(Struct, frozen=True):
    """A threat rule: what must not be, and how bad it is. All that it says must hold at once."""

    name: str
    labels: tuple[str, ...] = ()
    """Only things of these labels count; none named: all that the camera does not tolerate."""
    zones: tuple[str, ...] = ()
    """Only things that stand in one of these zones count; none named: anywhere."""
    frames: int = 3
    """In how many frames the same thing must be seen: one false detection is no alert."""
    min_score: float = 0.0
    level: Level = 2
    """1 notice, 2 warning, 3 danger."""
    clear_after_ms: ClearAfter = 10_000
    """For how long nobody must have broken the rule before its alert is over."""
    count: int = 1
    """So many things must break it in one frame."""
    dwell_ms: Wait = 0
    """For so long a thing must have been in one of the zones, or in view where none is named."""
    loitering_ms: Wait = 0
    """For so long it must have been about one place."""
    crosses: tuple[Crossing, ...] = ()
    """Only what crosses one of these lines counts, at that moment."""
    schedule: tuple[Period, ...] = ()
    """When it holds; none named: always."""
    about: About = "things"
    """What is in the picture, or how the camera itself fares."""
    for_ms: Wait = 0
    """For how long the camera must have fared so."""


class Resolution(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


class Motion(Struct, frozen=True):
    """When a camera's pictures are published."""

    gate: Gate = "off"
    """off: each that is due. on: those in which something moves, those of `hold_s` after, and
    one every `heartbeat_s`. trigger: motion begins a recording that goes on until nothing has
    moved for `hold_s`; nothing in between."""
    min_area: float = 0.002
    """What moves must be this share of the region: 0.002 of 1280x720 is a child far away."""
    region: tuple[Zone, ...] = ()
    """Only what moves in one of these counts; none named: everywhere."""
    heartbeat_s: Heartbeat = 10.0
    """Below `offline_after_ms`, or a quiet camera would be reported offline."""
    hold_s: Hold = 3.0


class Attention(Struct, frozen=True):
    """How a camera's rate follows what the job sees; in between it is the camera's own."""

    idle_fps: Fps
    """While nothing moves."""
    alert_fps: Fps
    """While an alert is open."""


class Camera(Struct, frozen=True):
    """The settings of one camera. A camera that no file names has the defaults."""

    camera_id: str
    site: str = ""
    setting: Setting = "outdoor"
    timezone: str = "UTC"
    source: str = ""
    fps: Fps | None = None
    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    rules: tuple[Rule, ...] = ()
    ignored_labels: tuple[str, ...] = field(default=(), name="tolerates")
    """Labels that break no rule but those that name them."""
    warm_up_ms: Wait = 10_000
    """After its first look, or a long absence, nothing is raised for so long. Then detector and
    tracks have settled, and what was there before is one alert a rule."""
    narration: bool = True
    language: str = "en"
    masks: tuple[Zone, ...] = ()
    """Blacked out before a picture leaves the camera's process."""
    motion: Motion = Motion()
    resolution: Resolution | None = None
    """What its pictures must have; another one is refused. None: any."""
    size: PictureSize = "budget"
    """full: a picture above the byte budget goes by reference instead of being made smaller."""
    neighbours: tuple[str, ...] = ()
    """Cameras that see the same or the next place."""
    attention: Attention | None = None
    """None: the rate never follows the job."""
    evidence: bool = False
    """Whether the picture that raised an alert may go out with its mail."""
    revision: int = 0
    """Grows with every change; an older revision never replaces a newer one."""

    @property
    def judges_its_view(self) -> bool:
        """Whether a rule asks how its pictures are as such."""
        return any(rule.about in TAMPERING for rule in self.rules)

    def zones_of(self, point: Point) -> tuple[str, ...]:
        """Return the names of the zones that a point lies in."""
        return tuple(zone.name for zone in self.zones if zone.contains(point))
