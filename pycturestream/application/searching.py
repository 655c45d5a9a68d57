"""What a search for pictures needs beside the search: names that were mistyped, whose clock."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

import msgspec

from pycturestream.application.picture_index import PictureIndex
from pycturestream.detector.registry import FOLDER, ModelError, model_names, read_description
from pycturestream.domain.detection import FACE
from pycturestream.domain.frames.frame import parse_frame_id
from pycturestream.domain.search.moment import End, LocalTime, Moment
from pycturestream.domain.search.order import Order
from pycturestream.domain.search.query import Query
from pycturestream.domain.search.words import Search, WordsError
from pycturestream.domain.times import Millis, to_local
from pycturestream.stores.picture_search import CAMERA, LABEL, SITE, ZONE, explain

Json = dict[str, Any]

NO_SETTINGS_CLOCK = "UTC"
"""The clock of a camera whose settings name no time zone."""
SHOWN = 12
"""Known names that are listed where none is like the one that was asked for."""


def require_known_labels(index: PictureIndex, query: Query, cameras: Sequence[str] = ()) -> None:
    """Raise WordsError for a label that no model has and that no record of the run shows.

    It is an error also where pictures are found: `--without persn` would leave out none. `cameras`:
    those whose records may be looked at, empty: all.
    """
    for name, labels in (("label", query.labels), ("without", query.without)):
        unknown = set(labels) - labels_of_models()
        if unknown:  # such as those of a model that is installed elsewhere, or no longer
            found = index.known(query.run, LABEL, cameras, phones=query.phones)
            for label in sorted(unknown.difference(found)):
                raise WordsError(name, not_known("label", label, {*labels_of_models(), *found}))


def unknown_names(index: PictureIndex, query: Query, cameras: Sequence[str] = ()) -> Iterator[str]:
    """Yield a sentence for each camera, site and zone of a query that no record of the run has.

    `cameras`: those whose records may be looked at, empty: all.
    """
    zones = (query.conditions.zone,) if query.conditions.zone else ()
    for kind, field, names in (
        ("camera", CAMERA, query.cameras),
        ("site", SITE, query.sites),
        ("zone", ZONE, zones),
    ):
        if names:
            known = index.known(query.run, field, cameras, phones=query.phones)
            yield from (not_known(kind, name, known) for name in names if name not in known)


def not_known(kind: str, name: str, known: Collection[str]) -> str:
    """Return a sentence that says so, and names the nearest known one."""
    by_lower = {each.lower(): each for each in known}
    if near := get_close_matches(name.lower(), by_lower, n=1):
        return f"no {kind} {name!r} is known: did you mean {by_lower[near[0]]!r}?"
    return f"no {kind} {name!r} is known; known: {_listed(known)}"


def labels_of_models() -> set[str]:
    """Return the labels of all models here whose description can be read, and that of faces."""
    labels = {FACE}
    for name in model_names():
        with suppress(ModelError):  # `models list` says what is wrong with it
            labels.update(read_description(FOLDER / name).labels)
    return labels


def clock_of(index: PictureIndex, query: Query) -> str:
    """Return the time zone that all cameras of a query have. Raises WordsError for several."""
    zones = sorted(index.time_zones(query))
    if len(zones) > 1:
        raise WordsError(
            "timezone",
            f"these cameras have different clocks ({', '.join(zones)}): name the one that is "
            "meant, or choose cameras or a site with one clock",
        )
    return zones[0] if zones else NO_SETTINGS_CLOCK


def with_times(index: PictureIndex, search: Search, now: Millis) -> tuple[Query, str]:
    """Return the query with its times, and whose clock they are by; empty: nobody asked for one.

    Raises WordsError.
    """
    clock = search.timezone
    if not clock and any(isinstance(each, LocalTime) for each in (search.since, search.until)):
        clock = clock_of(index, search.query)
    begin = _placed(search.since, now, clock, "since")
    end = _placed(search.until, now, clock, "until")
    if begin is not None and end is not None and begin >= end:
        shown = (to_local(at, clock or "UTC").isoformat(" ", "seconds") for at in (begin, end))
        raise WordsError("until", "the end must be after the start: {} to {}".format(*shown))
    return msgspec.structs.replace(search.query, since=begin, until=end), clock


def _placed(moment: Moment | None, now: Millis, clock: str, end: End) -> Millis | None:
    try:
        return moment.at(now, clock, end) if moment else None
    except ValueError as error:
        raise WordsError(end, str(error)) from error


def explained(query: Query, limit: int, order: Order) -> str:
    """Return what Elasticsearch is asked, as its console takes it."""
    name, body = explain(query, limit, order)
    return f"GET /{name}/_search\n{_indented(body)}\n"


def newest_record(index: PictureIndex, frame_id: str, run: str) -> Json | None:
    """Return the newest record of a frame; None where there is none. ValueError for no frame id."""
    camera_id, at = parse_frame_id(frame_id)
    # Several models may have processed it.
    found = index.at(run, camera_id, at)
    return max(found, key=lambda record: str(record["processed_at"]), default=None)


def _listed(known: Iterable[str]) -> str:
    names = sorted(known)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(names[:SHOWN]) or "none") + more


def _indented(value: object, room: int = 80, indent: str = "") -> str:
    """Return JSON in which what fits into `room` columns stands on one line."""
    line = msgspec.json.format(msgspec.json.encode(value), indent=0).decode()
    inner = indent + "  "
    match value:
        case dict() if len(line) > room:
            items = [
                f"{inner}{msgspec.json.encode(name).decode()}: {_indented(each, room - 2, inner)}"
                for name, each in value.items()
            ]
        case list() if len(line) > room:
            items = [inner + _indented(each, room - 2, inner) for each in value]
        case _:
            return line
    begin, end = "{}" if isinstance(value, dict) else "[]"
    return f"{begin}\n" + ",\n".join(items) + f"\n{indent}{end}"
