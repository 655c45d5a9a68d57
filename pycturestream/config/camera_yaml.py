"""Writes what was edited of a camera as YAML: by itself, or into a camera file.

A file keeps its comments, its order and its other settings, as far as ruamel.yaml keeps them.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from pycturestream.config.camera_edit import EDITED_KEYS, written_keys
from pycturestream.config.camera_file import (
    CameraEntry,
    CameraFileError,
    parse_camera_file,
    read_camera_tree,
)
from pycturestream.config.yaml_file import parse_tree
from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.errors import ConfigurationError

_WIDTH: Final = 4096
"""A shape stays on one line: ruamel.yaml breaks lines within a point."""
_FLAT_KEYS: Final = frozenset({"labels", "zones", "days", "crosses"})
"""Of rules and periods: on one line, as in docs/rules.md."""
_TIMES: Final = frozenset({"from", "to"})
"""In quotes: YAML 1.1 reads 22:00 as 1320."""


class CameraNotInFileError(ConfigurationError):
    """An edit can't be written into a file; the message says why, and what to do."""


class WrittenFile(Struct, frozen=True):
    """A camera file with an edit, and what its author should know."""

    text: str
    notes: tuple[str, ...] = ()


def camera_keys_yaml(camera: Camera) -> str:
    """Return masks, zones, lines and rules, as they are below a camera in cameras.yaml.

    It is no camera file, so that nobody applies it as one: all other settings would be lost.
    """
    return _dumped(_styled_keys(written_keys(camera)), _yaml())


def write_into_file(text: str, camera: Camera, path: Path) -> WrittenFile:
    """Return the text of a camera file with the masks, zones, lines and rules of a camera.

    `path` is what messages call it. Rules that the file has for several cameras stay there; one
    that was edited becomes the camera's own. Raises CameraFileError for a file with mistakes,
    before or with the edit, and CameraNotInFileError.
    """
    yaml = _yaml_like(text)
    tree: Any = parse_tree(text, path, CameraFileError, yaml)
    entries = read_camera_tree(tree, path)
    before = _of(entries, camera.camera_id, path)
    normalised = _dumped(tree, yaml)
    # The first way that leads to the edit and changes nothing else: an anchor may stand for parts
    # of several cameras, and lines that belong together may be far apart.
    fault: CameraFileError | None = None
    for in_place in (True, False):
        kept = _edit(tree, camera, before, in_place=in_place)
        edited = _dumped(tree, yaml)
        for written in dict.fromkeys((_merged(text, normalised, edited), edited)):
            try:
                after = parse_camera_file(written, path)
            except CameraFileError as error:
                fault = error
                continue
            if not list(_differences(entries, after, camera, kept)):
                return WrittenFile(written, tuple(_kept_note(name, camera) for name in kept))
        tree = parse_tree(text, path, CameraFileError, yaml)
    raise fault or CameraNotInFileError(
        f"{path}: camera {camera.camera_id} shares parts with others in a way that can't be "
        "edited: add the keys by hand"
    )


def _kept_note(name: str, camera: Camera) -> str:
    return (
        f"rule {name} is at the top of the file, for several cameras: it stays in force for "
        f"{camera.camera_id} until you change it there"
    )


def _of(entries: Sequence[CameraEntry], camera_id: str, path: Path) -> Camera:
    for entry in entries:
        if entry.camera.camera_id == camera_id:
            return entry.camera
    known = ", ".join(entry.camera.camera_id for entry in entries)
    raise CameraNotInFileError(
        f"{path}: has no camera {camera_id}; it has {known}: add the keys by hand"
    )


def _edit(tree: Any, camera: Camera, before: Camera, *, in_place: bool) -> list[str]:
    """Edit the content of a file; return the names of rules of the file that can't go."""
    own = next(each for each in tree["cameras"] if each.get("camera_id") == camera.camera_id)
    defaults = tree.get("defaults") or {}
    own_names = {rule.get("name") for rule in own.get("rules", defaults.get("rules")) or ()}
    shared = {rule.name: rule for rule in before.rules if rule.name not in own_names}
    own_rules = tuple(rule for rule in camera.rules if shared.get(rule.name) != rule)
    wanted = written_keys(replace(camera, rules=own_rules))
    current = written_keys(
        replace(before, rules=tuple(rule for rule in before.rules if rule.name in own_names))
    )
    for key in EDITED_KEYS:
        if list(_items(wanted[key])) != list(_items(current[key])):
            if wanted[key] or key in defaults:
                _put(own, key, wanted[key], current[key], in_place=in_place)
            else:
                del own[key]
    names = {rule.name for rule in camera.rules}
    return [name for name in shared if name not in names]


def _items(value: Any) -> Any:
    """Return what a mapping or a list holds, in its order, which counts too."""
    return value.items() if isinstance(value, dict) else value


def _put(own: CommentedMap, key: str, wanted: Any, current: Any, *, in_place: bool) -> None:
    """Write one of the keys: item by item where it can be, so that comments stay."""
    node = own.get(key)
    is_own = isinstance(node, CommentedMap | CommentedSeq) and node.anchor.value is None
    if not in_place or not is_own or not wanted or not current:
        own.ca.items.pop(key, None)  # its comments were about what stood there
        own[key] = _styled(key, wanted)
    elif isinstance(node, CommentedMap):
        _update(node, {name: _styled(key, {name: wanted[name]})[name] for name in wanted}, current)
    else:
        _update_rules(node, wanted, current)


def _update(node: CommentedMap, wanted: Mapping[str, Any], current: Mapping[str, Any]) -> None:
    for name in [name for name in node if name not in wanted]:
        del node[name]
    for name, value in wanted.items():
        if name not in node or current.get(name) != value:
            node[name] = value
    if list(node) != list(wanted):
        for name in wanted:
            node.move_to_end(name)


def _update_rules(
    node: CommentedSeq, wanted: Sequence[dict[str, Any]], current: Sequence[dict[str, Any]]
) -> None:
    names = [rule["name"] for rule in wanted]
    values = {rule["name"]: rule for rule in current}
    for index in reversed(range(len(node))):
        if node[index]["name"] not in names:
            del node[index]
    there = {rule["name"]: rule for rule in node}
    for rule in wanted:
        name = rule["name"]
        if name not in there:
            there[name] = _styled_rule(rule)
            node.append(there[name])
        elif values[name] != rule:
            was = values[name]
            for key in [key for key in there[name] if key in was and key not in rule]:
                del there[name][key]
            for key, value in _styled_rule(rule).items():
                if was.get(key) != rule[key]:
                    there[name][key] = value
    if [rule["name"] for rule in node] != names:
        node[:] = [there[name] for name in names]


def _differences(
    before: Sequence[CameraEntry],
    after: Sequence[CameraEntry],
    camera: Camera,
    kept: Sequence[str],
) -> Iterator[str]:
    """Yield the cameras of a file that are not as they should be after an edit."""
    for was, now in zip(before, after, strict=True):
        expected, found = was.camera, now.camera
        if expected.camera_id == camera.camera_id:
            stay = tuple(rule for rule in expected.rules if rule.name in kept)
            expected = replace(
                expected,
                masks=camera.masks,
                zones=camera.zones,
                lines=camera.lines,
                rules=_sorted((*camera.rules, *stay)),
                ignored_labels=found.ignored_labels,  # follow from the rules
            )
            found = replace(found, rules=_sorted(found.rules))
        if expected != found:
            yield expected.camera_id


def _sorted(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return rules by name: those for several cameras come last in a file, wherever they were."""
    return tuple(sorted(rules, key=lambda rule: rule.name))


def _merged(text: str, normalised: str, edited: str) -> str:
    """Return a text with the edit that leads from its normalised form to the edited one.

    ruamel.yaml also changes what nobody edited, such as the breaks of long lines. Where both differ
    from the text, the edit wins (a merge of three texts, as of diff3).
    """
    ours, base, theirs = (each.splitlines(keepends=True) for each in (text, normalised, edited))
    in_ours, in_theirs = _positions(base, ours), _positions(base, theirs)
    merged: list[str] = []
    for begin, end in pairwise(sorted(in_ours.keys() & in_theirs.keys())):
        new = theirs[in_theirs[begin] : in_theirs[end]]
        is_edited = base[begin:end] != new
        merged += new if is_edited else ours[in_ours[begin] : in_ours[end]]
    return "".join(merged)


def _positions(base: Sequence[str], other: Sequence[str]) -> dict[int, int]:
    """Return positions between the lines of a text that are known in another one as well."""
    # Lines that a long text has again and again go with what stands beside them: to compare all
    # of them with each other would take hours.
    matcher = SequenceMatcher(None, base, other, autojunk=True)
    positions = {0: 0}
    for block in matcher.get_matching_blocks():
        for step in range(block.size + 1):
            # What was added between two lines belongs to the second one.
            positions.setdefault(block.a + step, block.b + step)
    return {**positions, len(base): len(other)}


def _styled_keys(keys: Mapping[str, Any]) -> CommentedMap:
    return CommentedMap((key, _styled(key, keys[key])) for key in EDITED_KEYS)


def _styled(key: str, value: Any) -> Any:
    """Return one of the keys as people write it: a shape on a line, a rule on several."""
    if key == "rules":
        return CommentedSeq(map(_styled_rule, value)) if value else _flat(value)
    if not value:
        return _flat(value)
    return CommentedMap(
        (name, _flat([[_number(each) for each in point] for point in points]))
        for name, points in value.items()
    )


def _styled_rule(rule: Mapping[str, Any]) -> CommentedMap:
    styled = CommentedMap()
    for key, value in rule.items():
        if key == "schedule":
            periods = [_styled_period(period) for period in value]
            styled[key] = periods[0] if len(periods) == 1 else CommentedSeq(periods)
        else:
            styled[key] = _flat(value) if key in _FLAT_KEYS else _number(value)
    return styled


def _styled_period(period: Mapping[str, Any]) -> Any:
    return _flat(
        {
            key: DoubleQuotedScalarString(value) if key in _TIMES else _flat(value)
            for key, value in period.items()
        }
    )


def _number(value: Any) -> Any:
    """Return a whole number as one: 1, and not 1.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _flat(value: Any) -> Any:
    """Return a mapping or a list that is written on one line."""
    if isinstance(value, Mapping):
        mapping = CommentedMap(value)
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        items = CommentedSeq(map(_flat, value))
        items.fa.set_flow_style()
        return items
    return value


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.width = _WIDTH
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _yaml_like(text: str) -> YAML:
    """Return what writes lists indented as the text does."""
    yaml = _yaml()
    if any(line.startswith("- ") for line in text.splitlines()):
        yaml.indent(mapping=2, sequence=2, offset=0)
    return yaml


def _dumped(tree: Any, yaml: YAML) -> str:
    stream = StringIO()
    yaml.dump(tree, stream)
    return stream.getvalue()
