"""What Elasticsearch gets of a counts record: the record, with when it was at the camera.

Sums by the day or by the hour of the week need that, and a search can't compute it from a time and
a time zone. The index does not keep it (`_source` in templates/counts.json): what is read back is
the record.
"""

from typing import Any, Final

from pycturestream.contracts.codec import encode_record
from pycturestream.domain.times import local_minute
from pycturestream.stores.record import Record

ADDED: Final = ("day", "weekday", "hour")
"""The fields that records do not have."""


def count_document(record: Record) -> bytes:
    """Return a counts record as Elasticsearch is to index it, as JSON on one line."""
    at = local_minute(record.filed_at, record.fields.get("timezone", "UTC"))
    values: tuple[Any, ...] = at.date().isoformat(), at.isoweekday(), at.hour
    return encode_record({**record.fields, **dict(zip(ADDED, values, strict=True))})
