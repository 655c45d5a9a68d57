"""What the editor of a camera may change: its masks, zones, lines and rules.

An edit is checked as cameras.yaml is, by the same code, and takes nothing else of the camera with
it: `docs/decisions/0063-the-editor-changes-four-keys.md`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.config.camera_entry import (
    DAYS,
    DEFAULT_PERIOD,
    DEFAULT_RULE,
    KEYS,
    KEYS_ABOUT,
    IgnoredLabelsEntry,
)
from pycturestream.config.camera_file import CameraFileError, check_camera
from pycturestream.config.yaml_file import YamlPath, show
from pycturestream.domain.cameras.camera import DEFAULT_FOR_MS, Camera, Rule, Zone
from pycturestream.domain.cameras.schedule import EVERY_DAY, Period
from pycturestream.domain.geometry import Point

EDITED_KEYS: Final = ("masks", "zones", "lines", "rules")
"""The keys of a camera in cameras.yaml, in the order in which they are written."""
SHAPE_KEYS: Final = EDITED_KEYS[:3]
RULE_KEYS_ABOUT: Final = {
    about: [key for key in keys if key in KEYS["rules"]] for about, keys in KEYS_ABOUT.items()
}
"""The keys that have an effect in a camera's own rule, by what it is about."""
RULE_DEFAULTS: Final = {
    "min_score": DEFAULT_RULE.min_score,
    "frames": DEFAULT_RULE.frames,
    "count": DEFAULT_RULE.count,
    "level": DEFAULT_RULE.level,
    "clear_after_s": DEFAULT_RULE.clear_after_ms // 1000,
}
"""What a rule has where it leaves out a key."""


class Shape(Struct, frozen=True):
    """A mask, a zone or a line, as it is drawn: nothing of it is checked yet."""

    name: str
    points: tuple[Point, ...]


class CameraEdit(Struct, frozen=True):
    """The four keys as an editor has them; a rule has the keys of cameras.yaml.

    Lists, and no mappings by name: two of the same name are a mistake to show, not to lose.
    """

    masks: tuple[Shape, ...] = ()
    zones: tuple[Shape, ...] = ()
    lines: tuple[Shape, ...] = ()
    rules: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)

    def shapes(self, key: str) -> tuple[Shape, ...]:
        shapes: tuple[Shape, ...] = getattr(self, key)
        return shapes


class EditFault(Struct, frozen=True):
    """A mistake in an edit: which shape or rule, which part of it, and what is allowed."""

    at: YamlPath
    """Such as ("zones", 0, "name"), or ("rules", 1, "labels", 0)."""
    message: str


class FaultyEditError(Exception):
    """An edit has mistakes, all of them in `faults`."""

    def __init__(self, faults: Sequence[EditFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.message for fault in faults))


def edit_of(camera: Camera) -> CameraEdit:
    """Return what can be edited of a camera, as it is now."""
    return CameraEdit(
        masks=_shapes(camera.masks),
        zones=_shapes(camera.zones),
        lines=tuple(Shape(line.name, line.edge) for line in camera.lines),
        rules=tuple(rule_keys(rule) for rule in camera.rules),
    )


def written_keys(camera: Camera) -> dict[str, Any]:
    """Return the four keys as cameras.yaml has them: plain mappings, lists and values."""
    edit = edit_of(camera)
    shapes: dict[str, Any] = {key: _by_name(edit.shapes(key)) for key in SHAPE_KEYS}
    return {**shapes, "rules": [dict(rule) for rule in edit.rules]}


def with_edit(camera: Camera, edit: CameraEdit) -> Camera:
    """Return a camera with these masks, zones, lines and rules, and all else as it is.

    Raises FaultyEditError.
    """
    if duplicates := list(_find_duplicates(edit)):
        raise FaultyEditError(duplicates)
    keys: dict[str, Any] = {
        "camera_id": camera.camera_id,
        "models": list(camera.models),
        **{key: _by_name(edit.shapes(key)) for key in SHAPE_KEYS},
        "rules": list(edit.rules),
    }
    try:
        checked = check_camera(keys)
    except CameraFileError as error:
        raise FaultyEditError(
            [EditFault(_in_edit(at, edit), message) for at, message in error.places]
            or [EditFault((), "; ".join(error.mistakes))]
        ) from error
    # A rule of an older program may say what the file can't: untouched ones stay as they are.
    before = {rule.name: rule for rule in camera.rules}
    rules = tuple(
        before[rule.name]
        if rule.name in before and rule_keys(before[rule.name]) == written
        else rule
        for rule, written in zip(checked.rules, edit.rules, strict=True)
    )
    edited = replace(
        camera, masks=checked.masks, zones=checked.zones, lines=checked.lines, rules=rules
    )
    return replace(edited, ignored_labels=_ignored_labels(camera, edited))


def rule_keys(rule: Rule) -> dict[str, Any]:
    """Return a rule as cameras.yaml has it, without the keys that are as by default."""
    for_s = _seconds(DEFAULT_FOR_MS.get(rule.about, 0))
    keys: dict[str, tuple[Any, Any]] = {
        "about": (rule.about, DEFAULT_RULE.about),
        "labels": (list(rule.labels), []),
        "zones": (list(rule.zones), []),
        "min_score": (rule.min_score, DEFAULT_RULE.min_score),
        "frames": (rule.frames, DEFAULT_RULE.frames),
        "count": (rule.count, DEFAULT_RULE.count),
        "dwell_s": (_seconds(rule.dwell_ms), 0),
        "loitering_s": (_seconds(rule.loitering_ms), 0),
        "crosses": ({each.line: each.way for each in rule.crosses}, {}),
        "schedule": ([_period_keys(period) for period in rule.schedule], []),
        "for_s": (_seconds(rule.for_ms) or for_s, for_s),  # the file can't say 0
        "level": (rule.level, DEFAULT_RULE.level),
        "clear_after_s": (_seconds(rule.clear_after_ms), _seconds(DEFAULT_RULE.clear_after_ms)),
    }
    return {"name": rule.name} | {
        key: value for key, (value, default) in keys.items() if value != default
    }


def _period_keys(period: Period) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    if period.days != EVERY_DAY:
        keys["days"] = [DAYS[day - 1] for day in period.days]
    if period.from_minute != DEFAULT_PERIOD.from_minute:
        keys["from"] = _clock(period.from_minute)
    if period.to_minute != DEFAULT_PERIOD.to_minute:
        keys["to"] = _clock(period.to_minute)
    if period.timezone:
        keys["timezone"] = period.timezone
    return keys


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _seconds(milliseconds: int) -> float:
    """Return whole seconds as an integer, as people write them."""
    whole, rest = divmod(milliseconds, 1000)
    return milliseconds / 1000 if rest else whole


def _shapes(zones: Iterable[Zone]) -> tuple[Shape, ...]:
    return tuple(Shape(zone.name, zone.polygon) for zone in zones)


def _by_name(shapes: Iterable[Shape]) -> dict[str, list[list[float]]]:
    return {shape.name: [list(point) for point in shape.points] for shape in shapes}


def _find_duplicates(edit: CameraEdit) -> Iterator[EditFault]:
    """Yield the shapes whose name repeats that of an earlier one of the same kind."""
    for key in SHAPE_KEYS:
        seen: set[str] = set()
        for index, shape in enumerate(edit.shapes(key)):
            if shape.name in seen:
                message = f"{show(shape.name)}: duplicate name"
                yield EditFault((key, index, "name"), message)
            seen.add(shape.name)


def _in_edit(at: YamlPath, edit: CameraEdit) -> YamlPath:
    """Return the place in an edit of a place in the keys, where shapes are named, not numbered."""
    match at:
        case (str(key), str(name), *inner) if key in SHAPE_KEYS:
            index = [shape.name for shape in edit.shapes(key)].index(name)
            part: YamlPath = ("name",) if inner == ["[key]"] else ("points", *inner)
            return key, index, *part
        case _:
            return at


def _ignored_labels(before: Camera, after: Camera) -> tuple[str, ...]:
    """Return the labels that the rules about any label leave out.

    The settings have them only if there is such a rule; with the first one come the defaults.
    """
    if before.ignored_labels or _has_rule_about_any_label(before):
        return before.ignored_labels
    is_needed = _has_rule_about_any_label(after)
    return IgnoredLabelsEntry().of(after.setting) if is_needed else ()


def _has_rule_about_any_label(camera: Camera) -> bool:
    return any(not rule.labels and "labels" in KEYS_ABOUT[rule.about] for rule in camera.rules)
