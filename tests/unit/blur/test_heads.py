import pytest

from pycturestream.blur.heads import head_of_face, head_of_person
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox

WIDE = Size(1000, 500)


def in_pixels(box: BoundingBox) -> list[float]:
    return [box.x_min * 1000, box.y_min * 500, box.x_max * 1000, box.y_max * 500]


def person(left: float, top: float, right: float, bottom: float) -> BoundingBox:
    return BoundingBox(left / 1000, top / 500, right / 1000, bottom / 500)


def test_of_somebody_who_stands_the_upper_third_is_covered_and_some_more_around_it():
    head = head_of_person(person(400, 100, 500, 400), WIDE)

    assert in_pixels(head) == pytest.approx([385, 70, 515, 200])


def test_of_somebody_who_is_cut_off_at_the_chest_more_is_covered():
    head = head_of_person(person(400, 200, 600, 500), WIDE)

    assert in_pixels(head) == pytest.approx([370, 170, 630, 330])


@pytest.mark.parametrize("bottom", [300, 240])
def test_of_somebody_who_lies_everything_is_covered(bottom):
    head = head_of_person(person(400, 200, 600, bottom), WIDE)

    assert in_pixels(head)[3] == pytest.approx(bottom)
    assert in_pixels(head)[0] < 400


def test_the_head_of_a_face_reaches_over_ears_hair_and_chin():
    head = head_of_face(person(400, 100, 440, 150))

    assert in_pixels(head) == pytest.approx([380, 70, 460, 160])
