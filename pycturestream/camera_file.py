"""cameras.yaml: read whole, checked whole, every mistake named with its line."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from pycturestream.camera import Camera
from pycturestream.camera_entry import (
    KEYS,
    KEYS_ABOUT,
    SHARED_KEYS,
    CameraSettings,
    SharedRuleEntry,
    ToleranceEntry,
)
from pycturestream.source_address import holds_password, without_secrets

Entry = TypeVar("Entry", bound=BaseModel)
Place = tuple[str | int, ...]
"""Where a value stands: keys and positions from the top of the file."""

_SHOWN = 60
"""How many characters of a wrong value a message repeats."""


class CameraFileError(Exception):
    """Mistakes in a camera file, one a line: file:line, key, value and what is allowed."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class CameraEntry(Struct, frozen=True):
    """One camera of a file, and how its source is to be played."""

    camera: Camera
    loop: bool
    """Whether a recorded source begins again at its end."""
    source_at: str = ""
    """The file and line of its source, for what turns out later to be wrong with it."""


def read_camera_file(path: Path) -> tuple[CameraEntry, ...]:
    """Return the cameras of the file, with its `defaults`. Raises CameraFileError."""
    return _Reader(path, _load(path)).read()


def plain_passwords(entries: Sequence[CameraEntry]) -> tuple[str, ...]:
    """Return a warning for each source that has a password written plainly in it."""
    return tuple(
        f"{entry.source_at}: a password that others may read: "
        "write ${NAME}, and set NAME in the environment"
        for entry in entries
        if holds_password(entry.camera.source)
    )


def _load(path: Path) -> object:
    try:
        return YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CameraFileError([f"{path}: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise CameraFileError([f"{path}: not UTF-8 text"]) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise CameraFileError([f"{path}:{line}: not YAML: {error.problem}"]) from error
    except (YAMLError, ValueError) as error:  # ValueError: such as a 13th month
        raise CameraFileError([f"{path}: not YAML: {error}"]) from error
    except RecursionError as error:
        raise CameraFileError([f"{path}: not YAML: nested too deeply"]) from error


class _Reader:
    """Reads one document and remembers every mistake with its line."""

    def __init__(self, path: Path, document: object) -> None:
        self._path = path
        self._document = document
        self._mistakes: set[tuple[int, str]] = set()  # one in `defaults` is told once

    def read(self) -> tuple[CameraEntry, ...]:
        try:
            document = _plain(self._document)
        except RecursionError as error:
            raise CameraFileError([f"{self._path}: a value holds itself"]) from error
        if not isinstance(document, dict):
            document = {}
        for key in document.keys() - set(KEYS["file"]):
            self._note((key,), _explain_key(key, KEYS["file"]))
        defaults = document.get("defaults") or {}
        if not isinstance(defaults, dict):
            self._note(("defaults",), "must be a mapping of keys that every camera may have")
            defaults = {}
        cameras = document.get("cameras")
        if not isinstance(cameras, list) or not cameras:
            self._note(("cameras",), "must be a list of cameras")
            cameras = []
        names = [camera.get("camera_id") for _, camera in _mappings(cameras)]
        entries = [self._camera(index, own, defaults, names) for index, own in enumerate(cameras)]
        self._find_twins(("cameras",), "camera_id", cameras)
        known = [entry for entry in entries if entry is not None]
        shared = self._shared_rules(document, known, complete=len(known) == len(entries))
        tolerance = self._validated(ToleranceEntry, ("tolerate",), document.get("tolerate") or {})
        if self._mistakes or tolerance is None:
            raise CameraFileError(
                [f"{self._path}:{line}: {mistake}" for line, mistake in sorted(self._mistakes)]
            )
        return tuple(_with_rules_of_file(entry, shared, tolerance) for entry in known)

    def _camera(
        self, index: int, own: object, defaults: Mapping[str, Any], names: Sequence[object]
    ) -> CameraEntry | None:
        place: Place = ("cameras", index)
        if not isinstance(own, dict):
            self._note(place, "must be a mapping that begins with camera_id")
            return None

        def locate(inner: Place) -> Place:
            inherited = bool(inner) and inner[0] not in own and inner[0] in defaults
            return ("defaults", *inner) if inherited else (*place, *inner)

        merged = {**defaults, **own}
        for inner, message in (*_find_faulty_rules(merged), *_find_strangers(merged, names)):
            self._note(locate(inner), message)
        self._find_twins(locate(("rules",)), "name", merged.get("rules"))
        try:
            settings = CameraSettings.model_validate(merged)
        except ValidationError as error:
            for problem in error.errors():
                self._note(locate(problem["loc"]), _explain(problem))
            return None
        line = _line(self._document, locate(("source",)))
        return CameraEntry(settings.build(), settings.loop, f"{self._path}:{line}")

    def _shared_rules(
        self, document: Mapping[str, Any], entries: Sequence[CameraEntry], *, complete: bool
    ) -> list[SharedRuleEntry]:
        """Return the rules of the file. Whom they choose is known if all cameras could be read."""
        rules = document.get("rules") or []
        if not isinstance(rules, list):
            self._note(("rules",), "must be a list of rules")
            return []
        self._find_twins(("rules",), "name", rules)
        shared = []
        for index, rule in enumerate(rules):
            place: Place = ("rules", index)
            if isinstance(rule, dict):
                for inner, message in _find_misplaced_keys(rule, SHARED_KEYS["rules"]):
                    self._note((*place, *inner), message)
            entry = self._validated(SharedRuleEntry, place, rule, SHARED_KEYS)
            if entry is not None:
                cameras = [e.camera for e in entries]
                for inner, message in _find_unchosen(entry, cameras) if complete else ():
                    self._note((*place, *inner), message)
                shared.append(entry)
        return shared

    def _validated(
        self,
        kind: type[Entry],
        place: Place,
        value: object,
        keys: Mapping[str, tuple[str, ...]] = KEYS,
    ) -> Entry | None:
        """Return a value as an entry; None, and what is wrong with it is noted, where it is not."""
        try:
            return kind.model_validate(value)
        except ValidationError as error:
            for problem in error.errors():
                self._note((*place, *problem["loc"]), _explain(problem, keys, place))
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
        place = _as_written(self._document, place)
        self._mistakes.add((_line(self._document, place), f"{_dotted(place)}: {message}"))


def _find_unknown_zones(camera: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield where a rule names a zone that the camera does not have."""
    zones = camera.get("zones") or {}
    if not isinstance(zones, dict):
        return
    for index, rule in _mappings(camera.get("rules")):
        for position, name in _texts(rule.get("zones")):
            if name not in zones:
                known = ", ".join(map(str, zones)) or "none, the camera has no zones"
                yield (
                    ("rules", index, "zones", position),
                    f"{_show(name)}: no such zone; allowed: {known}",
                )


def _find_faulty_rules(camera: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield what is wrong with a camera's own rules besides their values."""
    yield from _find_unknown_zones(camera)
    lines = camera.get("lines") or {}
    for index, rule in _mappings(camera.get("rules")):
        for inner, message in _find_misplaced_keys(rule, KEYS["rules"]):
            yield ("rules", index, *inner), message
        crossed = rule.get("crosses")
        for name in crossed if isinstance(crossed, dict) and isinstance(lines, dict) else ():
            if name not in lines:
                known = ", ".join(map(str, lines)) or "none, the camera has no lines"
                yield ("rules", index, "crosses", name), f"no such line; allowed: {known}"


def _find_misplaced_keys(
    rule: Mapping[str, Any], known: Sequence[str]
) -> Iterator[tuple[Place, str]]:
    """Yield those of the known keys that say nothing in this rule."""
    about = rule.get("about", "things")
    meant = KEYS_ABOUT.get(about, ()) if isinstance(about, str) else ()
    allowed = [key for key in known if key in meant]
    for key in rule if allowed else ():
        if key in known and key not in allowed:
            yield (key,), f"not in a rule about {about}; allowed: {', '.join(allowed)}"
    if "count" in rule and "crosses" in rule:
        yield ("count",), "not beside crosses, where each counts by itself"


def _find_unchosen(rule: SharedRuleEntry, cameras: Sequence[Camera]) -> Iterator[tuple[Place, str]]:
    """Yield where a rule of the file chooses what is not there."""
    ids = {camera.camera_id: None for camera in cameras}
    sites = {camera.site: None for camera in cameras}
    for key, chosen, known in (("cameras", rule.cameras, ids), ("sites", rule.sites, sites)):
        for position, name in enumerate(chosen or ()):
            if name not in known:
                allowed = ", ".join(filter(None, known)) or "none"
                yield (key, position), f"{_show(name)}: none of this file; allowed: {allowed}"
    guarded = [camera for camera in cameras if rule.chooses(camera)]
    if not guarded:
        yield (), "chooses no camera of this file"
    for camera in guarded:
        zones = [zone.name for zone in camera.zones]
        lines = [line.name for line in camera.lines]
        for position, zone in enumerate(rule.zones):
            if zone not in zones:
                yield ("zones", position), _missing(zone, camera, "zone", zones)
        for line in rule.crosses:
            if line not in lines:
                yield ("crosses", line), _missing(line, camera, "line", lines)


def _missing(name: str, camera: Camera, kind: str, known: Sequence[str]) -> str:
    allowed = ", ".join(known) or "none"
    return f"{_show(name)}: camera {camera.camera_id} has no such {kind}; allowed: {allowed}"


def _with_rules_of_file(
    entry: CameraEntry, shared: Sequence[SharedRuleEntry], tolerance: ToleranceEntry
) -> CameraEntry:
    """Return a camera with all rules that hold for it; its own stand in place of shared ones."""
    camera = entry.camera
    own = {rule.name for rule in camera.rules}
    more = (r.build() for r in shared if r.chooses(camera) and r.name not in own)
    rules = (*camera.rules, *more)
    # Only where it matters: what no rule asks for need not stand in a camera's settings.
    any_label = any(not r.labels and "labels" in KEYS_ABOUT[r.about] for r in rules)
    tolerates = tolerance.of(camera.setting) if any_label else ()
    return replace(entry, camera=replace(camera, rules=rules, tolerates=tolerates))


def _find_strangers(
    camera: Mapping[str, Any], names: Sequence[object]
) -> Iterator[tuple[Place, str]]:
    """Yield where a camera names a neighbour that is no other camera of the file."""
    others = [name for name in names if name != camera.get("camera_id")]
    for position, name in _texts(camera.get("neighbours")):
        if name not in others:
            known = ", ".join(map(str, others)) or "none, the file has no other camera"
            yield (
                ("neighbours", position),
                f"{_show(name)}: no other camera of this file; allowed: {known}",
            )


def _explain(
    problem: ErrorDetails, keys: Mapping[str, tuple[str, ...]] = KEYS, around: Place = ()
) -> str:
    place = (*around, *problem["loc"])
    shown = _show(problem["input"])
    if place[-1:] == ("source",):
        shown = _show(without_secrets(str(problem["input"])))
    match problem["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            parent = next((str(key) for key in reversed(place[:-1]) if key in keys), "camera")
            return _explain_key(place[-1], keys[parent])
        case "model_type":
            return f"{shown}: must be a mapping of keys"
        case "too_short":
            return f"{shown}: must not be empty"
        case _:
            message = problem["msg"].replace("should", "must").replace("Input must", "must")
            return f"{shown}: {message}"


def _explain_key(key: object, known: Sequence[str]) -> str:
    near = get_close_matches(str(key), known, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    return f"not a known key; {guess}allowed: {', '.join(known)}"


def _mappings(items: object) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield what is a mapping in something that should be a list of mappings."""
    if isinstance(items, list):
        yield from ((index, item) for index, item in enumerate(items) if isinstance(item, dict))


def _texts(items: object) -> Iterator[tuple[int, str]]:
    """Yield what is text in something that should be a list of texts."""
    if isinstance(items, list):
        yield from ((index, item) for index, item in enumerate(items) if isinstance(item, str))


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _dotted(place: Place) -> str:
    """Return e.g. `cameras[0].zones.lawn`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
    return text.removeprefix(".")


def _as_written(document: object, place: Place) -> Place:
    """Return a place without the positions in lists that the file has left out."""
    written: list[str | int] = []
    node = document
    for key in place:
        if isinstance(node, dict):
            if isinstance(key, int) and key not in node:
                continue
            node = node.get(key)
        elif isinstance(node, list) and isinstance(key, int) and 0 <= key < len(node):
            node = node[key]
        else:
            node = None
        written.append(key)
    return tuple(written)


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
