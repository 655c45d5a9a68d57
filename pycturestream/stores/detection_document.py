"""What Elasticsearch gets of a detections record: the record, with what its boxes are searched by.

A list of four numbers can't be searched by position. So each object gets its box as four fields and
its size as a fifth one. The index does not keep them (`_source` in templates/detections.json): what
is read back is the record.
"""

from collections.abc import Mapping
from typing import Any, Final

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


def document(record: Record) -> bytes:
    """Return a record as Elasticsearch is to index it, as JSON on one line."""
    objects = record.fields.get("objects")
    if record.topic != topics.DETECTIONS or not objects:
        return record.value
    return encode_record({**record.fields, "objects": [_with_sides(each) for each in objects]})


def _with_sides(found: Mapping[str, Any]) -> dict[str, Any]:
    box = found["box"]
    return {**found, **dict(zip(SIDES, box, strict=True)), SIZE: size_of(BoundingBox(*box))}
