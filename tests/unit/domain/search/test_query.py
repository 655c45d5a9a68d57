import pytest
from msgspec.structs import replace

from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.search.picture import SearchedObject, SearchedPicture
from pycturestream.domain.search.query import Hours, ObjectConditions, Query
from tests.builders import NOON

SATURDAY, SUNDAY, MONDAY = 6, 7, 1


def thing(label="person", score=0.8, box=(0.1, 0.2, 0.3, 0.9), track="gate#1", zones=()):
    return SearchedObject(label, score, BoundingBox(*box), track, "middle left", zones)


def picture(*objects, **fields):
    default = SearchedPicture(
        id="a", run="live", camera_id="gate", site="north", captured_at=NOON, weekday=SATURDAY,
        hour=12, objects=objects, levels=(),
    )  # fmt: skip
    return replace(default, **fields)


def of_object(**conditions):
    return {"conditions": ObjectConditions(**conditions)}


def test_a_query_without_conditions_matches_every_live_picture():
    assert Query().matches(picture())
    assert Query().matches(picture(thing()))
    assert not Query().matches(picture(run="try-1"))
    assert Query(run="try-1").matches(picture(run="try-1"))


def test_cameras_and_sites_are_choices():
    assert Query(cameras=("yard", "gate")).matches(picture())
    assert not Query(cameras=("yard",)).matches(picture())
    assert Query(sites=("south", "north")).matches(picture())
    assert not Query(cameras=("gate",), sites=("south",)).matches(picture())


def test_phones_of_the_seeing_aid_may_be_left_out():
    phone = replace(picture(), camera_id="eye-0123456789abcdef")
    assert Query().matches(phone)
    assert not Query(phones=False).matches(phone)
    assert Query(phones=False).matches(replace(picture(), camera_id="eye-lens"))


def test_the_end_of_a_time_is_not_part_of_it():
    assert Query(since=NOON, until=NOON + 1).matches(picture())
    assert not Query(since=NOON + 1).matches(picture())
    assert not Query(until=NOON).matches(picture())


def test_each_label_must_be_there_and_none_of_the_others():
    both = picture(thing("person"), thing("car"))

    assert Query(labels=("person", "car")).matches(both)
    assert not Query(labels=("person", "dog")).matches(both)
    assert Query(labels=("car",), without=("dog",)).matches(both)
    assert not Query(labels=("car",), without=("dog", "person")).matches(both)


def test_conditions_hold_of_one_object_of_each_label():
    shown = picture(
        thing("person", 0.4, zones=("door",)), thing("person", 0.9), thing("car", 0.7)
    )  # fmt: skip

    assert Query(labels=("person",), **of_object(zone="door")).matches(shown)
    assert not Query(labels=("person",), **of_object(zone="door", min_score=0.5)).matches(shown)
    assert Query(labels=("person", "car"), **of_object(min_score=0.7)).matches(shown)
    assert not Query(labels=("person", "car"), **of_object(min_score=0.8)).matches(shown)
    assert Query(**of_object(zone="door")).matches(shown)
    assert not Query(**of_object(zone="lawn")).matches(shown)


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ({"min_score": 0.8, "max_score": 0.8}, True),
        ({"max_score": 0.79}, False),
        ({"min_size": 0.14, "max_size": 0.14}, True),
        ({"min_size": 0.140001}, False),
        ({"inside": BoundingBox(0.1, 0.2, 0.3, 0.9)}, True),
        ({"inside": BoundingBox(0, 0, 0.5, 1)}, True),
        ({"inside": BoundingBox(0.2, 0, 1, 1)}, False),
        ({"inside": BoundingBox(0, 0, 1, 0.5)}, False),
        ({"sector": "middle left"}, True),
        ({"sector": "center"}, False),
        ({"track_id": "gate#1"}, True),
        ({"track_id": "gate#2"}, False),
    ],
)
def test_each_condition_is_about_score_size_place_or_track(conditions, holds):
    assert Query(**of_object(**conditions)).matches(picture(thing())) is holds


def test_objects_are_counted_in_the_whole_picture():
    shown = picture(thing("person", zones=("door",)), thing("person"), thing("car"))

    assert Query(labels=("person",), min_count=2, **of_object(zone="door")).matches(shown)
    assert not Query(labels=("person",), min_count=3).matches(shown)
    assert not Query(labels=("person", "car"), min_count=2).matches(shown)
    assert Query(min_count=2).matches(shown)  # of any one label
    assert not Query(min_count=3).matches(shown)
    assert Query(labels=("car",), max_count=1).matches(shown)
    assert not Query(labels=("person",), max_count=1).matches(shown)
    assert not Query(max_count=1).matches(shown)
    assert Query(max_count=0).matches(picture())


def test_a_night_belongs_to_the_day_on_which_it_begins():
    night = Query(weekdays=frozenset({SATURDAY}), hours=Hours(22, 6))

    assert night.matches(picture(weekday=SATURDAY, hour=22))
    assert night.matches(picture(weekday=SUNDAY, hour=5))
    assert not night.matches(picture(weekday=SUNDAY, hour=6))
    assert not night.matches(picture(weekday=SATURDAY, hour=5))  # Friday's night
    assert not night.matches(picture(weekday=SUNDAY, hour=22))
    sunday = Query(weekdays=frozenset({SUNDAY}), hours=Hours(22, 6))
    assert sunday.matches(picture(weekday=MONDAY, hour=0))


def test_hours_of_one_day_end_before_their_end():
    office = Query(hours=Hours(8, 18))

    assert [hour for hour in range(24) if office.matches(picture(hour=hour))] == list(range(8, 18))


@pytest.mark.parametrize("hours", [Hours(8, 8), Hours(0, 24), Hours(0, 0)])
def test_a_whole_day_has_every_hour(hours):
    saturday = Query(weekdays=frozenset({SATURDAY}), hours=hours)
    found = [
        (day, hour)
        for day in (SATURDAY, SUNDAY)
        for hour in range(24)
        if saturday.matches(picture(weekday=day, hour=hour))
    ]
    assert len(found) == 24


def test_a_level_is_a_lower_limit():
    shown = picture(levels=(1, 2))

    assert Query(min_level=2).matches(shown)
    assert not Query(min_level=3).matches(shown)
    assert not Query(min_level=1).matches(picture())
