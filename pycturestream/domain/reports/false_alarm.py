"""Wrong alerts: what they were about, and which mask, score or zone would have kept them away."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from math import ceil
from typing import Any, Literal

from msgspec import Struct

from pycturestream.domain.alerts.alert_command import AlertCommand
from pycturestream.domain.geometry import BoundingBox, Point
from pycturestream.domain.times import rfc3339

ENOUGH = 3
"""So many wrong alerts of one kind, and for a score or a zone as many right ones, are a reason."""
SAME_PLACE_IOU = 0.5
"""Boxes that overlap by this much show one thing: as detectors are scored (AP50)."""
MASK_AREA_LIMIT = 0.1
"""A mask of more than a tenth of the picture hides too much: then rather a zone."""
MARGIN = 0.01
"""Boxes tremble: a mask or zone is so much larger than what was in it, as a share of the side."""

Json = Mapping[str, Any]


class Evidence(Struct, frozen=True):
    """What an alert was about, as the picture shows it in which it was raised."""

    alert_id: str
    camera_id: str
    rule: str
    label: str | None
    zones: tuple[str, ...]
    raised_at: str
    """RFC 3339, as in the alert's record."""
    frame_id: str | None
    score: float | None
    """Of the thing, 0..1; None where its detections are no longer kept, or it is no thing."""
    box: BoundingBox | None


class FalseAlarm(Struct, frozen=True):
    """An alert that somebody said was wrong."""

    evidence: Evidence
    said: AlertCommand


class Suggestion(Struct, frozen=True):
    """A setting that keeps wrong alerts away and leaves the right ones."""

    kind: Literal["mask", "min_score", "zone"]
    camera_id: str
    rule: str | None
    """Whose score or zone; None for a mask, which hides a place from all."""
    value: float | tuple[Point, ...]
    """The score, or the corners of the polygon."""
    alert_ids: tuple[str, ...]
    """The wrong alerts that would not have been."""
    why: str


def evidence(alert: Json, detections: Json | None) -> Evidence:
    """Return what an alert's record was about, by the detections record of its `frame_id`."""
    thing = _thing(alert, detections) if detections else None
    return Evidence(
        alert_id=alert["id"],
        camera_id=alert["camera_id"],
        rule=alert["rule"],
        label=alert["label"],
        zones=tuple(alert["zones"]),
        raised_at=alert["raised_at"],
        frame_id=alert["frame_id"],
        score=thing["score"] if thing else None,
        box=BoundingBox(*thing["box"]) if thing else None,
    )


def false_alarm_record(wrong: FalseAlarm) -> dict[str, Any]:
    """Return a wrong alert as others read it: an example of what must not be an alert."""
    about = wrong.evidence
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
        "by": wrong.said.by,
        "reason": wrong.said.reason,
        "at": rfc3339(wrong.said.at),
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


def suggestions(wrong: Sequence[Evidence], right: Sequence[Evidence]) -> list[Suggestion]:
    """Return what would have kept wrong alerts away: the first that does, of mask, score, zone.

    `right` are the alerts of the same time of which nobody said that they were wrong.
    """
    masks = [mask for group in _groups(wrong, _camera_and_label) for mask in _masks(group, right)]
    masked = {alert_id for mask in masks for alert_id in mask.alert_ids}
    rest = [one for one in wrong if one.alert_id not in masked]
    told = list(masks)
    for group in _groups(rest, _camera_and_rule):
        of_rule = [one for one in right if _camera_and_rule(one) == _camera_and_rule(group[0])]
        found = _min_score(group, of_rule) or _zone(group, of_rule)
        if found:
            told.append(found)
    return sorted(told, key=lambda found: (found.camera_id, found.kind, found.rule or ""))


def _thing(alert: Json, detections: Json) -> Json | None:
    """Return the object that the alert is about, the surest of several."""
    things = [
        thing for thing in detections["objects"] if thing["track_id"] in set(alert["track_ids"])
    ]
    return max(things, key=lambda thing: thing["score"], default=None)


def _camera_and_label(one: Evidence) -> tuple[str, str | None]:
    return one.camera_id, one.label


def _camera_and_rule(one: Evidence) -> tuple[str, str]:
    return one.camera_id, one.rule


def _groups(
    all_of_them: Iterable[Evidence], key: Callable[[Evidence], Hashable]
) -> list[list[Evidence]]:
    groups: dict[Hashable, list[Evidence]] = {}
    for one in all_of_them:
        groups.setdefault(key(one), []).append(one)
    return list(groups.values())


def _masks(wrong: Sequence[Evidence], right: Sequence[Evidence]) -> Iterable[Suggestion]:
    """Yield a mask for each place where one label was often wrong and nothing was right."""
    places: list[list[tuple[Evidence, BoundingBox]]] = []
    for one in wrong:
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
                f"{len(place)} wrong alerts for {label} at one place, and no right alert there",
            )


def _min_score(wrong: Sequence[Evidence], right: Sequence[Evidence]) -> Suggestion | None:
    """Return a score between the surest wrong alert and the least sure right one."""
    wrong_scores = [one.score for one in wrong if one.score is not None]
    right_scores = [one.score for one in right if one.score is not None]
    if min(len(wrong_scores), len(right_scores)) < ENOUGH:
        return None
    highest, lowest = max(wrong_scores), min(right_scores)
    if highest >= lowest:
        return None
    # Half way, upwards to a hundredth where one lies between.
    half_way = (highest + lowest) / 2
    rounded = ceil(half_way * 100) / 100
    return Suggestion(
        "min_score",
        wrong[0].camera_id,
        wrong[0].rule,
        rounded if rounded <= lowest else half_way,
        tuple(one.alert_id for one in wrong if one.score is not None),
        f"{len(wrong_scores)} wrong alerts scored at most {highest:.2f}, and "
        f"{len(right_scores)} right ones at least {lowest:.2f}",
    )


def _zone(wrong: Sequence[Evidence], right: Sequence[Evidence]) -> Suggestion | None:
    """Return the part of the picture where right alerts stood, if no wrong one stood in it."""
    wrong_bottom_centers = [one.box.bottom_center for one in wrong if one.box]
    right_feet = [one.box.bottom_center for one in right if one.box]
    if min(len(wrong_bottom_centers), len(right_feet)) < ENOUGH:
        return None
    around = _around(right_feet)
    if any(
        around.x_min <= x <= around.x_max and around.y_min <= y <= around.y_max
        for x, y in wrong_bottom_centers
    ):
        return None
    return Suggestion(
        "zone",
        wrong[0].camera_id,
        wrong[0].rule,
        _polygon(around),
        tuple(one.alert_id for one in wrong if one.box),
        f"{len(right_feet)} right alerts stood in this part of the picture, and none of "
        f"{len(wrong_bottom_centers)} wrong ones did",
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
