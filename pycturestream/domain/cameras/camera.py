"""The settings of a camera: its site, zones, lines and rules."""

from collections.abc import Mapping
from functools import cached_property
from math import inf
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct, field

from pycturestream.domain.cameras.schedule import Period
from pycturestream.domain.geometry import (
    BoundingBox,
    Edge,
    Point,
    contains,
    edge_bounds,
    is_near_border,
    way_inside,
)
from pycturestream.languages.catalog import DEFAULT_LANGUAGE, Language

Setting = Literal["indoor", "outdoor"]
Level = Literal[1, 2, 3]
Gate = Literal["off", "on", "trigger"]
Verbosity = Literal["short", "normal", "full"]
Places = Literal["sectors", "clock"]
"""How a sentence names places: `on the left`, or `at eleven o'clock`."""
PictureSize = Literal["budget", "full"]
ModelRole = Literal["objects", "faces"]
"""What a model looks for. Which one does so is the system's choice, and not that of a camera."""
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
"""What a rule can be about that only the picture as such shows."""
DEFAULT_FOR_MS: Mapping[About, int] = {"covered": 10_000, "blurred": 60_000, "moved": 60_000}
"""How long the condition must last where a rule does not set it: a person right in front of the
lens, a lorry that passes and an autofocus that searches take less."""
DAY_S = 86_400
"""Seconds: a longer time span in the settings of a camera is a mistake."""

Fps = Annotated[float, Meta(gt=0, le=FPS_LIMIT)]
Wait = Annotated[int, Meta(ge=0, le=1000 * DAY_S)]
"""Milliseconds."""
ClearAfter = Annotated[int, Meta(ge=1, le=1000 * DAY_S)]
"""Milliseconds."""
Heartbeat = Annotated[float, Meta(gt=0, le=DAY_S)]
"""Seconds."""
Hold = Annotated[float, Meta(ge=0, le=DAY_S)]
"""Seconds."""
Before = Annotated[int, Meta(ge=0, le=60_000)]
"""Milliseconds before an alert: pictures in the log are not much older when it is raised."""
After = Annotated[int, Meta(ge=0, le=600_000)]
"""Milliseconds after the end of an alert."""
Days = Annotated[int, Meta(ge=1, le=3_650)]
Megabytes = Annotated[int, Meta(ge=1, le=100_000_000)]
Every = Annotated[int, Meta(ge=1, le=1_000_000)]
SenderKey = Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?\Z")]
"""64 hexadecimal digits, or none."""
EDGE = 1e-6
"""Far less than a pixel."""


class Zone(Struct, frozen=True, dict=True):  # dict: has room for its cached property
    """A named part of the picture, as a polygon in normalised coordinates."""

    name: str
    polygon: tuple[Point, ...]

    @cached_property
    def bounds(self) -> BoundingBox:
        """The upright rectangle that holds all its points, wider by more than rounding errors.

        It goes on beyond the picture's edges that the zone reaches.
        """
        xs, ys = zip(*self.polygon, strict=True)
        x_max, y_max = (inf if most > 1 - 2 * EDGE else most + EDGE for most in (max(xs), max(ys)))
        return BoundingBox(min(xs) - EDGE, min(ys) - EDGE, x_max, y_max)

    @cached_property
    def edge_bounds(self) -> tuple[tuple[float, float, float, float], ...]:
        """The upright rectangle around each edge, as wide as `bounds`: left, top, right, bottom."""
        return edge_bounds(self.polygon, EDGE)

    def contains(self, point: Point) -> bool:
        """Whether a point lies in the zone.

        An object that is cut off by the picture's edge stands in the zone that reaches that edge.
        """
        (x, y), bounds = point, self.bounds
        # Most points are far from most zones, and a polygon takes longer than four comparisons.
        if not (bounds.x_min < x < bounds.x_max and bounds.y_min < y < bounds.y_max):
            return False
        return contains(self.polygon, (min(x, 1 - EDGE), min(y, 1 - EDGE)))

    def may_be_passed(self, around: tuple[float, float, float, float]) -> bool:
        """Whether the upright rectangle around a straight path meets that around an edge.

        It is given as left, top, right, bottom. Where it does not, the path does not pass the
        border, and so it is with most paths.
        """
        left, top, right, bottom = around
        bounds = self.bounds
        if (
            right < bounds.x_min
            or left > bounds.x_max
            or bottom < bounds.y_min
            or top > bounds.y_max
        ):
            return False
        for x_min, y_min, x_max, y_max in self.edge_bounds:
            if x_max >= left and x_min <= right and y_max >= top and y_min <= bottom:
                return True
        return False

    def way_inside(self, path: Edge) -> tuple[float, float] | None:
        """Return where a straight path first enters the zone and last leaves it, as shares of it.

        None if it stays outside. The edges of the picture are part of the zone, as in `contains`.
        """
        (x, y), (to_x, to_y) = path
        most = 1 - EDGE
        inner = (min(x, most), min(y, most)), (min(to_x, most), min(to_y, most))
        return way_inside(self.polygon, inner)

    def has_border_near(self, point: Point, reach: Point) -> bool:
        """Whether a point outside the zone is nearer to it than `reach`, across and down."""
        (x, y), (across, down), bounds = point, reach, self.bounds
        return (
            bounds.x_min - across < x < bounds.x_max + across
            and bounds.y_min - down < y < bounds.y_max + down
            and is_near_border(self.polygon, point, reach)
        )


class Line(Struct, frozen=True):
    """A named line in the picture, from one point to the other.

    A crossing from its left to its right, as seen from its start towards its end, is `in`.
    """

    name: str
    start: Point
    end: Point

    @property
    def edge(self) -> Edge:
        return self.start, self.end


class Crossing(Struct, frozen=True):
    """A line, and the direction in which it is crossed."""

    line: str
    way: Way


class Rule(Struct, frozen=True, cache_hash=True):  # it is a key with every frame
    """A threat rule. All its conditions must hold at once."""

    name: str
    labels: tuple[str, ...] = ()
    """Only objects of these labels count; none named: all but the camera's ignored labels."""
    zones: tuple[str, ...] = ()
    """Only objects that stand in one of these zones count; none named: anywhere."""
    frames: int = 3
    """In how many frames the same object must be seen: one false detection raises no alert."""
    min_score: float = 0.0
    level: Level = 2
    """1 notice, 2 warning, 3 danger."""
    clear_after_ms: ClearAfter = 10_000
    """How long the rule must not have been violated before its alert ends."""
    count: int = 1
    """How many objects must violate it in one frame."""
    dwell_ms: Wait = 0
    """How long an object must have been in one of the zones, or in view where none is named."""
    loitering_ms: Wait = 0
    """How long it must have been around one place."""
    crosses: tuple[Crossing, ...] = ()
    """Only objects that cross one of these lines count, at that moment."""
    schedule: tuple[Period, ...] = ()
    """When it holds; none named: always."""
    about: About = "things"
    """Objects in the picture, or a condition of the camera itself."""
    for_ms: Wait = 0
    """How long the condition of the camera must have lasted."""


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
    """The share of the region that must move: 0.002 of 1280x720 is a child far away."""
    region: tuple[Zone, ...] = ()
    """Only motion in one of these counts; none named: everywhere."""
    heartbeat_s: Heartbeat = 10.0
    """Below `offline_after_ms`, or a quiet camera would be reported offline."""
    hold_s: Hold = 3.0


class Attention(Struct, frozen=True):
    """How a camera's frame rate follows what the job sees; in between it is the camera's own."""

    idle_fps: Fps
    """While nothing moves."""
    alert_fps: Fps
    """While an alert is open."""


class Archiving(Struct, frozen=True):
    """Which pictures of a camera are archived, and for how long."""

    alerts: bool = True
    """Those of alerts, from `before_ms` before one is raised until `after_ms` after its end."""
    motion: bool = False
    """Those in which an object moves."""
    every: Every | None = None
    """One of so many; None: none."""
    before_ms: Before = 5_000
    after_ms: After = 10_000
    days: Days = 30
    megabytes: Megabytes = 1_000
    """Of all its pictures and their descriptions; the oldest make room."""
    original: bool = False
    """Whether pictures are archived as they are, with the faces of people."""


class Camera(Struct, frozen=True, dict=True):  # dict: has room for its cached properties
    """The settings of one camera. A camera that no file names has the defaults."""

    camera_id: str
    site: str = ""
    setting: Setting = "outdoor"
    timezone: str = "UTC"
    source: str = ""
    """In records, only what others may know of it."""
    fps: Fps | None = None
    models: tuple[ModelRole, ...] = ("objects",)
    """What is looked for in its pictures: objects always, faces where they are named."""
    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    rules: tuple[Rule, ...] = ()
    ignored_labels: tuple[str, ...] = field(default=(), name="tolerates")
    """Labels that violate only the rules that name them."""
    warm_up_ms: Wait = 10_000
    """How long no alert is raised after the first frame, or after a long absence. By then detector
    and tracks have settled, and what was there before is one alert per rule."""
    narration: bool = True
    language: Language = DEFAULT_LANGUAGE
    """Of its sentences, and of the reasons of its alerts."""
    verbosity: Verbosity = "normal"
    places: Places = "sectors"
    narrated_labels: tuple[str, ...] = ()
    """Only objects of these labels are narrated; none named: all but faces."""
    masks: tuple[Zone, ...] = ()
    """Blacked out before a picture leaves the camera's process."""
    motion: Motion = Motion()
    resolution: Resolution | None = None
    """The resolution that its pictures must have; others are rejected. None: any."""
    size: PictureSize = "budget"
    """full: a picture above the byte budget goes by reference instead of being made smaller."""
    neighbours: tuple[str, ...] = ()
    """Cameras that see the same place, or an adjacent one."""
    attention: Attention | None = None
    """None: the frame rate never follows the job."""
    evidence: bool = False
    """Whether the picture that raised an alert may be sent with its email, blurred."""
    originals: bool = False
    """Whether its pictures may leave unblurred, where somebody asks for them."""
    annotated: bool = False
    """Whether its pictures are drawn on and published, blurred: the topic `frames.annotated`."""
    archive: Archiving | None = None
    """None: nothing of it is archived."""
    sender_key: SenderKey = ""
    """Frames without a proof by the token of this key are refused; empty: none is asked for."""
    source_digest: str = ""
    """Tells two sources of one host apart; empty where `source` is the whole of it."""
    revision: int = 0
    """Grows with every change; an older revision never replaces a newer one."""

    @property
    def is_known(self) -> bool:
        """Whether these settings were published: not the defaults of a camera that has none."""
        return self.revision > 0

    @property
    def wants_pictures(self) -> bool:
        """Whether the picture service has work with it."""
        return self.annotated or self.archive is not None

    @property
    def looks_for_faces(self) -> bool:
        return "faces" in self.models

    @cached_property
    def judges_its_view(self) -> bool:
        """Whether a rule needs the measures of its pictures."""
        return any(rule.about in TAMPERING for rule in self.rules)

    @cached_property
    def object_rules(self) -> tuple[Rule, ...]:
        """Those about objects in the picture."""
        return tuple(rule for rule in self.rules if rule.about == "things")

    @cached_property
    def condition_rules(self) -> tuple[Rule, ...]:
        """Those about a condition of the camera that its frames show."""
        return tuple(rule for rule in self.rules if rule.about not in ("things", "offline"))

    def zones_of(self, point: Point) -> tuple[str, ...]:
        """Return the names of the zones that a point lies in."""
        return tuple(zone.name for zone in self.zones if zone.contains(point))
