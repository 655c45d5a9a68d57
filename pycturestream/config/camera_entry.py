"""The keys of cameras.yaml, with the type and the bounds of their values."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pycturestream.config import source_address
from pycturestream.config.field_types import Begin, CameraId, End, Name, TimeZone, bounds_of
from pycturestream.domain.cameras.camera import (
    DEFAULT_FOR_MS,
    FPS_LIMIT,
    About,
    After,
    Archiving,
    Attention,
    Before,
    Camera,
    ClearAfter,
    Crossing,
    Days,
    Every,
    Fps,
    Gate,
    Heartbeat,
    Hold,
    Level,
    Line,
    Megabytes,
    ModelRole,
    Motion,
    PictureSize,
    Places,
    Resolution,
    Rule,
    Setting,
    Verbosity,
    Wait,
    Way,
    Zone,
)
from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.cameras.ignored_labels import DEFAULT_IGNORED_LABELS
from pycturestream.domain.cameras.schedule import Period
from pycturestream.domain.geometry import Point, fault_of, fault_of_line
from pycturestream.languages.catalog import Language

Item = TypeVar("Item")
DEFAULT_RULE = Rule(name="")
DEFAULT_PERIOD = Period()
DEFAULT_CAMERA = Camera("")
DEFAULT_MOTION = Motion()
DEFAULT_ARCHIVING = Archiving()
"""Their fields hold the defaults of the file's keys."""


def _check_some(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Reject an empty list; run after the items, so that a wrong item is not reported as none."""
    if not items:
        raise PydanticCustomError("too_short", "must not be empty")
    return items


def _read_day(value: object) -> object:
    if value not in DAYS:
        raise PydanticCustomError("day", "must be one of {days}", {"days": ", ".join(DAYS)})
    return DAYS.index(value) + 1


def _read_periods(value: object) -> object:
    """Accept a single period without a list around it."""
    return [value] if isinstance(value, dict) else value


def _read_source(value: object) -> object:
    """Accept the number of a device without quotes."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _check_source(text: str) -> str:
    if fault := source_address.fault_of(text):
        raise PydanticCustomError("source", "{fault}", {"fault": fault})
    return text


def _check_own_id(camera_id: str) -> str:
    if is_eye_camera(camera_id):
        raise PydanticCustomError(
            "eye_camera", "must be another one: this id belongs to a token of the seeing aid"
        )
    return camera_id


def _check_sender_key(text: str) -> str:
    if not re.fullmatch(r"([0-9a-f]{64})?", text):
        raise PydanticCustomError(
            "sender_key", "must be 64 hexadecimal digits: `pycturestream cameras key` prints them"
        )
    return text


def _check_models(models: tuple[ModelRole, ...]) -> tuple[ModelRole, ...]:
    """Return each once, in a fixed order; objects are always looked for."""
    if "objects" not in models:
        raise PydanticCustomError("models", "must name objects: faces are looked for beside them")
    return tuple(role for role in get_args(ModelRole) if role in models)


def _check_polygon(corners: tuple[Point, ...]) -> tuple[Point, ...]:
    if fault := fault_of(corners):
        raise PydanticCustomError("polygon", "{fault}", {"fault": fault})
    return corners


def _check_line(ends: tuple[Point, ...]) -> tuple[Point, ...]:
    if fault := fault_of_line(ends):
        raise PydanticCustomError("line", "{fault}", {"fault": fault})
    return ends


def _read_gate(value: object) -> object:
    """Accept on and off as the truth values that YAML 1.1 makes of them."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _read_resolution(value: object) -> object:
    sides = re.fullmatch(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})", str(value))
    if not sides:
        raise PydanticCustomError("resolution", "must be width and height, such as 1280x720")
    return Resolution(*map(int, sides.groups()))


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Fraction = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, bounds_of(Fps)]
"""Pictures per second."""
IdleRate = Annotated[float, Field(ge=0.1, le=FPS_LIMIT)]
"""At less than a picture every ten seconds a camera would be reported offline in between."""
Corner = tuple[Fraction, Fraction]
Polygon = Annotated[tuple[Corner, ...], AfterValidator(_check_polygon)]
Ends = Annotated[tuple[Corner, ...], AfterValidator(_check_line)]
Some = AfterValidator(_check_some)
Labels = Annotated[tuple[Name, ...], Some]
Seconds = Annotated[float, bounds_of(Wait, per=1000)]
Span = Annotated[float, bounds_of(ClearAfter, per=1000)]
"""Seconds, of which 0 would mean nothing."""
Day = Annotated[int, BeforeValidator(_read_day)]
Source = Annotated[str, BeforeValidator(_read_source), AfterValidator(_check_source)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PeriodEntry(_Entry):
    """A period of the day, on some days of the week; by default the whole of each day."""

    days: Annotated[tuple[Day, ...], Some] = DEFAULT_PERIOD.days
    from_minute: Annotated[Begin, Field(alias="from")] = DEFAULT_PERIOD.from_minute
    to_minute: Annotated[End, Field(alias="to")] = DEFAULT_PERIOD.to_minute
    timezone: TimeZone | None = None

    def build(self) -> Period:
        days = tuple(sorted(set(self.days)))
        return Period(days, self.from_minute, self.to_minute, self.timezone or "")


class RuleEntry(_Entry):
    """A rule; its defaults are those of `Rule`."""

    name: Name
    about: About = DEFAULT_RULE.about
    labels: Labels | None = None
    zones: tuple[Name, ...] = ()
    min_score: Fraction = DEFAULT_RULE.min_score
    frames: Annotated[int, Field(ge=1)] = DEFAULT_RULE.frames
    count: Annotated[int, Field(ge=1)] = DEFAULT_RULE.count
    dwell_s: Span | None = None
    loitering_s: Span | None = None
    crosses: dict[Name, Way] = {}
    schedule: Annotated[tuple[PeriodEntry, ...], BeforeValidator(_read_periods)] = ()
    for_s: Span | None = None
    level: Level = DEFAULT_RULE.level
    clear_after_s: Span = DEFAULT_RULE.clear_after_ms / 1000

    def build(self) -> Rule:
        return Rule(
            name=self.name,
            labels=self.labels or (),
            zones=self.zones,
            frames=self.frames,
            min_score=self.min_score,
            level=self.level,
            clear_after_ms=round(1000 * self.clear_after_s),
            count=self.count,
            dwell_ms=round(1000 * (self.dwell_s or 0)),
            loitering_ms=round(1000 * (self.loitering_s or 0)),
            crosses=tuple(Crossing(line, way) for line, way in self.crosses.items()),
            schedule=tuple(period.build() for period in self.schedule),
            about=self.about,
            for_ms=DEFAULT_FOR_MS.get(self.about, 0)
            if self.for_s is None
            else round(1000 * self.for_s),
        )


class SharedRuleEntry(RuleEntry):
    """A rule for all cameras that it matches; a key that is left out matches all."""

    cameras: Annotated[tuple[CameraId, ...], Some] | None = None
    sites: Annotated[tuple[str, ...], Some] | None = None
    settings: Annotated[tuple[Setting, ...], Some] | None = None

    def matches(self, camera: Camera) -> bool:
        return (
            (self.cameras is None or camera.camera_id in self.cameras)
            and (self.sites is None or camera.site in self.sites)
            and (self.settings is None or camera.setting in self.settings)
        )


class IgnoredLabelsEntry(_Entry):
    """Labels that break no rule but those that name them, for each setting of a camera."""

    indoor: tuple[Name, ...] = DEFAULT_IGNORED_LABELS["indoor"]
    outdoor: tuple[Name, ...] = DEFAULT_IGNORED_LABELS["outdoor"]

    def of(self, setting: Setting) -> tuple[str, ...]:
        return self.indoor if setting == "indoor" else self.outdoor


class NarrationEntry(_Entry):
    """Whether a camera is narrated, in which language, and what is said."""

    enabled: bool = True
    language: Language = DEFAULT_CAMERA.language
    verbosity: Verbosity = DEFAULT_CAMERA.verbosity
    places: Places = DEFAULT_CAMERA.places
    labels: Labels | None = None


class MotionEntry(_Entry):
    """When pictures are published; its defaults are those of `Motion`."""

    gate: Annotated[Gate, BeforeValidator(_read_gate)] = DEFAULT_MOTION.gate
    min_area: Annotated[float, Field(gt=0, le=1)] = DEFAULT_MOTION.min_area
    region: dict[Name, Polygon] = {}
    heartbeat_s: Annotated[float, bounds_of(Heartbeat)] = DEFAULT_MOTION.heartbeat_s
    hold_s: Annotated[float, bounds_of(Hold)] = DEFAULT_MOTION.hold_s

    def build(self) -> Motion:
        return Motion(
            gate=self.gate,
            min_area=self.min_area,
            region=_zones(self.region),
            heartbeat_s=self.heartbeat_s,
            hold_s=self.hold_s,
        )


class AttentionEntry(_Entry):
    """The rates of a camera that follows the job's rate requests."""

    idle_fps: IdleRate
    alert_fps: Rate

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.idle_fps > self.alert_fps:
            raise PydanticCustomError("attention", "idle_fps must not be above alert_fps")
        return self

    def build(self) -> Attention:
        return Attention(self.idle_fps, self.alert_fps)


class ArchiveEntry(_Entry):
    """Which pictures are archived; its defaults are those of `Archiving`."""

    keep: tuple[Literal["alerts", "motion"], ...] = ("alerts",)
    every: Annotated[int, bounds_of(Every)] | None = None
    before_s: Annotated[float, bounds_of(Before, per=1000)] = DEFAULT_ARCHIVING.before_ms / 1000
    after_s: Annotated[float, bounds_of(After, per=1000)] = DEFAULT_ARCHIVING.after_ms / 1000
    days: Annotated[int, bounds_of(Days)] = DEFAULT_ARCHIVING.days
    megabytes: Annotated[int, bounds_of(Megabytes)] = DEFAULT_ARCHIVING.megabytes
    original: bool = DEFAULT_ARCHIVING.original

    @model_validator(mode="after")
    def _check_that_something_is_kept(self) -> Self:
        if not (self.keep or self.every):
            raise PydanticCustomError(
                "archive", "must keep something: alerts, motion, or every so many pictures"
            )
        return self

    def build(self) -> Archiving:
        return Archiving(
            alerts="alerts" in self.keep,
            motion="motion" in self.keep,
            every=self.every,
            before_ms=round(1000 * self.before_s),
            after_ms=round(1000 * self.after_s),
            days=self.days,
            megabytes=self.megabytes,
            original=self.original,
        )


class CameraSettings(_Entry):
    """A camera as the file writes it."""

    camera_id: Annotated[CameraId, AfterValidator(_check_own_id)]
    site: str = ""
    setting: Setting = "outdoor"
    timezone: TimeZone = "UTC"
    source: Source = ""
    fps: Rate | None = None
    models: Annotated[tuple[ModelRole, ...], AfterValidator(_check_models)] = DEFAULT_CAMERA.models
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
    warm_up_s: Seconds = DEFAULT_CAMERA.warm_up_ms / 1000
    narration: NarrationEntry = NarrationEntry()
    evidence: bool = False
    originals: bool = False
    annotated: bool = False
    archive: ArchiveEntry | None = None
    sender_key: Annotated[str, AfterValidator(_check_sender_key)] = ""

    def build(self) -> Camera:
        return Camera(
            camera_id=self.camera_id,
            site=self.site,
            setting=self.setting,
            timezone=self.timezone,
            source=self.source,
            fps=self.fps,
            models=self.models,
            zones=_zones(self.zones),
            lines=tuple(Line(name, start, end) for name, (start, end) in self.lines.items()),
            rules=tuple(rule.build() for rule in self.rules),
            warm_up_ms=round(1000 * self.warm_up_s),
            narration=self.narration.enabled,
            language=self.narration.language,
            verbosity=self.narration.verbosity,
            places=self.narration.places,
            narrated_labels=self.narration.labels or (),
            masks=_zones(self.masks),
            motion=self.motion.build(),
            resolution=self.resolution,
            size=self.size,
            neighbours=self.neighbours,
            attention=self.attention.build() if self.attention else None,
            evidence=self.evidence,
            originals=self.originals,
            annotated=self.annotated,
            archive=self.archive.build() if self.archive else None,
            sender_key=self.sender_key,
        )


def _zones(polygons: Mapping[str, tuple[Point, ...]]) -> tuple[Zone, ...]:
    return tuple(Zone(name, polygon) for name, polygon in polygons.items())


KEYS: Mapping[str, tuple[str, ...]] = {
    "file": ("cameras", "defaults", "rules", "tolerate"),
    "camera": tuple(CameraSettings.model_fields),
    "rules": tuple(RuleEntry.model_fields),
    "schedule": ("days", "from", "to", "timezone"),
    "tolerate": tuple(IgnoredLabelsEntry.model_fields),
    "narration": tuple(NarrationEntry.model_fields),
    "motion": tuple(MotionEntry.model_fields),
    "attention": tuple(AttentionEntry.model_fields),
    "archive": tuple(ArchiveEntry.model_fields),
}
"""The keys that are allowed below each key of the file."""
SHARED_KEYS = {**KEYS, "rules": tuple(SharedRuleEntry.model_fields)}
"""The same for rules at the top of the file."""
_ALWAYS = ("name", "about", "level", "clear_after_s", "cameras", "sites", "settings")
_COUNTED = ("labels", "zones", "min_score", "frames", "schedule")
KEYS_ABOUT: Mapping[str, tuple[str, ...]] = {
    "things": (*_ALWAYS, *_COUNTED, "count", "dwell_s", "loitering_s", "crosses"),
    "offline": (*_ALWAYS, "for_s"),
    "clock-wrong": (*_ALWAYS, "for_s", "schedule"),
    "covered": (*_ALWAYS, "for_s", "schedule"),
    "blurred": (*_ALWAYS, "for_s", "schedule"),
    "moved": (*_ALWAYS, "for_s", "schedule"),
    "unusually-quiet": (*_ALWAYS, *_COUNTED),
    "unusually-busy": (*_ALWAYS, *_COUNTED),
}
"""The keys that have an effect in a rule about each of these."""
