"""What false alarms were about, and which settings would have avoided them."""

from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.alerts.alert_command import AlertCommand
from pycturestream.domain.geometry import BoundingBox, contains, fault_of
from pycturestream.domain.reports.false_alarm import (
    Evidence,
    FalseAlarm,
    evidence,
    false_alarm_record,
    suggestion_record,
    suggestions,
)
from tests.builders import NOON, alert_record, detection_record

CONE = BoundingBox(0.70, 0.10, 0.74, 0.30)
DOOR = BoundingBox(0.10, 0.20, 0.30, 0.90)


def about(number, *, box=CONE, score=0.5, camera_id="gate", rule="nobody", label="person"):
    alert_id = f"{camera_id}:{rule}:{number}"
    return Evidence(alert_id, camera_id, rule, label, (), "t", "f", score, box)


def some(first, count=3, **fields):
    return [about(number, **fields) for number in range(first, first + count)]


def test_the_evidence_is_the_thing_of_the_alert():
    detections = detection_record(labels=("car", "person"))
    detections["objects"][0] |= {"score": 0.99, "box": [0.5, 0.5, 0.9, 0.8]}
    alert = alert_record() | {"track_ids": [detections["objects"][1]["track_id"]]}

    found = evidence(alert, detections)

    assert (found.score, found.box) == (0.81, BoundingBox(0.1, 0.2, 0.3, 0.9))
    assert (found.rule, found.label, found.zones) == ("stranger-at-door", "person", ("door",))


def test_an_alert_whose_detections_are_gone_or_that_is_about_no_thing_has_no_box():
    assert evidence(alert_record(), None).box is None
    assert evidence(alert_record() | {"track_ids": []}, detection_record()).score is None


def test_false_alarms_at_one_place_suggest_a_mask_there():
    false = [about(1), about(2, box=CONE.moved(0.005, 0)), about(3, box=CONE.moved(0, -0.01))]
    (found,) = suggestions(false, some(10, box=DOOR))
    assert (found.kind, found.camera_id, found.rule) == ("mask", "gate", None)
    assert found.value == ((0.69, 0.08), (0.755, 0.08), (0.755, 0.31), (0.69, 0.31))
    assert found.alert_ids == tuple(one.alert_id for one in false)
    assert "3 false alarms for person at one place" in found.why


def test_two_are_not_enough_and_neither_are_three_at_three_places():
    assert suggestions(some(1, 2), []) == []
    scattered = [about(n, box=CONE.moved(-0.2 * n, 0)) for n in range(3)]
    assert suggestions(scattered, []) == []


def test_no_mask_hides_what_was_right_or_most_of_the_picture():
    right = [about(10, box=CONE.moved(0.02, 0), label="car")]
    assert suggestions(some(1), right) == []
    assert suggestions(some(1, box=DOOR), []) == []


def test_the_same_place_of_another_camera_is_another_place():
    assert suggestions([*some(1, 2), about(3, camera_id="door")], []) == []
    (found,) = suggestions(some(1), [about(9, camera_id="door")])
    assert found.kind == "mask"


def test_false_alarms_that_all_score_below_the_right_alerts_suggest_a_score():
    false = [about(n, score=0.4 + n / 100, box=DOOR) for n in range(5)]
    right = [about(n, score=0.6 + n / 100, box=DOOR) for n in range(5, 9)]
    (found,) = suggestions(false, right)
    assert (found.kind, found.rule, found.value) == ("min_score", "nobody", 0.55)
    assert len(found.alert_ids) == 5
    assert found.why == "5 false alarms scored at most 0.44, and 4 true alerts at least 0.65"


def test_one_right_one_that_was_less_sure_forbids_a_score():
    false, right = some(1, score=0.5, box=DOOR), some(4, score=0.7, box=DOOR)
    assert suggestions(false, [*right, about(9, score=0.45, box=DOOR)]) == []


def test_false_alarms_outside_the_place_of_the_right_alerts_suggest_a_zone():
    false = [about(n, box=CONE.moved(-0.1 * n, 0)) for n in range(3)]
    right = [about(n, box=DOOR.moved(0.05 * n, 0)) for n in range(4, 7)]
    (found,) = suggestions(false, right)
    assert (found.kind, found.rule) == ("zone", "nobody")
    assert all(contains(found.value, one.box.bottom_center) for one in right)
    assert not any(contains(found.value, one.box.bottom_center) for one in false)


def test_records_are_plain_values():
    false = FalseAlarm(about(1), AlertCommand("wrong", "gate", "me", NOON, "gate:nobody:1"))
    assert false_alarm_record(false)["box"] == [0.7, 0.1, 0.74, 0.3]
    (mask,) = suggestions(some(1), [])
    assert suggestion_record(mask)["value"][0] == [0.69, 0.09]


sides = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted)
boxes = st.tuples(sides, sides).map(
    lambda both: BoundingBox(both[0][0], both[1][0], both[0][1], both[1][1])
)
seen = st.builds(
    about,
    st.integers(0, 10**9),
    box=st.none() | boxes | st.just(CONE),
    score=st.none() | st.floats(0, 1),
    camera_id=st.sampled_from(["gate", "door"]),
    rule=st.sampled_from(["nobody", "no-cars"]),
)


@given(
    st.lists(seen, max_size=12, unique_by=lambda one: one.alert_id),
    st.lists(seen, max_size=12),
)
def test_no_suggestion_ever_takes_a_right_alert_away(false, right):
    for found in suggestions(false, right):
        concerned = [one for one in right if one.camera_id == found.camera_id]
        if found.kind == "mask":
            assert not fault_of(found.value)
            assert not any(one.box and contains(found.value, one.box.center) for one in concerned)
        elif found.kind == "min_score":
            of_rule = [one for one in concerned if one.rule == found.rule]
            assert all(one.score >= found.value for one in of_rule if one.score is not None)
            assert all(one.score < found.value for one in false if one.alert_id in found.alert_ids)
