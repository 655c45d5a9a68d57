"""What Elasticsearch gets of a detections record: the record, with what its boxes are searched by.

A list of four numbers can't be searched by position. So each object gets its box as four fields and
its size as a fifth one. The index does not keep them (`_source` in templates/detections.json): what
is read back is the record.
"""

from typing import Final

import msgspec
from msgspec import Struct

from pycturestream.contracts import topics
from pycturestream.contracts.codec import encode_record
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.search.picture import size_of
from pycturestream.stores.record import Record

SIDES: Final = ("x_min", "y_min", "x_max", "y_max")
SIZE: Final = "size"
ADDED: Final = tuple(f"objects.{name}" for name in (*SIDES, SIZE))
"""The fields that records do not have. Indices of before this module keep them, since their
mapping does not exclude them."""


class _Placed(Struct):
    """What is read of an object."""

    box: tuple[float, float, float, float]


def document(record: Record) -> bytes:
    """Return a record as Elasticsearch is to index it, as JSON on one line.

    A record whose objects have no boxes is returned as it is: Elasticsearch takes or rejects it.
    """
    objects = record.fields.get("objects")
    if record.topic != topics.DETECTIONS or not objects:
        return record.value
    try:
        placed = msgspec.convert(objects, list[_Placed])
    except msgspec.ValidationError:
        return record.value
    found = [{**each, **_added(it.box)} for each, it in zip(objects, placed, strict=True)]
    return encode_record({**record.fields, "objects": found})


def _added(box: tuple[float, float, float, float]) -> dict[str, float]:
    return {**dict(zip(SIDES, box, strict=True)), SIZE: size_of(BoundingBox(*box))}
