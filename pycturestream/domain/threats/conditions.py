"""The conditions of a rule: which of them hold for an object in one frame.

Judging asks whether all of them hold, explaining asks which; both use the same list.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct, field

from pycturestream.domain.cameras import schedule
from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.domain.detection import FACE
from pycturestream.domain.frames.picture_measure import PictureMeasure
from pycturestream.domain.threats.view_fault import ViewFault
from pycturestream.domain.times import Millis, to_local
from pycturestream.domain.tracking.scene import HiddenObject, SeenObject
from pycturestream.domain.zones.zone_state import ZoneEvent

RULES_REMEMBERED = 4_096
"""Some for each of hundreds of cameras."""


class Scene(Struct, frozen=True):
    """Everything in one frame that the rules of its camera are judged by."""

    camera: Camera
    frame_id: str
    at: Millis
    seen: Sequence[SeenObject] = ()
    living: frozenset[str] = frozenset()
    """The ids of all tracks that live, also of those that are not seen in this frame."""
    zone_events: Mapping[str, Sequence[ZoneEvent]] = field(default_factory=dict)
    """By track id."""
    measure: PictureMeasure | None = None
    """Of the picture as such; older programs made none."""
    hidden: Sequence[HiddenObject] = ()
    """The objects that are in view though the frame does not show them."""
    view_fault: ViewFault | None = None
    """What was found to be wrong with the view when the picture was there; of the past only."""


class Condition(Struct, frozen=True):
    """One condition of a rule, and whether it held."""

    name: str
    held: bool
    wanted: str
    found: str


class Check(NamedTuple):
    """How one condition is checked for one object."""

    name: str
    asked: Callable[[Rule], bool]
    """Whether a rule has this condition."""
    holds: Callable[[Rule, Scene, SeenObject], bool]
    wanted: Callable[[Rule, Camera], str]
    found: Callable[[Rule, Scene, SeenObject], str]
    of_place: bool = True
    """Whether it is about where an object is, or what it does there. What it looks like changes
    with light and detector: whoever scores too low for a while has not left."""


def dwell_ms(rule: Rule, scene: Scene, item: SeenObject) -> int:
    """Return how long an object has been in the rule's zones; in view, where it has none."""
    if not rule.zones:
        return scene.at - item.born_at
    return max((ms for zone, ms in item.dwell_ms.items() if zone in rule.zones), default=0)


def _is_meant(rule: Rule, scene: Scene, item: SeenObject) -> bool:
    label = item.label
    if rule.labels:
        return label in rule.labels
    # A face is ignored whatever a file tolerates: or its person would count twice.
    return label != FACE and label not in scene.camera.ignored_labels


def _crosses(rule: Rule, scene: Scene, item: SeenObject) -> bool:
    return any(
        zone_event.border == crossing.line
        and zone_event.kind in ("in", "out")
        and crossing.way in ("any", zone_event.kind)
        for zone_event in scene.zone_events.get(item.track_id, ())
        for crossing in rule.crosses
    )


CHECKS = (
    Check(
        "label",
        lambda _: True,
        _is_meant,
        lambda rule, camera: (
            " or ".join(rule.labels) or f"anything but {', '.join((*camera.ignored_labels, FACE))}"
        ),
        lambda _rule, _scene, item: item.label,
        of_place=False,
    ),
    Check(
        "min_score",
        lambda rule: rule.min_score > 0,
        lambda rule, _, item: item.score >= rule.min_score,
        lambda rule, _: f"at least {rule.min_score:.2f}",
        lambda _rule, _scene, item: f"{item.score:.2f}",
        of_place=False,
    ),
    Check(
        "zones",
        lambda rule: bool(rule.zones),
        lambda rule, _, item: any(zone in item.dwell_ms for zone in rule.zones),
        lambda rule, _: " or ".join(rule.zones),
        lambda _rule, _scene, item: ", ".join(item.zones) or "none",
    ),
    Check(
        "dwell_s",
        lambda rule: rule.dwell_ms > 0,
        lambda rule, scene, item: dwell_ms(rule, scene, item) >= rule.dwell_ms,
        lambda rule, _: f"at least {rule.dwell_ms / 1000:g} s",
        lambda rule, scene, item: f"{dwell_ms(rule, scene, item) / 1000:.0f} s",
    ),
    Check(
        "loitering_s",
        lambda rule: rule.loitering_ms > 0,
        lambda rule, scene, item: scene.at - item.loitering_since >= rule.loitering_ms,
        lambda rule, _: f"loitering for at least {rule.loitering_ms / 1000:g} s",
        lambda _, scene, item: f"{(scene.at - item.loitering_since) / 1000:.0f} s",
    ),
    Check(
        "crosses",
        lambda rule: bool(rule.crosses),
        _crosses,
        lambda rule, _: " or ".join(f"{c.line} {c.way}" for c in rule.crosses),
        lambda _, scene, item: (
            ", ".join(
                f"{zone_event.border} {zone_event.kind}"
                for zone_event in scene.zone_events.get(item.track_id, ())
            )
            or "nothing"
        ),
    ),
)
"""Cheapest first: most objects fail the first condition that they can fail."""


def violating(rule: Rule, scene: Scene) -> list[SeenObject]:
    """Return the objects that violate a rule in this frame: all its conditions hold for them."""
    if not scene.seen or not in_schedule(rule, scene.camera, scene.at):
        return []
    items = list(scene.seen)
    for check in _checks_of(rule):
        holds = check.holds
        items = [item for item in items if holds(rule, scene, item)]
        if not items:
            break
    return items


def is_there(rule: Rule, scene: Scene, item: SeenObject) -> bool:
    """Whether an object is where it violates a rule, whatever it looks like in this frame."""
    return all(check.holds(rule, scene, item) for check in _place_checks_of(rule))


def in_schedule(rule: Rule, camera: Camera, at: Millis) -> bool:
    return not rule.schedule or schedule.holds(rule.schedule, at, camera.timezone)


def of_object(rule: Rule, scene: Scene, item: SeenObject) -> tuple[Condition, ...]:
    """Return each condition of a rule, and whether it held for an object in this frame."""
    return tuple(
        Condition(
            check.name,
            check.holds(rule, scene, item),
            check.wanted(rule, scene.camera),
            check.found(rule, scene, item),
        )
        for check in _checks_of(rule)
    )


def of_time(rule: Rule, camera: Camera, at: Millis) -> tuple[Condition, ...]:
    """Return the condition of a rule that depends on time alone: its schedule, if it has one."""
    if not rule.schedule:
        return ()
    wanted = " or ".join(schedule.in_words(period) for period in rule.schedule)
    found = f"{to_local(at, camera.timezone):%A %H:%M} in {camera.timezone}"
    return (Condition("schedule", in_schedule(rule, camera, at), wanted, found),)


@lru_cache(maxsize=RULES_REMEMBERED)
def _checks_of(rule: Rule) -> tuple[Check, ...]:
    return tuple(check for check in CHECKS if check.asked(rule))


@lru_cache(maxsize=RULES_REMEMBERED)
def _place_checks_of(rule: Rule) -> tuple[Check, ...]:
    return tuple(check for check in _checks_of(rule) if check.of_place)
