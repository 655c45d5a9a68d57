"""False alarms: what they were about, and which mask, score or zone would have avoided them."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from math import ceil
from typing import Any, Literal

from msgspec import Struct

from pycturestream.domain.alerts.alert_command import AlertCommand
from pycturestream.domain.geometry import BoundingBox, Point
from pycturestream.domain.times import rfc3339

ENOUGH = 3
"""How many false alarms of a kind, and for a score or zone also true alerts, are enough."""
SAME_PLACE_IOU = 0.5
"""Boxes that overlap by this much show one object, as in the scoring of detectors (AP50)."""
MASK_AREA_LIMIT = 0.1
"""A mask of more than a tenth of the picture hides too much: then a zone is better."""
MARGIN = 0.01
"""Boxes jitter: a mask or zone is larger than its boxes by this share of the picture's side."""

Json = Mapping[str, Any]


class Evidence(Struct, frozen=True):
    """What an alert was about, in the frame that raised it."""

    alert_id: str
    camera_id: str
    rule: str
    label: str | None
    zones: tuple[str, ...]
    raised_at: str
    """RFC 3339, as in the alert's record."""
    frame_id: str | None
    score: float | None
    """Of the object, 0..1; None where its detections are no longer kept, or it has no object."""
    box: BoundingBox | None


class FalseAlarm(Struct, frozen=True):
    """An alert that somebody marked as a false alarm."""

    evidence: Evidence
    command: AlertCommand


class Suggestion(Struct, frozen=True):
    """A setting that avoids false alarms and keeps the true alerts."""

    kind: Literal["mask", "min_score", "zone"]
    camera_id: str
    rule: str | None
    """The rule of the score or zone; None for a mask, which applies to all rules."""
    value: float | tuple[Point, ...]
    """The score, or the corners of the polygon."""
    alert_ids: tuple[str, ...]
    """The false alarms that it would have avoided."""
    why: str


def evidence(alert: Json, detections: Json | None) -> Evidence:
    """Return what an alert was about, from the detections record of its `frame_id`."""
    found = _object(alert, detections) if detections else None
    return Evidence(
        alert_id=alert["id"],
        camera_id=alert["camera_id"],
        rule=alert["rule"],
        label=alert["label"],
        zones=tuple(alert["zones"]),
        raised_at=alert["raised_at"],
        frame_id=alert["frame_id"],
        score=found["score"] if found else None,
        box=BoundingBox(*found["box"]) if found else None,
    )


def false_alarm_record(alarm: FalseAlarm) -> dict[str, Any]:
    """Return a false alarm as a record: an example of what must not raise an alert."""
    about = alarm.evidence
    box = about.box
    return {
        "alert_id": about.alert_id,
        "camera_id": about.camera_id,
        "rule": about.rule,
        "label": about.label,
        "zones": list(about.zones),
        "raised_at": about.raised_at,
        "frame_id": about.frame_id,
        "score": about.score,
        "box": box and [box.x_min, box.y_min, box.x_max, box.y_max],
        "by": alarm.command.by,
        "reason": alarm.command.reason,
        "at": rfc3339(alarm.command.at),
    }


def suggestion_record(suggestion: Suggestion) -> dict[str, Any]:
    value = suggestion.value
    return {
        "kind": suggestion.kind,
        "camera_id": suggestion.camera_id,
        "rule": suggestion.rule,
        "value": value if isinstance(value, float) else [list(corner) for corner in value],
        "alert_ids": list(suggestion.alert_ids),
        "why": suggestion.why,
    }


def suggestions(false: Sequence[Evidence], right: Sequence[Evidence]) -> list[Suggestion]:
    """Return settings that would have avoided false alarms: a mask, else a score, else a zone.

    `right` are the alerts of the same time that nobody marked as false alarms.
    """
    masks = [mask for group in _groups(false, _camera_and_label) for mask in _masks(group, right)]
    masked = {alert_id for mask in masks for alert_id in mask.alert_ids}
    rest = [one for one in false if one.alert_id not in masked]
    made = list(masks)
    for group in _groups(rest, _camera_and_rule):
        of_rule = [one for one in right if _camera_and_rule(one) == _camera_and_rule(group[0])]
        found = _min_score(group, of_rule) or _zone(group, of_rule)
        if found:
            made.append(found)
    return sorted(made, key=lambda one: (one.camera_id, one.kind, one.rule or ""))


def _object(alert: Json, detections: Json) -> Json | None:
    """Return the object that the alert is about, of several the one with the highest score."""
    track_ids = set(alert["track_ids"])
    objects = [one for one in detections["objects"] if one["track_id"] in track_ids]
    return max(objects, key=lambda one: one["score"], default=None)


def _camera_and_label(one: Evidence) -> tuple[str, str | None]:
    return one.camera_id, one.label


def _camera_and_rule(one: Evidence) -> tuple[str, str]:
    return one.camera_id, one.rule


def _groups(items: Iterable[Evidence], key: Callable[[Evidence], Hashable]) -> list[list[Evidence]]:
    groups: dict[Hashable, list[Evidence]] = {}
    for one in items:
        groups.setdefault(key(one), []).append(one)
    return list(groups.values())


def _masks(false: Sequence[Evidence], right: Sequence[Evidence]) -> Iterable[Suggestion]:
    """Yield a mask for each place with several false alarms for one label and no true alert."""
    places: list[list[tuple[Evidence, BoundingBox]]] = []
    for one in false:
        if box := one.box:
            here = (place for place in places if place[0][1].iou(box) >= SAME_PLACE_IOU)
            place = next(here, None)
            if place is None:
                places.append(place := [])
            place.append((one, box))
    for place in places:
        around = _around([corner for _, box in place for corner in _corners(box)])
        camera_id, label = place[0][0].camera_id, place[0][0].label
        good = any(
            one.camera_id == camera_id and one.box and one.box.iou(around) > 0 for one in right
        )
        if len(place) >= ENOUGH and around.area <= MASK_AREA_LIMIT and not good:
            yield Suggestion(
                "mask",
                camera_id,
                None,
                _polygon(around),
                tuple(one.alert_id for one, _ in place),
                f"{len(place)} false alarms for {label} at one place, and no true alert there",
            )


def _min_score(false: Sequence[Evidence], right: Sequence[Evidence]) -> Suggestion | None:
    """Return a score between the highest of the false alarms and the lowest of the true alerts."""
    false_scores = [one.score for one in false if one.score is not None]
    right_scores = [one.score for one in right if one.score is not None]
    if min(len(false_scores), len(right_scores)) < ENOUGH:
        return None
    highest, lowest = max(false_scores), min(right_scores)
    if highest >= lowest:
        return None
    # Half way between them, rounded up to a hundredth where that is still between them.
    half_way = (highest + lowest) / 2
    rounded = ceil(half_way * 100) / 100
    return Suggestion(
        "min_score",
        false[0].camera_id,
        false[0].rule,
        rounded if rounded <= lowest else half_way,
        tuple(one.alert_id for one in false if one.score is not None),
        f"{len(false_scores)} false alarms scored at most {highest:.2f}, and "
        f"{len(right_scores)} true alerts at least {lowest:.2f}",
    )


def _zone(false: Sequence[Evidence], right: Sequence[Evidence]) -> Suggestion | None:
    """Return the part of the picture with the true alerts, if no false alarm was in it."""
    false_places = [one.box.bottom_center for one in false if one.box]
    right_places = [one.box.bottom_center for one in right if one.box]
    if min(len(false_places), len(right_places)) < ENOUGH:
        return None
    around = _around(right_places)
    if any(
        around.x_min <= x <= around.x_max and around.y_min <= y <= around.y_max
        for x, y in false_places
    ):
        return None
    return Suggestion(
        "zone",
        false[0].camera_id,
        false[0].rule,
        _polygon(around),
        tuple(one.alert_id for one in false if one.box),
        f"{len(right_places)} true alerts were in this part of the picture, and none of "
        f"{len(false_places)} false alarms",
    )


def _corners(box: BoundingBox) -> tuple[Point, Point]:
    return (box.x_min, box.y_min), (box.x_max, box.y_max)


def _around(points: Sequence[Point]) -> BoundingBox:
    """Return the box around points, a little larger, within the picture."""
    xs, ys = zip(*points, strict=True)
    return BoundingBox(
        round(max(min(xs) - MARGIN, 0.0), 3),
        round(max(min(ys) - MARGIN, 0.0), 3),
        round(min(max(xs) + MARGIN, 1.0), 3),
        round(min(max(ys) + MARGIN, 1.0), 3),
    )


def _polygon(box: BoundingBox) -> tuple[Point, ...]:
    return (
        (box.x_min, box.y_min),
        (box.x_max, box.y_min),
        (box.x_max, box.y_max),
        (box.x_min, box.y_max),
    )
