"""Says where a published dashboard differs from its file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

OF_THE_SERVER: Final = frozenset({"id", "version"})
"""Fields of a dashboard that Grafana sets when it saves one."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a published dashboard compares with the file of the same uid."""

    dashboard: str
    state: Literal["same", "missing", "differs"]
    differences: tuple[str, ...] = ()
    """Where: such as `panel 'Raised': targets[0].query`."""


def differences(of_file: Mapping[str, Any], published: Mapping[str, Any]) -> Iterator[str]:
    """Yield the places of all that differs, those of panels by their titles."""
    names = sorted((of_file.keys() | published.keys()) - OF_THE_SERVER - {"panels"})
    for name in names:
        yield from _places(of_file.get(name), published.get(name), name)
    own, others = _panels(of_file), _panels(published)
    for number, panel in own.items():
        title = f"panel {panel.get('title', number)!r}"
        if number not in others:
            yield f"{title} is missing"
            continue
        for place in _places(panel, others[number], ""):
            yield f"{title}: {place}"
    for number in others.keys() - own.keys():
        yield f"panel {others[number].get('title', number)!r} is in no file"


def _panels(dashboard: Mapping[str, Any]) -> dict[Any, Mapping[str, Any]]:
    return {panel.get("id"): panel for panel in dashboard.get("panels") or ()}


def _places(one: Any, other: Any, place: str) -> Iterator[str]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in sorted(one.keys() | other.keys()):
            inner = f"{place}.{name}" if place else name
            yield from _places(one.get(name), other.get(name), inner)
    elif _is_list(one) and _is_list(other) and len(one) == len(other):
        for number, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from _places(mine, theirs, f"{place}[{number}]")
    elif one != other:
        yield place


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
