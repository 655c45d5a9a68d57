import pytest

from commands.wording import age, seen, threats, when
from tests.builders import detection_record


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (-5_000, "0 s"),
        (0, "0 s"),
        (3_900, "3 s"),
        (119_999, "119 s"),
        (120_000, "2 min"),
        (7_200_000, "2 h"),
        (172_800_000, "2 d"),
    ],
)
def test_an_age_reads_in_the_unit_that_fits(ms, text):
    assert age(ms) == text


def test_what_is_seen_names_the_most_frequent_first():
    record = detection_record(labels=("car", "person", "person", "bicycle"))
    assert seen(record) == "person 2, bicycle 1, car 1"


def test_an_empty_picture_shows_nothing():
    assert seen(detection_record(labels=())) == "nothing"


def test_threats_name_their_rules_and_levels():
    record = detection_record(threats=[{"rule": "door", "level": 3, "alert_id": "a"}])
    assert threats(record) == "door (3)"


def test_a_time_reads_to_the_second():
    assert when("2026-11-21T09:00:00.125Z") == "2026-11-21 09:00:00Z"
    assert when(None) == ""
