from pycturestream.cli.formatting import in_view, local_when, passed, seen, threats, when
from tests.builders import NOON, count_record, detection_record


def test_what_is_seen_names_the_most_frequent_first():
    record = detection_record(labels=("car", "person", "person", "bicycle"))
    assert seen(record) == "person 2, bicycle 1, car 1"


def test_what_is_hidden_is_in_view():
    record = detection_record(labels=("car", "person"))
    hidden = {"label": "person", "track_id": "a#0", "sector": "center", "zones": []}
    record["hidden"] = [hidden, {**hidden, "label": "dog"}]
    assert in_view(record) == "person 2, car 1, dog 1"
    assert in_view(detection_record(labels=())) == "nothing"


def test_an_empty_picture_shows_nothing():
    assert seen(detection_record(labels=())) == "nothing"


def test_threats_name_their_rules_and_levels():
    record = detection_record(threats=[{"rule": "door", "level": 3, "alert_id": "a"}])
    assert threats(record) == "door (3)"


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
