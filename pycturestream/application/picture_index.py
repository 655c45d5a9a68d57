"""Where a search for pictures looks: Elasticsearch."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from elasticsearch import Elasticsearch

from pycturestream.domain.search.order import Order
from pycturestream.domain.search.query import Query
from pycturestream.domain.times import Millis
from pycturestream.stores.archived import with_archive
from pycturestream.stores.picture_search import (
    Page,
    Position,
    find_page,
    find_pictures,
    known_values,
    time_zones,
)
from pycturestream.stores.search import ALL, Scope, find_detections

Json = dict[str, Any]


class PictureIndex(Protocol):
    """Finds the detections records of pictures; each says where its picture is archived."""

    def find(self, query: Query, order: Order, limit: int) -> Iterator[Json]:
        """Return at most so many of the pictures that match, in order."""
        ...

    def page(self, query: Query, order: Order, size: int, after: Position | None) -> Page:
        """Return the next pictures after a position of an earlier page; None: the first ones."""
        ...

    def at(self, run: str, camera_id: str, captured_at: Millis) -> Iterable[Json]:
        """Return the records of one frame: one for each model that processed it."""
        ...

    def known(
        self, run: str, field: str, cameras: Sequence[str] = (), *, phones: bool = True
    ) -> list[str]:
        """Return the values of CAMERA, SITE, LABEL or ZONE, the most frequent first.

        `cameras`: in records of these only, empty: of all; `phones`: also in those of phones of the
        seeing aid.
        """
        ...

    def time_zones(self, query: Query) -> set[str]:
        """Return the time zones of the cameras that a query asks for."""
        ...


@dataclass(frozen=True, slots=True)
class ElasticsearchPictures:
    """PictureIndex in Elasticsearch.

    Lets elasticsearch.ApiError and elasticsearch.TransportError through.
    """

    client: Elasticsearch

    def find(self, query: Query, order: Order, limit: int) -> Iterator[Json]:
        return with_archive(self.client, find_pictures(self.client, query, limit, order))

    def page(self, query: Query, order: Order, size: int, after: Position | None) -> Page:
        found = find_page(self.client, query, order, size, after)
        return Page(list(with_archive(self.client, found.records)), found.end, found.found)

    def at(self, run: str, camera_id: str, captured_at: Millis) -> Iterable[Json]:
        scope = Scope(run, camera_id, since=captured_at, until=captured_at + 1)
        return find_detections(self.client, scope, ALL)

    def known(
        self, run: str, field: str, cameras: Sequence[str] = (), *, phones: bool = True
    ) -> list[str]:
        return known_values(self.client, run, field, cameras, phones=phones)

    def time_zones(self, query: Query) -> set[str]:
        return time_zones(self.client, query)
