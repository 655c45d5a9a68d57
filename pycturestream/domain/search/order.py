"""In which order pictures are found."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal, get_args

from msgspec import Struct

from pycturestream.domain.search.picture import SearchedPicture
from pycturestream.domain.search.query import Query

Key = Literal["captured", "camera", "count", "score", "size", "level"]
KEYS: Final[tuple[Key, ...]] = get_args(Key)


class Order(Struct, frozen=True):
    """By a key; what is equal in it comes newest first."""

    key: Key = "captured"
    descending: bool = True


NEWEST_FIRST = Order()

_VALUES: Final[Mapping[Key, Callable[[SearchedPicture, Query], float]]] = {
    "captured": lambda picture, _: picture.captured_at,
    "count": lambda picture, query: sum(
        count for label, count in picture.counts.items() if label in (query.labels or (label,))
    ),
    "score": lambda picture, query: max(
        (found.score for found in picture.objects if query.is_about(found)), default=0
    ),
    "size": lambda picture, query: max(
        (found.size for found in picture.objects if query.is_about(found)), default=0
    ),
    "level": lambda picture, _: max(picture.levels, default=0),
}
"""The numbers that pictures are ordered by. Scores and sizes are the largest of those objects that
the query asks for, counts are of all objects of its labels."""


def ordered(
    pictures: Iterable[SearchedPicture], query: Query, order: Order
) -> list[SearchedPicture]:
    """Return pictures in this order. What is taken at the same moment goes by its id."""
    by_id = sorted(pictures, key=lambda picture: picture.id)
    newest_first = sorted(by_id, key=lambda picture: picture.captured_at, reverse=True)
    if order.key == "camera":
        return sorted(newest_first, key=lambda each: each.camera_id, reverse=order.descending)
    value = _VALUES[order.key]
    return sorted(newest_first, key=lambda each: value(each, query), reverse=order.descending)
