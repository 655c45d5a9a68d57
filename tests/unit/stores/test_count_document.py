import msgspec
import pytest

from pycturestream.contracts.topics import COUNTS
from pycturestream.domain.times import parse_rfc3339
from pycturestream.stores.count_document import ADDED, count_document
from pycturestream.stores.index_templates import template
from pycturestream.stores.record import decode_result
from tests.builders import count_record, message


def indexed(start, timezone):
    fields = count_record(window_start=parse_rfc3339(start)) | {"timezone": timezone}
    record = decode_result(*message(COUNTS, fields))
    document = msgspec.json.decode(count_document(record))
    return fields, document, tuple(document[name] for name in ADDED)


@pytest.mark.parametrize(
    ("start", "timezone", "when"),
    [
        ("2031-07-01T11:59:00.000Z", "UTC", ("2031-07-01", 2, 11)),
        ("2031-07-01T11:59:00.000Z", "Pacific/Kiritimati", ("2031-07-02", 3, 1)),
        ("2031-07-01T03:59:00.000Z", "America/New_York", ("2031-06-30", 1, 23)),
        # The hour that the clock of Vienna shows twice is one hour of the day.
        ("2031-10-26T00:30:00.000Z", "Europe/Vienna", ("2031-10-26", 7, 2)),
        ("2031-10-26T01:30:00.000Z", "Europe/Vienna", ("2031-10-26", 7, 2)),
    ],
)
def test_day_and_hour_are_those_of_the_camera(start, timezone, when):
    _, _, found = indexed(start, timezone)

    assert found == when


def test_nothing_else_changes():
    fields, document, _ = indexed("2031-07-01T11:59:00.000Z", "UTC")

    assert {name: document[name] for name in document if name not in ADDED} == fields


def test_the_index_keeps_the_record_only():
    mappings = template(COUNTS, "live", 0)["template"]["mappings"]

    assert set(mappings["_source"]["excludes"]) == set(ADDED) <= set(mappings["properties"])
