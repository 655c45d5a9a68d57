import pytest
from msgspec.structs import replace

from pycturestream.domain.search.order import Order, ordered
from pycturestream.domain.search.query import ObjectConditions, Query
from tests.builders import NOON
from tests.unit.domain.search.test_query import picture, thing

SHOWN = (
    picture(thing("person", 0.5), thing("person", 0.6), id="old", camera_id="yard", levels=(3, 1)),
    picture(thing("person", 0.9, (0, 0, 0.1, 0.1)), thing("car", 0.99), id="mid", levels=(2,)),
    picture(id="new", camera_id="attic"),
)
PICTURES = [replace(each, captured_at=NOON + place) for place, each in enumerate(SHOWN)]


def ids(order, query=None):
    return [each.id for each in ordered(PICTURES, query or Query(), order)]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("captured", ["old", "mid", "new"]),
        ("camera", ["new", "mid", "old"]),
        ("count", ["new", "mid", "old"]),
        ("score", ["new", "old", "mid"]),
        ("level", ["new", "mid", "old"]),
    ],
)
def test_pictures_come_in_the_order_of_a_key(key, expected):
    assert ids(Order(key, descending=False)) == expected
    if key != "count":  # two are equal there, and stay newest first
        assert ids(Order(key, descending=True)) == expected[::-1]


def test_what_is_equal_comes_newest_first_in_both_directions():
    assert ids(Order("count", descending=True)) == ["mid", "old", "new"]
    assert ids(Order("count", descending=False)) == ["new", "mid", "old"]


def test_what_is_taken_at_the_same_moment_goes_by_its_id():
    same = [replace(each, captured_at=NOON) for each in PICTURES]
    assert [each.id for each in ordered(same, Query(), Order())] == ["mid", "new", "old"]


def test_only_the_objects_that_were_asked_for_count():
    people = Query(labels=("person",))
    assert ids(Order("count"), people) == ["old", "mid", "new"]
    assert ids(Order("size"), people) == ["old", "mid", "new"]
    unsure = Query(labels=("person",), conditions=ObjectConditions(max_score=0.7))
    assert ids(Order("score"), unsure) == ["old", "new", "mid"]
