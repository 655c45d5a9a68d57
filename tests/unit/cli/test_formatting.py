from pycturestream.cli.formatting import local_when, passed, when
from tests.builders import NOON, count_record


def test_a_time_reads_to_the_second():
    assert when("2026-11-21T09:00:00.125Z") == "2026-11-21 09:00:00Z"
    assert when(None) == ""


def test_a_local_time_reads_as_on_a_clock_at_the_camera():
    assert local_when(NOON, "Europe/Vienna") == "2026-11-21 13:00+01:00"


def test_a_count_names_the_borders_that_were_passed():
    record = count_record()
    record["entered"].append({"zone": "lawn", "count": 0})
    record["crossed"].append({"line": "sill", "in": 0, "out": 0})
    assert passed(record) == ("door 2", "door 1", "gate 1 in 0 out")


def test_a_count_of_an_older_program_names_what_it_knows():
    record = count_record()
    del record["left"]
    assert passed(record) == ("door 2", "", "gate 1 in 0 out")
