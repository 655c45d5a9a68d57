import io
from itertools import islice

import msgspec
from jsonschema import Draft202012Validator
from rich.console import Console

from benchmarks.search import Asked, Filled, _queries, detection_records, search_tables
from pycturestream.contracts.detections import read_searched
from pycturestream.contracts.results import check_result
from pycturestream.contracts.schemas import schema
from pycturestream.contracts.topics import DETECTIONS
from tests.builders import NOON


def test_records_are_as_the_job_writes_them():
    validator = Draft202012Validator(schema(DETECTIONS))
    for topic, value in islice(detection_records(NOON, 1_000_000), 300):
        assert topic == DETECTIONS
        record = msgspec.json.decode(value)
        validator.validate(record)
        check_result(topic, record)


def test_every_search_but_one_finds_something():
    made = [
        read_searched(msgspec.json.decode(value)) for _, value in detection_records(NOON, 5_000)
    ]
    found = {
        name: sum(query.matches(picture) for picture in made) for name, query, _ in _queries(NOON)
    }
    assert [name for name, number in found.items() if not number] == ["no such thing"]


def test_the_tables_have_every_figure():
    console = Console(width=100, file=io.StringIO())
    for table in search_tables(Filled(1_000_000, 4_321.5, 612), {"truck": Asked(20, 4.2, 17.8)}):
        console.print(table)
    printed = console.file.getvalue()
    for figure in ("1,000,000", "4,322", "612", "truck", "20", "18"):
        assert figure in printed
    assert DETECTIONS in printed.lower()
