"""Sums records of Elasticsearch up for reports, in one request each.

They ask the counts, one record a window and label, and not the detections, of which there are a
hundred times as many. Whoever asks gives whole minutes: Elasticsearch remembers what it found in
the indices of days that lie wholly within a period, and they do not change any more.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, get_args

from elasticsearch import Elasticsearch

from pycturestream.contracts import topics
from pycturestream.domain.cameras.eye import EYE_CAMERA
from pycturestream.domain.frames.admission import DropReason
from pycturestream.domain.frames.rejection import Reason
from pycturestream.domain.reports.period import Period
from pycturestream.domain.reports.tallies import (
    AccountTally,
    CameraPlace,
    HourTally,
    LabelTally,
    LineTally,
    PresenceTally,
    StepTally,
    WeekHourTally,
)
from pycturestream.domain.reports.timeline import PEOPLE
from pycturestream.domain.times import Millis
from pycturestream.stores.index_templates import alias
from pycturestream.stores.paging import ask
from pycturestream.stores.search import Scope, conditions

Json = dict[str, Any]

CAMERAS_LIMIT: Final = 2_000
"""Of a report. With the labels or days of each, they are what one request may return."""
LABELS_LIMIT: Final = 10
"""Of a camera, the most common ones."""
ALL_LABELS: Final = 1_000
"""More than any model has."""
TIMELINE_LABELS: Final = 5
"""Of a timeline, beside people: more lines can't be told apart."""
DAYS_LIMIT: Final = 500
LINES_LIMIT: Final = 50
_DROPS: Final = tuple(f"dropped.{reason}" for reason in get_args(DropReason))
_REJECTIONS: Final = tuple(f"dead_letters.{reason}" for reason in get_args(Reason))
_OF_PHONES: Final[Json] = {"regexp": {"camera_id": EYE_CAMERA.pattern}}
"""Phones of the seeing aid are no cameras of a report: what they see is for one person."""


def find_cameras(client: Elasticsearch, scope: Scope) -> list[CameraPlace]:
    """Return the cameras that have counts, with the site and time zone of most of them."""
    found = _counts(
        client,
        scope,
        {
            **_by("camera_id", CAMERAS_LIMIT),
            "aggregations": {
                "site": _by("site", 1),
                "timezone": _by("timezone", 1),
            },
        },
        PEOPLE,
    )
    places = (
        CameraPlace(one["key"], _first(one["site"], ""), _first(one["timezone"], "UTC"))
        for one in found
    )
    return sorted(places, key=lambda place: place.camera_id)


def sum_steps(
    client: Elasticsearch, scope: Scope, camera_id: str, period: Period
) -> list[StepTally]:
    """Return the most of people and of the camera's most common other labels, by step."""
    by_step: Json = {
        "date_histogram": {
            "field": "window_start",
            "fixed_interval": f"{period.step_ms}ms",
            "offset": f"{period.since % period.step_ms}ms",
            "min_doc_count": 1,
        },
        "aggregations": {"most": {"max": {"field": "max"}}},
    }
    things = _by("label", TIMELINE_LABELS, order={"different": "desc"})
    different = {"sum": {"field": "new"}}
    reply = _ask(
        client,
        topics.COUNTS,
        scope.run,
        [*conditions(scope, "window_start"), _is("camera_id", camera_id)],
        {
            "people": {"filter": _is("label", PEOPLE), "aggregations": {"steps": by_step}},
            "things": {
                "filter": {"bool": {"must_not": [_is("label", PEOPLE)]}},
                "aggregations": {
                    "labels": {
                        **things,
                        "aggregations": {"different": different, "steps": by_step},
                    }
                },
            },
        },
    )
    if not reply:
        return []
    labels = [(PEOPLE, reply["people"])]
    labels += [(label["key"], label) for label in reply["things"]["labels"]["buckets"]]
    return [
        StepTally(label, step["key"], int(step["most"]["value"]))
        for label, found in labels
        for step in found["steps"]["buckets"]
    ]


def sum_labels(client: Elasticsearch, scope: Scope) -> list[LabelTally]:
    """Return how many different objects of its most common labels each camera saw."""
    labels: Json = {
        **_by("label", LABELS_LIMIT, order={"different": "desc"}),
        "aggregations": {"different": {"sum": {"field": "new"}}},
    }
    cameras = {**_by("camera_id", CAMERAS_LIMIT), "aggregations": {"labels": labels}}
    return [
        LabelTally(camera["key"], label["key"], int(label["different"]["value"]))
        for camera in _counts(client, scope, cameras)
        for label in camera["labels"]["buckets"]
    ]


def sum_hours(client: Elasticsearch, scope: Scope, label: str) -> list[HourTally]:
    """Return how many different objects came in each hour of each day at the cameras."""
    hours: Json = {
        **_by("hour", 24),
        "aggregations": {"came": _came(label)},
    }
    days = {**_by("day", DAYS_LIMIT), "aggregations": {"hours": hours}}
    return [
        HourTally(day["key"], hour["key"], int(hour["came"]["different"]["value"]))
        for day in _counts(client, scope, days, PEOPLE, label)
        for hour in day["hours"]["buckets"]
    ]


def sum_week_hours(client: Elasticsearch, scope: Scope, label: str) -> list[WeekHourTally]:
    """Return how many different objects came in each hour of the week at the cameras."""
    hours: Json = {
        **_by("hour", 24),
        "aggregations": {"came": _came(label), "seen": {"filter": _is("label", PEOPLE)}},
    }
    days = {**_by("weekday", 7), "aggregations": {"hours": hours}}
    return [
        WeekHourTally(
            day["key"],
            hour["key"],
            hour["seen"]["doc_count"],
            int(hour["came"]["different"]["value"]),
        )
        for day in _counts(client, scope, days, PEOPLE, label)
        for hour in day["hours"]["buckets"]
    ]


def sum_lines(client: Elasticsearch, scope: Scope, label: str) -> list[LineTally]:
    """Return how often each line was crossed on each day at the camera, zeros too."""
    lines: Json = {
        **_by("crossed.line", LINES_LIMIT),
        "aggregations": {way: {"sum": {"field": f"crossed.{way}"}} for way in ("in", "out")},
    }
    crossed: Json = {"nested": {"path": "crossed"}, "aggregations": {"lines": lines}}
    days: Json = {**_by("day", DAYS_LIMIT), "aggregations": {"crossed": crossed}}
    cameras = {**_by("camera_id", CAMERAS_LIMIT), "aggregations": {"days": days}}
    # Most cameras have no line. Their days alone could be more groups than a request may return.
    has_lines: Json = {
        "nested": {"path": "crossed", "query": {"exists": {"field": "crossed.line"}}}
    }
    return [
        LineTally(
            camera["key"],
            line["key"],
            day["key"],
            int(line["in"]["value"]),
            int(line["out"]["value"]),
        )
        for camera in _counts(client, scope, cameras, label, only=[has_lines])
        for day in camera["days"]["buckets"]
        for line in day["crossed"]["lines"]["buckets"]
    ]


def sum_accounts(client: Elasticsearch, scope: Scope) -> list[AccountTally]:
    """Return what became of the frames of each camera."""
    names = ("received", "processed", *_DROPS, *_REJECTIONS)
    cameras = {
        **_by("camera_id", CAMERAS_LIMIT),
        "aggregations": {
            name.replace(".", ":"): {"sum": {"field": f"frames.{name}"}} for name in names
        },
    }
    filters = [*conditions(scope, "at"), _is("event", "frames")]
    found = _ask(client, topics.CAMERA_EVENTS, scope.run, filters, {"groups": cameras})
    return [
        AccountTally(
            camera["key"],
            int(camera["received"]["value"]),
            int(camera["processed"]["value"]),
            dict(_reasons(camera, _DROPS)),
            dict(_reasons(camera, _REJECTIONS)),
        )
        for camera in _buckets(found)
    ]


def find_presence(client: Elasticsearch, scope: Scope, window_ms: Millis) -> list[PresenceTally]:
    """Return whether each camera was online at the end of the scope, and its newest result."""
    last: Json = {"last": {"max": {"field": "at"}}}
    seen = [_is("event", "frames"), {"range": {"frames.processed": {"gte": 1}}}]
    of_camera: Json = {
        "online": {"filter": _is("event", "online"), "aggregations": last},
        "offline": {"filter": _is("event", "offline"), "aggregations": last},
        "results": {"filter": {"bool": {"filter": seen}}, "aggregations": last},
    }
    cameras = {**_by("camera_id", CAMERAS_LIMIT), "aggregations": of_camera}
    filters = conditions(scope, "at")
    found = _ask(client, topics.CAMERA_EVENTS, scope.run, filters, {"groups": cameras})
    return [_presence(camera, window_ms) for camera in _buckets(found)]


def _presence(camera: Json, window_ms: Millis) -> PresenceTally:
    online, offline, result = (
        None if camera[name]["last"]["value"] is None else int(camera[name]["last"]["value"])
        for name in ("online", "offline", "results")
    )
    is_online = None
    if online is not None or offline is not None:
        is_online = (online or 0) >= (offline or 0)
    return PresenceTally(
        camera["key"],
        is_online,
        online if is_online else offline,
        None if result is None else result + window_ms,
    )


def _came(label: str) -> Json:
    return {
        "filter": _is("label", label),
        "aggregations": {"different": {"sum": {"field": "new"}}},
    }


def _reasons(camera: Json, names: Sequence[str]) -> Iterator[tuple[str, int]]:
    for name in names:
        if number := int(camera[name.replace(".", ":")]["value"]):
            yield name.partition(".")[2], number


def _counts(
    client: Elasticsearch, scope: Scope, groups: Json, *labels: str, only: Sequence[Json] = ()
) -> list[Json]:
    filters = [*conditions(scope, "window_start"), *only]
    if labels:
        filters.append({"terms": {"label": sorted({*labels})}})
    return _buckets(_ask(client, topics.COUNTS, scope.run, filters, {"groups": groups}))


def _ask(
    client: Elasticsearch, topic: str, run: str, filters: list[Json], aggregations: Json
) -> Json:
    """Return the aggregations; empty without an index."""
    reply = ask(
        client,
        index=alias(topic, run),
        ignore_unavailable=True,
        query={"bool": {"filter": filters, "must_not": [_OF_PHONES]}},
        aggregations=aggregations,
        size=0,
    )
    found: Json = reply.get("aggregations", {})
    return found


def _buckets(found: Json) -> list[Json]:
    buckets: list[Json] = found["groups"]["buckets"] if found else []
    return buckets


def _by(field: str, size: int, order: Json | None = None) -> Json:
    terms: Json = {"field": field, "size": size}
    # By default the order is that of how many documents there are. Any other one is exact only if
    # each day's index tells of all values.
    return {"terms": terms | ({"order": order, "shard_size": ALL_LABELS} if order else {})}


def _is(field: str, value: str) -> Json:
    return {"term": {field: value}}


def _first(found: Json, default: str) -> str:
    buckets = found["buckets"]
    return str(buckets[0]["key"]) if buckets else default
