"""What stores get of a record of the log."""

import msgspec
import pytest

from pycturestream.contracts.topics import COUNTS, DETECTIONS
from pycturestream.stores.elasticsearch import _document
from pycturestream.stores.record import DEPTH_LIMIT, BadRecord, decode_result
from tests.builders import count_record, detection_record, message


def test_the_bytes_of_the_log_are_passed_on_as_they_are():
    topic, value = message(DETECTIONS, detection_record())
    assert decode_result(topic, value).value is value


def test_a_record_that_spans_several_lines_is_put_on_one():
    topic, value = message(DETECTIONS, {**detection_record(), "note": "two\nlines"})
    record = decode_result(topic, msgspec.json.format(value, indent=2))
    assert b"\n" not in record.value
    assert msgspec.json.decode(record.value) == msgspec.json.decode(value)


def nested(levels, topic=DETECTIONS):
    """A message with an unknown field, nested so deeply, in a record of one level."""
    record = detection_record() if topic == DETECTIONS else count_record()
    _, value = message(topic, record)
    return topic, value[:-1] + b', "new": ' + b"[" * levels + b"]" * levels + b"}"


@pytest.mark.parametrize("topic", [DETECTIONS, COUNTS])
def test_what_is_decoded_can_be_encoded_again_however_deeply_it_is_nested(topic):
    assert _document(decode_result(*nested(DEPTH_LIMIT - 1, topic)))
    for levels in (DEPTH_LIMIT, 500, *range(980, 1010), 100_000):
        with pytest.raises(BadRecord, match=r"deep|JSON"):
            decode_result(*nested(levels, topic))


def test_many_parts_beside_each_other_are_not_deep():
    record = detection_record(labels=("person",) * 200)
    assert decode_result(*message(DETECTIONS, record)).fields == record
