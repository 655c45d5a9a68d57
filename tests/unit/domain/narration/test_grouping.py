import pytest

from pycturestream.domain.narration.grouping import SURE, groups_of, hour_of
from pycturestream.domain.narration.sentence import Group
from tests.unit.domain.narration.objects import thing

LEFT, CENTER, RIGHT = 0.1, 0.5, 0.9
TOP, MIDDLE, BOTTOM = 0.1, 0.5, 0.9


def places(*points, label="person"):
    return {group.place: group.count for group in groups_of(thing(label, *at) for at in points)}


@pytest.mark.parametrize(
    ("points", "groups"),
    [
        ([(LEFT, MIDDLE)], {"left": 1}),
        ([(LEFT, TOP)], {"top left": 1}),
        ([(CENTER, MIDDLE)], {"center": 1}),
        ([(CENTER, BOTTOM)], {"bottom center": 1}),
        ([(LEFT, TOP), (LEFT, MIDDLE), (LEFT, BOTTOM)] * 2, {"left": 6}),
        ([(CENTER, TOP), (CENTER, MIDDLE)], {"center": 2}),
        ([(LEFT, TOP), (RIGHT, TOP)], {"top": 2}),
        ([(LEFT, BOTTOM), (CENTER, BOTTOM), (RIGHT, BOTTOM)], {"bottom": 3}),
        ([(LEFT, MIDDLE), (RIGHT, MIDDLE)], {"left": 1, "right": 1}),
        ([(LEFT, TOP), (RIGHT, BOTTOM)], {"top left": 1, "bottom right": 1}),
        ([(LEFT, TOP), (LEFT, BOTTOM), (CENTER, MIDDLE)], {"left": 2, "center": 1}),
        ([(LEFT, MIDDLE), (CENTER, MIDDLE), (RIGHT, MIDDLE)], {"left": 1, "center": 1, "right": 1}),
        ([(LEFT, MIDDLE), (CENTER, MIDDLE), (RIGHT, MIDDLE), (RIGHT, TOP)], {"several": 4}),
    ],
)
def test_objects_of_a_label_are_merged_as_a_person_would_say_them(points, groups):
    assert places(*points) == groups


def test_objects_of_different_labels_are_never_merged():
    groups = groups_of([thing("car", LEFT), thing("person", LEFT)])
    assert [(group.label, group.count) for group in groups] == [("car", 1), ("person", 1)]


def test_unmerged_each_sector_is_a_group():
    items = [thing(x=LEFT, y=TOP), thing(x=LEFT, y=MIDDLE)]
    assert [group.place for group in groups_of(items, merged=False)] == ["left", "top left"]


def test_what_approaches_comes_first_and_by_itself():
    items = [thing(x=LEFT), thing(x=0.2), thing("car", RIGHT, approaching=True)]
    assert [(group.label, group.motion) for group in groups_of(items)] == [
        ("car", "approaching"),
        ("person", ""),
    ]


def test_the_largest_group_comes_before_the_others():
    items = [thing("car", LEFT), thing(x=RIGHT), thing(x=0.8)]
    assert [group.count for group in groups_of(items)] == [2, 1]


@pytest.mark.parametrize(
    ("certainties", "sure"),
    [([SURE], True), ([SURE - 0.01], False), ([0.9, 0.3], True), ([0.9, 0.3, 0.3], False)],
)
def test_a_group_is_sure_if_half_of_it_is(certainties, sure):
    items = [thing(x=0.1 + 0.01 * n, certainty=value) for n, value in enumerate(certainties)]
    assert [group.sure for group in groups_of(items)] == [sure]


@pytest.mark.parametrize(
    ("x", "hour"), [(0.0, 11), (0.25, 11), (0.35, 12), (0.5, 12), (0.65, 12), (0.75, 1), (1.0, 1)]
)
def test_an_hour_is_the_direction_in_which_the_camera_looks(x, hour):
    assert hour_of(x) == hour


def test_a_group_that_is_spread_out_has_no_hour():
    groups = groups_of([thing(x=LEFT, y=TOP), thing(x=RIGHT, y=TOP)])
    assert groups == (Group(2, "person", "top", hour=0),)


def test_nothing_has_no_groups():
    assert groups_of([]) == ()
