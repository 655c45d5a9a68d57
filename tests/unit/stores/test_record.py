"""What stores get of a record of the log."""

import msgspec

from pycturestream.contracts.topics import DETECTIONS
from pycturestream.stores.record import decode_result
from tests.builders import detection_record, message


def test_the_bytes_of_the_log_are_passed_on_as_they_are():
    topic, value = message(DETECTIONS, detection_record())
    assert decode_result(topic, value).value is value


def test_a_record_that_spans_several_lines_is_put_on_one():
    topic, value = message(DETECTIONS, {**detection_record(), "note": "two\nlines"})
    record = decode_result(topic, msgspec.json.format(value, indent=2))
    assert b"\n" not in record.value
    assert msgspec.json.decode(record.value) == msgspec.json.decode(value)
