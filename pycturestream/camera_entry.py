"""What may be said of a camera in cameras.yaml, checked word by word."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pycturestream import source_address
from pycturestream.camera import (
    DAY_S,
    FPS_LIMIT,
    Attention,
    Camera,
    Gate,
    Level,
    Line,
    Motion,
    PictureSize,
    Resolution,
    Rule,
    Setting,
    Zone,
)
from pycturestream.frame import is_camera_id
from pycturestream.geometry import Point, fault_of, fault_of_line
from pycturestream.times import time_zone

USUAL_RULE = Rule(name="", labels=())
USUAL_MOTION = Motion()
"""They hold the defaults."""


def _check_camera_id(text: str) -> str:
    if not is_camera_id(text):
        raise PydanticCustomError(
            "camera_id", "must be 1 to 64 of A-Z a-z 0-9 . _ -, first a letter or digit"
        )
    return text


def _check_timezone(name: str) -> str:
    try:
        time_zone(name)
    except ValueError as error:
        raise PydanticCustomError("timezone", "must be a name such as Europe/Berlin") from error
    return name


def _read_source(value: object) -> object:
    """Take the number of a device also where it is written as one."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _check_source(text: str) -> str:
    if fault := source_address.fault_of(text):
        raise PydanticCustomError("source", "{fault}", {"fault": fault})
    return text


def _check_polygon(corners: tuple[Point, ...]) -> tuple[Point, ...]:
    if fault := fault_of(corners):
        raise PydanticCustomError("polygon", "{fault}", {"fault": fault})
    return corners


def _check_line(ends: tuple[Point, ...]) -> tuple[Point, ...]:
    if fault := fault_of_line(ends):
        raise PydanticCustomError("line", "{fault}", {"fault": fault})
    return ends


def _read_gate(value: object) -> object:
    """Take on and off also where YAML 1.1 has made truth values of them."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _read_resolution(value: object) -> object:
    sides = re.fullmatch(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})", str(value))
    if not sides:
        raise PydanticCustomError("resolution", "must be width and height, such as 1280x720")
    return Resolution(*map(int, sides.groups()))


Fraction = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(gt=0, le=FPS_LIMIT)]
"""Pictures a second."""
IdleRate = Annotated[float, Field(ge=0.1, le=FPS_LIMIT)]
"""Less often than every ten seconds, and a camera would be reported offline in between."""
Corner = tuple[Fraction, Fraction]
Polygon = Annotated[tuple[Corner, ...], AfterValidator(_check_polygon)]
Ends = Annotated[tuple[Corner, ...], AfterValidator(_check_line)]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Source = Annotated[str, BeforeValidator(_read_source), AfterValidator(_check_source)]
CameraId = Annotated[str, AfterValidator(_check_camera_id)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class RuleEntry(_Entry):
    """A rule; its defaults are those of `Rule`."""

    name: Name
    labels: Annotated[tuple[Name, ...], Field(min_length=1)]
    zones: tuple[Name, ...] = ()
    frames: Annotated[int, Field(ge=1)] = USUAL_RULE.frames
    min_score: Fraction = USUAL_RULE.min_score
    level: Level = USUAL_RULE.level
    clear_after_s: Annotated[float, Field(ge=0.001, le=DAY_S)] = USUAL_RULE.clear_after_ms / 1000

    def build(self) -> Rule:
        return Rule(
            name=self.name,
            labels=self.labels,
            zones=self.zones,
            frames=self.frames,
            min_score=self.min_score,
            level=self.level,
            clear_after_ms=round(1000 * self.clear_after_s),
        )


class NarrationEntry(_Entry):
    """Whether a camera is told in sentences, and in which language."""

    enabled: bool = True
    language: Literal["en"] = "en"


class MotionEntry(_Entry):
    """When pictures are published; its defaults are those of `Motion`."""

    gate: Annotated[Gate, BeforeValidator(_read_gate)] = USUAL_MOTION.gate
    min_area: Annotated[float, Field(gt=0, le=1)] = USUAL_MOTION.min_area
    region: dict[Name, Polygon] = {}
    heartbeat_s: Annotated[float, Field(gt=0, le=DAY_S)] = USUAL_MOTION.heartbeat_s
    hold_s: Annotated[float, Field(ge=0, le=DAY_S)] = USUAL_MOTION.hold_s

    def build(self) -> Motion:
        return Motion(
            gate=self.gate,
            min_area=self.min_area,
            region=_zones(self.region),
            heartbeat_s=self.heartbeat_s,
            hold_s=self.hold_s,
        )


class AttentionEntry(_Entry):
    """How the rate follows the job."""

    idle_fps: IdleRate
    alert_fps: Rate

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.idle_fps > self.alert_fps:
            raise PydanticCustomError("attention", "idle_fps must not be above alert_fps")
        return self

    def build(self) -> Attention:
        return Attention(self.idle_fps, self.alert_fps)


class CameraSettings(_Entry):
    """A camera as the file writes it."""

    camera_id: CameraId
    site: str = ""
    setting: Setting = "outdoor"
    timezone: Annotated[str, AfterValidator(_check_timezone)] = "UTC"
    source: Source = ""
    fps: Rate | None = None
    loop: bool = False
    resolution: Annotated[Resolution, BeforeValidator(_read_resolution)] | None = None
    size: PictureSize = "budget"
    masks: dict[Name, Polygon] = {}
    motion: MotionEntry = MotionEntry()
    attention: AttentionEntry | None = None
    neighbours: tuple[CameraId, ...] = ()
    zones: dict[Name, Polygon] = {}
    lines: dict[Name, Ends] = {}
    rules: tuple[RuleEntry, ...] = ()
    narration: NarrationEntry = NarrationEntry()

    def build(self) -> Camera:
        return Camera(
            camera_id=self.camera_id,
            site=self.site,
            setting=self.setting,
            timezone=self.timezone,
            source=self.source,
            fps=self.fps,
            zones=_zones(self.zones),
            lines=tuple(Line(name, start, end) for name, (start, end) in self.lines.items()),
            rules=tuple(rule.build() for rule in self.rules),
            narration=self.narration.enabled,
            language=self.narration.language,
            masks=_zones(self.masks),
            motion=self.motion.build(),
            resolution=self.resolution,
            size=self.size,
            neighbours=self.neighbours,
            attention=self.attention.build() if self.attention else None,
        )


def _zones(polygons: Mapping[str, tuple[Point, ...]]) -> tuple[Zone, ...]:
    return tuple(Zone(name, polygon) for name, polygon in polygons.items())


KEYS: Mapping[str, tuple[str, ...]] = {
    "file": ("cameras", "defaults"),
    "camera": tuple(CameraSettings.model_fields),
    "rules": tuple(RuleEntry.model_fields),
    "narration": tuple(NarrationEntry.model_fields),
    "motion": tuple(MotionEntry.model_fields),
    "attention": tuple(AttentionEntry.model_fields),
}
"""The keys that are known at each place of the file."""
