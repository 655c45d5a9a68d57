"""The sentences at the top of a report."""

from pycturestream.domain.reports import sentences
from pycturestream.domain.reports.alert_rates import CameraRate, Mark
from pycturestream.domain.reports.attendance import DayCame, LineCame
from pycturestream.domain.reports.camera_health import camera_health
from pycturestream.domain.reports.common_labels import CommonLabel
from pycturestream.domain.reports.hours_of_week import hours_of_week
from pycturestream.domain.reports.tallies import AccountTally, PresenceTally, WeekHourTally
from tests.builders import NOON


def rate(camera_id, alerts, direction=None, expected=4.0):
    mark = Mark("peers", direction, expected, 0.0001, "why") if direction else None
    return CameraRate(camera_id, alerts, 24.0, (mark,) if mark else (), ())


def test_days_name_the_one_with_the_most():
    days = [
        DayCame("2026-11-23", 90),
        DayCame("2026-11-24", 1_412),
        DayCame("2026-11-25", None),
        DayCame("2026-11-26", 0),
    ]
    assert sentences.sentences_of_days(days, "person") == [
        "1,502 different people came.",
        "Tuesday, 24 November had the most people: 1,412.",
    ]


def test_two_days_are_too_few_for_one_with_the_most():
    days = [DayCame("2026-11-24", 3), DayCame("2026-11-25", 0)]
    assert sentences.sentences_of_days(days, "dog") == ["3 different dogs came."]


def test_one_is_no_plural():
    days = [DayCame("2026-11-24", 1)]
    assert sentences.sentences_of_days(days, "person") == ["1 person came."]
    assert sentences.sentences_of_days(days, "dog") == ["1 dog came."]
    week = hours_of_week([WeekHourTally(5, 9, 60, 1)], 1 / 60)
    assert sentences.sentences_of_hours(week, "person") == [
        "The busiest hour: Friday, 09:00 to 10:00, 1 person at a camera."
    ]
    labels = [CommonLabel("gate", "dog", 1, 1.0)]
    assert sentences.sentences_of_labels(labels) == ["The most common class: dog (1 of 1 object)."]
    seen = camera_health([PresenceTally("gate", online=True)], [AccountTally("gate", 1, 1)], NOON)
    assert sentences.sentences_of_health(seen)[-1] == (
        "Of 1 picture, 0 (0.0%) were dropped and 0 rejected."
    )


def test_of_what_was_never_seen_nothing_is_said():
    assert sentences.sentences_of_days([DayCame("2026-11-24", None)], "person") == []
    assert sentences.sentences_of_days([], "person") == []
    assert sentences.sentences_of_hours([], "person") == []
    assert sentences.sentences_of_labels([]) == []
    assert sentences.sentences_of_lines([]) == []
    assert sentences.sentences_of_rates([]) == []
    assert sentences.sentences_of_health([]) == []


def test_the_busiest_hour_ends_at_midnight_at_the_latest():
    week = hours_of_week([WeekHourTally(5, 23, 60, 12)], 1 / 60)
    assert sentences.sentences_of_hours(week, "person") == [
        "The busiest hour: Friday, 23:00 to 00:00, 12 people at a camera."
    ]


def test_the_most_common_class_is_that_of_all_cameras_together():
    labels = [
        CommonLabel("gate", "car", 5, 0.6),
        CommonLabel("gate", "dog", 4, 0.4),
        CommonLabel("roof", "dog", 3, 1.0),
    ]
    assert sentences.sentences_of_labels(labels) == [
        "The most common class: dog (7 of 12 different objects)."
    ]


def test_lines_are_one_or_many():
    door, road = LineCame("gate", "door", 3, 1), LineCame("gate", "road", 1_000, 2)
    assert sentences.sentences_of_lines([door]) == ["door was crossed 3 times in and once out."]
    assert sentences.sentences_of_lines([door, road]) == [
        "2 lines were crossed 1,003 times in and 3 times out."
    ]


def test_marked_cameras_are_named_with_what_was_expected():
    rates = [rate("gate", 41, "above", 12.04), rate("roof", 0, "below", 7.2), rate("yard", 7)]
    assert sentences.sentences_of_rates(rates) == [
        "gate (41, 12 expected) had too many alerts.",
        "roof (0, 7.2 expected) had too few alerts.",
        "48 alerts at 3 cameras.",
    ]


def test_of_many_marked_cameras_three_are_named():
    first, *_ = sentences.sentences_of_rates([rate(name, 1_234, "above", 300) for name in "abcde"])
    assert first == (
        "a (1,234, 300 expected), b (1,234, 300 expected), c (1,234, 300 expected) and 2 more "
        "had too many alerts."
    )


def test_without_marks_that_is_said():
    assert sentences.sentences_of_rates([rate("gate", 1)]) == [
        "1 alert at 1 camera, and none had too many or too few."
    ]


def test_health_names_who_is_offline_or_without_results():
    presence = [
        PresenceTally("gate", online=False, changed_at=NOON, last_result_at=NOON),
        PresenceTally("roof", online=True, changed_at=NOON, last_result_at=NOON - 3_600_000),
        PresenceTally("yard", online=True, changed_at=NOON, last_result_at=NOON),
    ]
    accounts = [AccountTally("yard", 1_000, 988, {"stale": 10}, {"not-jpeg": 2})]
    assert sentences.sentences_of_health(camera_health(presence, accounts, NOON)) == [
        "gate is offline.",
        "roof is online without results.",
        "Of 1,000 pictures, 10 (1.0%) were dropped and 2 rejected.",
    ]


def test_all_is_well():
    found = camera_health(
        [PresenceTally("gate", online=True, changed_at=NOON, last_result_at=NOON)], [], NOON
    )
    assert sentences.sentences_of_health(found) == ["All cameras are online."]
