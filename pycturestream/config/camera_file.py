"""Reads cameras.yaml, and reports all its mistakes at once, each with its line."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pycturestream.config.camera_entry import (
    KEYS,
    KEYS_ABOUT,
    SHARED_KEYS,
    CameraSettings,
    IgnoredLabelsEntry,
    SharedRuleEntry,
)
from pycturestream.config.source_address import holds_password
from pycturestream.config.yaml_file import (
    Keys,
    YamlFile,
    YamlFileError,
    YamlPath,
    describe_problem,
    mappings,
    parse_tree,
    show,
    texts,
)
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.detection import FACE
from pycturestream.public_address import without_secrets

Entry = TypeVar("Entry", bound=BaseModel)
_NO_FACES = "does not look for faces; give it `models: [objects, faces]`"


class CameraFileError(YamlFileError):
    """Mistakes in a camera file."""


class CameraEntry(Struct, frozen=True):
    """One camera of a file, and whether its source is played again."""

    camera: Camera
    loop: bool
    """Whether a recorded source starts again at its end."""
    source_at: str = ""
    """File and line of its source, for faults that are found only when it is opened."""


def read_camera_file(path: Path) -> tuple[CameraEntry, ...]:
    """Return the cameras of a file, its `defaults` merged in. Raises CameraFileError."""
    return _Reader(YamlFile.read(path, CameraFileError)).read()


def parse_camera_file(text: str, path: Path) -> tuple[CameraEntry, ...]:
    """Return the same of the text of a file; `path` is what messages call it."""
    return read_camera_tree(parse_tree(text, path, CameraFileError), path)


def read_camera_tree(tree: object, path: Path) -> tuple[CameraEntry, ...]:
    """Return the same of a file's content, as ruamel reads it."""
    return _Reader(YamlFile(path, tree, CameraFileError)).read()


def check_camera(settings: Mapping[str, Any]) -> Camera:
    """Return a camera from the keys that a file would give it, checked as those of a file.

    Raises CameraFileError; its places begin with the keys of the camera.
    """
    try:
        (entry,) = read_camera_tree({"cameras": [settings]}, Path("cameras.yaml"))
    except CameraFileError as error:
        places = [(at[2:], message) for at, message in error.places]
        raise CameraFileError(error.mistakes, places) from error
    return entry.camera


def plain_passwords(entries: Sequence[CameraEntry]) -> tuple[str, ...]:
    """Return a warning for each source that holds a password in plain text."""
    return tuple(
        f"{entry.source_at}: the source holds a password in plain text: "
        "write ${NAME} instead, and set NAME in the environment"
        for entry in entries
        if holds_password(entry.camera.source)
    )


class _Reader:
    """Reads one file; all mistakes are noted in `file`."""

    def __init__(self, file: YamlFile) -> None:
        self._file = file

    def read(self) -> tuple[CameraEntry, ...]:
        document = self._file.document
        self._file.report_unknown_keys(KEYS["file"])
        defaults = document.get("defaults") or {}
        if not isinstance(defaults, dict):
            self._file.note(("defaults",), "must be a mapping of the keys of a camera")
            defaults = {}
        cameras = self._file.listed("cameras")
        names = [camera.get("camera_id") for _, camera in mappings(cameras)]
        entries = [self._camera(index, own, defaults, names) for index, own in enumerate(cameras)]
        self._file.report_duplicates(("cameras",), "camera_id", cameras)
        known = [entry for entry in entries if entry is not None]
        shared = self._shared_rules(document, known, complete=len(known) == len(entries))
        ignored = self._validated(IgnoredLabelsEntry, ("tolerate",), document.get("tolerate") or {})
        self._file.check()
        return tuple(
            _with_rules_of_file(entry, shared, ignored or IgnoredLabelsEntry()) for entry in known
        )

    def _camera(
        self, index: int, own: object, defaults: Mapping[str, Any], names: Sequence[object]
    ) -> CameraEntry | None:
        at: YamlPath = ("cameras", index)
        if not isinstance(own, dict):
            self._file.note(at, "must be a mapping with a camera_id")
            return None

        def locate(inner: YamlPath) -> YamlPath:
            inherited = bool(inner) and inner[0] not in own and inner[0] in defaults
            return ("defaults", *inner) if inherited else (*at, *inner)

        merged = {**defaults, **own}
        for inner, message in (
            *_find_faulty_rules(merged),
            *_find_unseen_faces(merged),
            *_find_forbidden_originals(merged),
            *_find_unknown_cameras(merged, names),
        ):
            self._file.note(locate(inner), message)
        self._file.report_duplicates(locate(("rules",)), "name", merged.get("rules"))
        try:
            settings = CameraSettings.model_validate(merged)
        except ValidationError as error:
            for problem in error.errors():
                self._file.note(locate(problem["loc"]), _describe_problem(problem))
            return None
        line = self._file.line(locate(("source",)))
        return CameraEntry(settings.build(), settings.loop, f"{self._file.path}:{line}")

    def _shared_rules(
        self, document: Mapping[str, Any], entries: Sequence[CameraEntry], *, complete: bool
    ) -> list[SharedRuleEntry]:
        """Return the rules of the file.

        Which cameras they match is checked only if all cameras could be read.
        """
        rules = document.get("rules") or []
        if not isinstance(rules, list):
            self._file.note(("rules",), "must be a list of rules")
            return []
        self._file.report_duplicates(("rules",), "name", rules)
        shared = []
        for index, rule in enumerate(rules):
            at: YamlPath = ("rules", index)
            if isinstance(rule, dict):
                for inner, message in _find_misplaced_keys(rule, SHARED_KEYS["rules"]):
                    self._file.note((*at, *inner), message)
            entry = self._validated(SharedRuleEntry, at, rule, SHARED_KEYS)
            if entry is not None:
                cameras = [e.camera for e in entries]
                for inner, message in _find_unmatched(entry, cameras) if complete else ():
                    self._file.note((*at, *inner), message)
                shared.append(entry)
        return shared

    def _validated(
        self,
        kind: type[Entry],
        at: YamlPath,
        value: object,
        keys: Keys = KEYS,
    ) -> Entry | None:
        """Return a value as an entry; note its mistakes and return None if it is none."""
        try:
            return kind.model_validate(value)
        except ValidationError as error:
            for problem in error.errors():
                self._file.note((*at, *problem["loc"]), _describe_problem(problem, keys, at))
            return None


def _find_unknown_zones(camera: Mapping[str, Any]) -> Iterator[tuple[YamlPath, str]]:
    """Yield the zones that a rule names and the camera does not have."""
    zones = camera.get("zones") or {}
    if not isinstance(zones, dict):
        return
    for index, rule in mappings(camera.get("rules")):
        for position, name in texts(rule.get("zones")):
            if name not in zones:
                known = ", ".join(map(str, zones)) or "none, the camera has no zones"
                yield (
                    ("rules", index, "zones", position),
                    f"{show(name)}: no such zone; allowed: {known}",
                )


def _find_faulty_rules(camera: Mapping[str, Any]) -> Iterator[tuple[YamlPath, str]]:
    """Yield mistakes in a camera's own rules that no single value shows."""
    yield from _find_unknown_zones(camera)
    lines = camera.get("lines") or {}
    for index, rule in mappings(camera.get("rules")):
        for inner, message in _find_misplaced_keys(rule, KEYS["rules"]):
            yield ("rules", index, *inner), message
        crossed = rule.get("crosses")
        for name in crossed if isinstance(crossed, dict) and isinstance(lines, dict) else ():
            if name not in lines:
                known = ", ".join(map(str, lines)) or "none, the camera has no lines"
                yield ("rules", index, "crosses", name), f"no such line; allowed: {known}"


def _find_unseen_faces(camera: Mapping[str, Any]) -> Iterator[tuple[YamlPath, str]]:
    """Yield where the label of faces is named though the camera does not look for them."""
    models = camera.get("models", [])
    if not isinstance(models, list) or "faces" in models:
        return
    places: list[tuple[YamlPath, object]] = [
        (("rules", index, "labels"), rule.get("labels"))
        for index, rule in mappings(camera.get("rules"))
    ]
    narration = camera.get("narration")
    if isinstance(narration, dict):
        places.append((("narration", "labels"), narration.get("labels")))
    for at, labels in places:
        for position, label in texts(labels):
            if label == FACE:
                yield (*at, position), f"{show(FACE)}: this camera {_NO_FACES}"


def _find_forbidden_originals(camera: Mapping[str, Any]) -> Iterator[tuple[YamlPath, str]]:
    """Yield that originals shall be archived, where the camera does not let any leave."""
    archive = camera.get("archive")
    wanted = isinstance(archive, dict) and archive.get("original") is True
    if wanted and camera.get("originals") is not True:
        yield ("archive", "original"), "needs `originals: true` of the camera"


def _find_misplaced_keys(
    rule: Mapping[str, Any], known: Sequence[str]
) -> Iterator[tuple[YamlPath, str]]:
    """Yield the keys that have no effect in a rule about this."""
    about = rule.get("about", "things")
    meant = KEYS_ABOUT.get(about, ()) if isinstance(about, str) else ()
    allowed = [key for key in known if key in meant]
    for key in rule if allowed else ():
        if key in known and key not in allowed:
            yield (key,), f"has no effect in a rule about {about}; allowed: {', '.join(allowed)}"
    if "count" in rule and "crosses" in rule:
        yield ("count",), "can't be combined with crosses: each crossing counts by itself"


def _find_unmatched(
    rule: SharedRuleEntry, cameras: Sequence[Camera]
) -> Iterator[tuple[YamlPath, str]]:
    """Yield cameras, sites and what belongs to them that a rule of the file names in vain."""
    ids = {camera.camera_id: None for camera in cameras}
    sites = {camera.site: None for camera in cameras}
    for key, chosen, known in (("cameras", rule.cameras, ids), ("sites", rule.sites, sites)):
        for position, name in enumerate(chosen or ()):
            if name not in known:
                allowed = ", ".join(filter(None, known)) or "none"
                yield (key, position), f"{show(name)}: not in this file; allowed: {allowed}"
    matched = [camera for camera in cameras if rule.matches(camera)]
    if not matched:
        yield (), "matches no camera of this file"
    for camera in matched:
        yield from _find_missing(rule, camera)


def _find_missing(rule: SharedRuleEntry, camera: Camera) -> Iterator[tuple[YamlPath, str]]:
    """Yield what a rule of the file names and a camera that it matches does not have."""
    zones = [zone.name for zone in camera.zones]
    lines = [line.name for line in camera.lines]
    for position, zone in enumerate(rule.zones):
        if zone not in zones:
            yield ("zones", position), _missing(zone, camera, "zone", zones)
    for line in rule.crosses:
        if line not in lines:
            yield ("crosses", line), _missing(line, camera, "line", lines)
    for position, label in enumerate(rule.labels or ()):
        if label == FACE and not camera.looks_for_faces:
            yield ("labels", position), f"{show(FACE)}: camera {camera.camera_id} {_NO_FACES}"


def _missing(name: str, camera: Camera, kind: str, known: Sequence[str]) -> str:
    allowed = ", ".join(known) or "none"
    return f"{show(name)}: camera {camera.camera_id} has no such {kind}; allowed: {allowed}"


def _with_rules_of_file(
    entry: CameraEntry, shared: Sequence[SharedRuleEntry], ignored: IgnoredLabelsEntry
) -> CameraEntry:
    """Return a camera with the rules of the file that match it; its own of the same name win."""
    camera = entry.camera
    own = {rule.name for rule in camera.rules}
    more = (r.build() for r in shared if r.matches(camera) and r.name not in own)
    rules = (*camera.rules, *more)
    # Only where they matter: without a rule about any label they would be noise in the settings.
    any_label = any(not r.labels and "labels" in KEYS_ABOUT[r.about] for r in rules)
    ignored_labels = ignored.of(camera.setting) if any_label else ()
    return replace(entry, camera=replace(camera, rules=rules, ignored_labels=ignored_labels))


def _find_unknown_cameras(
    camera: Mapping[str, Any], names: Sequence[object]
) -> Iterator[tuple[YamlPath, str]]:
    """Yield the neighbours of a camera that are no other camera of the file."""
    others = [name for name in names if name != camera.get("camera_id")]
    for position, name in texts(camera.get("neighbours")):
        if name not in others:
            known = ", ".join(map(str, others)) or "none, the file has no other camera"
            yield (
                ("neighbours", position),
                f"{show(name)}: not another camera of this file; allowed: {known}",
            )


def _describe_problem(problem: ErrorDetails, keys: Keys = KEYS, around: YamlPath = ()) -> str:
    at = (*around, *problem["loc"])
    shown = None
    if at[-1:] == ("source",):
        shown = show(without_secrets(str(problem["input"])))
    return describe_problem(problem, keys, "camera", shown, around)
