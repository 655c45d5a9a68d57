"""cameras.yaml: read whole, checked whole, every mistake named with its line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from pycturestream.camera import Camera, Level, Line, Rule, Setting, Zone
from pycturestream.frame import is_camera_id
from pycturestream.geometry import Point

Place = tuple[str | int, ...]
"""Where a value stands: keys and positions from the top of the file."""

_SHOWN = 60
"""How many characters of a wrong value a message repeats."""


class CameraFileError(Exception):
    """Mistakes in a camera file, one a line: file:line, key, value and what is allowed."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class CameraEntry:
    """One camera of a file, and how its source is to be played."""

    camera: Camera
    loop: bool
    """Whether a recorded source begins again at its end."""


def read_camera_file(path: Path) -> tuple[CameraEntry, ...]:
    """Return the cameras of the file, with its `defaults`. Raises CameraFileError."""
    try:
        document = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CameraFileError([f"{path}: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise CameraFileError([f"{path}: not UTF-8 text"]) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise CameraFileError([f"{path}:{line}: not YAML: {error.problem}"]) from error
    except YAMLError as error:
        raise CameraFileError([f"{path}: not YAML: {error}"]) from error
    return _Reader(path, document).read()


# --- what is allowed --------------------------------------------------------------------------


def _check_camera_id(text: str) -> str:
    if not is_camera_id(text):
        raise PydanticCustomError(
            "camera_id", "must be 1 to 64 of A-Z a-z 0-9 . _ -, first a letter or digit"
        )
    return text


def _check_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise PydanticCustomError("timezone", "must be a name such as Europe/Berlin") from error
    return name


def _check_polygon(corners: tuple[Point, ...]) -> tuple[Point, ...]:
    if len(corners) < 3:
        raise PydanticCustomError("polygon", "must have at least 3 corners")
    return corners


Fraction = Annotated[float, Field(ge=0, le=1)]
Corner = tuple[Fraction, Fraction]
Polygon = Annotated[tuple[Corner, ...], AfterValidator(_check_polygon)]
Name = Annotated[str, Field(min_length=1, max_length=64)]


_USUAL = Rule(name="", labels=())
"""Holds the defaults of a rule."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleEntry(_Entry):
    """A rule as the file writes it; its defaults are those of `Rule`."""

    name: Name
    labels: Annotated[tuple[Name, ...], Field(min_length=1)]
    zones: tuple[Name, ...] = ()
    frames: Annotated[int, Field(ge=1)] = _USUAL.frames
    min_score: Fraction = _USUAL.min_score
    level: Level = _USUAL.level
    clear_after_s: Annotated[float, Field(gt=0)] = _USUAL.clear_after_ms / 1000


class NarrationEntry(_Entry):
    """Whether a camera is told in sentences, and in which language."""

    enabled: bool = True
    language: Literal["en"] = "en"


class CameraSettings(_Entry):
    """A camera as the file writes it."""

    camera_id: Annotated[str, AfterValidator(_check_camera_id)]
    site: str = ""
    setting: Setting = "outdoor"
    timezone: Annotated[str, AfterValidator(_check_timezone)] = "UTC"
    source: str = ""
    fps: Annotated[float, Field(gt=0, le=60)] | None = None
    loop: bool = False
    zones: dict[Name, Polygon] = {}
    lines: dict[Name, tuple[Corner, Corner]] = {}
    rules: tuple[RuleEntry, ...] = ()
    narration: NarrationEntry = NarrationEntry()

    def build(self) -> CameraEntry:
        camera = Camera(
            camera_id=self.camera_id,
            site=self.site,
            setting=self.setting,
            timezone=self.timezone,
            source=self.source,
            fps=self.fps,
            zones=tuple(Zone(name, polygon) for name, polygon in self.zones.items()),
            lines=tuple(Line(name, start, end) for name, (start, end) in self.lines.items()),
            rules=tuple(_rule(entry) for entry in self.rules),
            narration=self.narration.enabled,
            language=self.narration.language,
        )
        return CameraEntry(camera, self.loop)


def _rule(entry: RuleEntry) -> Rule:
    return Rule(
        name=entry.name,
        labels=entry.labels,
        zones=entry.zones,
        frames=entry.frames,
        min_score=entry.min_score,
        level=entry.level,
        clear_after_ms=round(1000 * entry.clear_after_s),
    )


_KEYS = {
    "file": ("cameras", "defaults"),
    "camera": tuple(CameraSettings.model_fields),
    "rules": tuple(RuleEntry.model_fields),
    "narration": tuple(NarrationEntry.model_fields),
}


# --- where it is broken -----------------------------------------------------------------------


class _Reader:
    """Reads one document and remembers every mistake with its line."""

    def __init__(self, path: Path, document: object) -> None:
        self._path = path
        self._document = document
        self._mistakes: set[tuple[int, str]] = set()  # one in `defaults` is told once

    def read(self) -> tuple[CameraEntry, ...]:
        document = _plain(self._document)
        if not isinstance(document, dict):
            document = {}
        for key in document.keys() - set(_KEYS["file"]):
            self._note((key,), f"not a known key; allowed: {', '.join(_KEYS['file'])}")
        defaults = document.get("defaults") or {}
        if not isinstance(defaults, dict):
            self._note(("defaults",), "must be a mapping of keys that every camera may have")
            defaults = {}
        cameras = document.get("cameras")
        if not isinstance(cameras, list) or not cameras:
            self._note(("cameras",), "must be a list of cameras")
            cameras = []
        entries = [self._camera(index, own, defaults) for index, own in enumerate(cameras)]
        self._find_twins(("cameras",), "camera_id", cameras)
        if self._mistakes:
            raise CameraFileError(
                [f"{self._path}:{line}: {mistake}" for line, mistake in sorted(self._mistakes)]
            )
        return tuple(entry for entry in entries if entry is not None)

    def _camera(self, index: int, own: object, defaults: Mapping[str, Any]) -> CameraEntry | None:
        place: Place = ("cameras", index)
        if not isinstance(own, dict):
            self._note(place, "must be a mapping that begins with camera_id")
            return None

        def locate(inner: Place) -> Place:
            inherited = bool(inner) and inner[0] not in own and inner[0] in defaults
            return ("defaults", *inner) if inherited else (*place, *inner)

        merged = {**defaults, **own}
        for inner, message in _find_unknown_zones(merged):
            self._note(locate(inner), message)
        self._find_twins(locate(("rules",)), "name", merged.get("rules"))
        try:
            return CameraSettings.model_validate(merged).build()
        except ValidationError as error:
            for problem in error.errors():
                self._note(locate(problem["loc"]), _explain(problem))
            return None

    def _find_twins(self, place: Place, key: str, items: object) -> None:
        seen: set[str] = set()
        for index, item in _mappings(items):
            name = item.get(key)
            if isinstance(name, str) and name in seen:
                self._note((*place, index, key), f"{_show(name)}: stands there already")
            elif isinstance(name, str):
                seen.add(name)

    def _note(self, place: Place, message: str) -> None:
        self._mistakes.add((_line(self._document, place), f"{_dotted(place)}: {message}"))


def _find_unknown_zones(camera: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield where a rule names a zone that the camera does not have."""
    zones = camera.get("zones") or {}
    if not isinstance(zones, dict):
        return
    for index, rule in _mappings(camera.get("rules")):
        names = rule.get("zones")
        for position, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str) and name not in zones:
                known = ", ".join(map(str, zones)) or "none, the camera has no zones"
                yield (
                    ("rules", index, "zones", position),
                    f"{_show(name)}: no such zone; allowed: {known}",
                )


def _explain(problem: ErrorDetails) -> str:
    place = problem["loc"]
    match problem["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            parent = next((key for key in place[:-1] if key in _KEYS), "camera")
            return f"not a known key; allowed: {', '.join(_KEYS[str(parent)])}"
        case "too_short":
            return f"{_show(problem['input'])}: must not be empty"
        case _:
            message = problem["msg"].replace("should", "must").replace("Input must", "must")
            return f"{_show(problem['input'])}: {message}"


def _mappings(items: object) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield what is a mapping in something that should be a list of mappings."""
    if isinstance(items, list):
        yield from ((index, item) for index, item in enumerate(items) if isinstance(item, dict))


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _dotted(place: Place) -> str:
    """Return e.g. `cameras[0].zones.lawn`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
    return text.removeprefix(".")


def _line(document: object, place: Place) -> int:
    """Return the line, from 1, of a value, or of the nearest thing around it."""
    line = 1
    node = document
    for key in place:
        if not isinstance(node, CommentedMap | CommentedSeq) or key not in (node.lc.data or {}):
            break
        line = node.lc.data[key][0] + 1
        node = node[key]
    return line


def _plain(node: object) -> Any:
    """Return ruamel's values, which remember their looks, as ordinary ones."""
    match node:
        case dict():
            return {_plain(key): _plain(value) for key, value in node.items()}
        case list():
            return [_plain(item) for item in node]
        case float():
            return float(node)
        case str():
            return str(node)
    return node
