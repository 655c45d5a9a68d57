"""What a search for pictures needs beside the search: names that were mistyped, whose clock."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from difflib import get_close_matches

from elasticsearch import Elasticsearch

from pycturestream.detector.registry import FOLDER, ModelError, model_names, read_description
from pycturestream.domain.detection import FACE
from pycturestream.domain.search.query import Query
from pycturestream.errors import UsageError
from pycturestream.stores.picture_search import (
    CAMERA,
    LABEL,
    SITE,
    ZONE,
    known_values,
    time_zones,
)

NO_SETTINGS_CLOCK = "UTC"
"""The clock of a camera whose settings name no time zone."""
SHOWN = 12
"""Known names that are listed where none is like the one that was asked for."""


def require_known_labels(client: Elasticsearch, query: Query) -> None:
    """Raise UsageError for a label that no model has and that no record of the run shows.

    It is an error also where pictures are found: `--without persn` would leave out none.
    """
    unknown = {*query.labels, *query.without} - labels_of_models()
    if unknown:  # such as those of a model that is installed elsewhere, or no longer
        found = known_values(client, query.run, LABEL)
        for label in sorted(unknown.difference(found)):
            raise UsageError(not_known("label", label, {*labels_of_models(), *found}))


def unknown_names(client: Elasticsearch, query: Query) -> Iterator[str]:
    """Yield a sentence for each camera, site and zone of a query that no record of the run has."""
    zones = (query.conditions.zone,) if query.conditions.zone else ()
    for kind, field, names in (
        ("camera", CAMERA, query.cameras),
        ("site", SITE, query.sites),
        ("zone", ZONE, zones),
    ):
        if names:
            known = known_values(client, query.run, field)
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


def clock_of(client: Elasticsearch, query: Query) -> str:
    """Return the time zone that all cameras of a query have. Raises UsageError for several."""
    zones = sorted(time_zones(client, query))
    if len(zones) > 1:
        raise UsageError(
            f"these cameras have different clocks ({', '.join(zones)}): "
            "name one with --timezone, or choose cameras with --camera or --site"
        )
    return zones[0] if zones else NO_SETTINGS_CLOCK


def _listed(known: Iterable[str]) -> str:
    names = sorted(known)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(names[:SHOWN]) or "none") + more
