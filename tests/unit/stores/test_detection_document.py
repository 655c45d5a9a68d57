import msgspec
import pytest

from pycturestream.contracts.topics import COUNTS, DETECTIONS
from pycturestream.stores.detection_document import ADDED, document
from pycturestream.stores.index_templates import template
from pycturestream.stores.record import decode_result
from tests.builders import count_record, detection_record, message


def test_an_object_gets_the_sides_and_the_size_of_its_box():
    record = detection_record(labels=("person", "car"))

    written = msgspec.json.decode(document(decode_result(*message(DETECTIONS, record))))

    added = {"x_min": 0.1, "y_min": 0.2, "x_max": 0.3, "y_max": 0.9, "size": 0.14}
    assert written == {**record, "objects": [found | added for found in record["objects"]]}


def test_all_other_records_are_written_as_they_are():
    for topic, record in ((COUNTS, count_record()), (DETECTIONS, detection_record(labels=()))):
        result = decode_result(*message(topic, record))
        assert document(result) == result.value


@pytest.mark.parametrize(
    "objects",
    [5, "box", [1], [{"label": "x"}], [{"box": [1, 2, 3]}], [{"box": ["a", "b", "c", "d"]}]],
)
def test_a_record_without_boxes_is_written_as_it_is(objects):
    result = decode_result(*message(DETECTIONS, detection_record() | {"objects": objects}))
    assert document(result) == result.value


def test_what_is_added_is_searchable_and_not_kept():
    mappings = template(DETECTIONS, "live", 0)["template"]["mappings"]

    assert set(mappings["_source"]["excludes"]) == set(ADDED)
    for field in ADDED:
        path, name = field.split(".")
        assert mappings["properties"][path]["properties"][name]["type"] == "float"
