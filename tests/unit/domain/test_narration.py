from itertools import pairwise

import pytest
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.detection import Detection
from pycturestream.domain.narration import Narration
from pycturestream.domain.quantity import quantity, with_article
from pycturestream.domain.zone_phrase import zone_phrase
from tests.scenes import LEFT_HALF, NINE, NOBODY_HERE, CameraRun, box, car, frame, guarded, person


def steady(*detections, frames=12, at=NINE):
    return [frame(detections, at=at + number * 500) for number in range(frames)]


def test_a_group_is_narrated_with_its_number_and_place():
    crowd = [person(0.02 + 0.03 * n, 0.35) for n in range(6)]
    assert CameraRun().see(*steady(*crowd)).sentences == ["Six people on the left."]


def test_groups_are_joined_to_one_sentence():
    scene = CameraRun().see(*steady(car(0.35, 0.4), person(0.02, 0.35), person(0.1, 0.35)))
    assert scene.sentences == ["Two people on the left and one car in the center."]


def test_nothing_is_repeated_while_nothing_changes():
    assert len(CameraRun().see(*steady(person(), frames=100)).sentences) == 1


def test_only_changes_are_narrated():
    scene = CameraRun().see(*steady(person(0.02, 0.35)))
    scene.see(*steady(person(0.02, 0.35), car(0.37, 0.4), at=NINE + 6_000))
    assert scene.sentences == ["One person on the left.", "One car in the center."]


def test_a_group_that_comes_back_is_narrated_again():
    one, other = person(0.02, 0.35), car(0.37, 0.4)
    scene = CameraRun().see(*steady(one, other)).see(*steady(one, at=NINE + 6_000))
    scene.see(*steady(one, other, at=NINE + 12_000))
    assert scene.sentences[-1] == "One car in the center."


def test_groups_that_did_not_fit_into_a_sentence_are_in_the_next():
    corners = [(0.02, 0.02), (0.8, 0.02), (0.02, 0.69), (0.8, 0.69)]
    scene = CameraRun().see(*steady(*(person(x, y) for x, y in corners)))
    assert len(scene.sentences) == 2
    assert all(
        f"{row} {side}" in " ".join(scene.sentences)
        for row in ("top", "bottom")
        for side in ("left", "right")
    )


def test_an_empty_view_is_narrated_once():
    scene = CameraRun().see(*steady(person())).see(*steady(frames=20, at=NINE + 6_000))
    assert scene.sentences[1:] == ["Nothing in view."]


def test_an_empty_view_from_the_beginning_is_not_worth_a_sentence():
    assert not CameraRun().see(*steady(frames=20)).sentences


def test_a_sentence_waits_until_the_previous_one_can_have_been_spoken():
    scene = CameraRun()
    for number in range(40):
        scene.see(frame([person(0.02 + 0.022 * number, 0.35)], at=NINE + number * 500))
    times = [narration.captured_at for narration in scene.of(Narration)]
    assert len(times) > 1
    assert all(later - earlier >= 3_000 for earlier, later in pairwise(times))


def test_a_flicker_of_one_frame_is_not_narrated():
    scene = CameraRun().see(*steady(person()), frame([person(), car()], at=NINE + 6_000))
    scene.see(*steady(person(), at=NINE + 6_500))
    assert len(scene.sentences) == 1


def test_danger_comes_first_and_at_once():
    camera = guarded(zones=(LEFT_HALF,))
    scene = CameraRun(camera).see(*steady(person(0.02, 0.35), frames=3))
    (narration,) = scene.of(Narration)
    assert narration.text.startswith("Warning: a person in the left-half.")
    assert narration.priority == NOBODY_HERE.level


def test_a_camera_without_narration_emits_no_sentence():
    assert not CameraRun(Camera("gate", narration=False)).see(*steady(person())).sentences


@pytest.mark.parametrize(
    ("label", "number", "text"),
    [
        ("person", 1, "one person"),
        ("person", 12, "twelve people"),
        ("person", 13, "13 people"),
        ("bus", 2, "two buses"),
        ("sheep", 3, "three sheep"),
        ("scissors", 1, "a pair of scissors"),
        ("knife", 2, "two knives"),
        ("broccoli", 2, "two pieces of broccoli"),
    ],
)
def test_quantities_are_spoken_as_people_do(label, number, text):
    assert quantity(label, number) == text


@pytest.mark.parametrize(
    ("label", "number", "text"),
    [
        ("person", 1, "a person"),
        ("umbrella", 1, "an umbrella"),
        ("broccoli", 1, "a piece of broccoli"),
        ("skis", 1, "a pair of skis"),
        ("person", 2, "two people"),
    ],
)
def test_one_object_has_its_article(label, number, text):
    assert with_article(label, number) == text


@pytest.mark.parametrize(
    ("zones", "phrase"),
    [
        (["driveway"], "in the driveway"),
        (["on the lawn"], "on the lawn"),
        (["the yard"], "in the yard"),
        (["Hall 2"], "in Hall 2"),
        (["2nd floor"], "in 2nd floor"),
        (["inside"], "inside"),
        (["inner yard"], "in the inner yard"),
        (["driveway", "at the gate"], "in the driveway and at the gate"),
        ([], ""),
    ],
)
def test_a_zone_gets_the_words_that_its_name_lacks(zones, phrase):
    assert zone_phrase(zones) == phrase


def test_a_warning_has_the_number_of_its_alert():
    camera = guarded(replace(NOBODY_HERE, count=2), zones=(LEFT_HALF,))
    scene = CameraRun(camera).see(*steady(person(0.02, 0.35), person(0.2, 0.35), frames=3))
    (narration,) = scene.of(Narration)
    assert narration.text.startswith("Warning: two people in the left-half.")


def test_an_object_in_a_corner_is_narrated_with_its_corner():
    tree = Detection("tree", 0.9, box(0.02, 0.02, 0.2, 0.2))
    assert CameraRun().see(*steady(tree)).sentences == ["One tree at the top left."]
