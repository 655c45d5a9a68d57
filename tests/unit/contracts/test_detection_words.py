from pycturestream.contracts.detection_words import in_view, seen, threats
from tests.builders import detection_record


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
