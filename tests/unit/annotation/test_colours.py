"""Colours: readable on each other, and told apart by colour-blind people."""

from itertools import combinations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.annotation import colours
from pycturestream.annotation.colours import BLACK, WHITE, Colour, contrast, of_label, text_on

USED = (colours.OF_PEOPLE, *colours.OF_OTHERS, colours.OF_ZONES, colours.OF_THREATS)
SHADES = st.integers(0, 255)
ANY_COLOUR = st.builds(Colour, SHADES, SHADES, SHADES)

SEEN_BY = {
    "people who see all colours": np.eye(3),
    "people without red cones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "people without green cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "people without blue cones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
"""What linear red, green and blue become: Machado et al. 2009, "A physiologically-based model for
simulation of color vision deficiency", severity 1."""


def seen(colour: Colour, matrix) -> np.ndarray:
    """Return a colour in CIE Lab, as somebody sees it."""
    srgb = np.array(colour[::-1]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    there = np.clip(np.array(matrix) @ linear, 0, 1)
    back = np.where(there <= 0.0031308, there * 12.92, 1.055 * there ** (1 / 2.4) - 0.055)
    return cv2.cvtColor(back.astype(np.float32).reshape(1, 1, 3), cv2.COLOR_RGB2LAB)[0, 0]


@pytest.mark.parametrize("who", SEEN_BY)
def test_no_two_colours_look_the_same(who):
    for one, other in combinations(USED, 2):
        distance = np.linalg.norm(seen(one, SEEN_BY[who]) - seen(other, SEEN_BY[who]))
        assert distance > 10, (one, other)  # from about 2 on, two colours differ side by side


def test_contrast_is_that_of_wcag():
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(Colour(119, 119, 119), WHITE) == pytest.approx(4.48, abs=0.01)


@given(ANY_COLOUR)
def test_text_can_be_read_on_any_colour(background):
    assert contrast(text_on(background), background) >= 4.5


def test_a_label_has_its_colour_and_people_have_their_own():
    assert of_label("person") == colours.OF_PEOPLE
    assert {of_label(f"label {number}") for number in range(50)} == set(colours.OF_OTHERS)
    assert of_label("car") == of_label("car")
