"""Sequences so small that every figure can be worked out by hand."""

from math import isnan

import pytest

from pycturestream.domain.geometry import BoundingBox
from pycturestream.evaluation.ground_truth import TruthBox
from pycturestream.evaluation.scoring import score
from pycturestream.evaluation.tracker import Identified

LEFT = BoundingBox(0.1, 0.2, 0.2, 0.6)
RIGHT = BoundingBox(0.7, 0.2, 0.8, 0.6)
ELSEWHERE = BoundingBox(0.4, 0.2, 0.5, 0.6)


def person(number, box, *, counts=True):
    return TruthBox(number, box, counts=counts)


def alerted(**boxes):
    """Return sightings by their identity."""
    return [Identified(identity, box) for identity, box in boxes.items()]


BOTH = (person(1, LEFT), person(2, RIGHT))


def test_who_is_always_found_and_kept_apart_is_perfect():
    truth = {0: BOTH, 1: BOTH}
    sightings = alerted(a=LEFT, b=RIGHT)

    scores = score(truth, {0: sightings, 1: sightings}, range(2))

    assert (scores.mota, scores.motp, scores.idf1) == (1, 1, 1)
    assert (scores.precision, scores.recall, scores.switches) == (1, 1, 0)
    assert (scores.people, scores.identities) == (2, 2)
    assert (scores.count_error, scores.frames) == (0, 2)


def test_a_miss_a_switch_and_a_false_one_cost_what_they_should():
    truth = {0: BOTH, 1: BOTH, 2: BOTH, 3: BOTH}
    sightings = {
        0: alerted(a=LEFT, b=RIGHT),
        1: alerted(a=LEFT),  # the right one is missed
        2: alerted(c=LEFT, b=RIGHT, d=ELSEWHERE),  # a has become c; d is no person
        3: alerted(c=LEFT, b=RIGHT),
    }

    scores = score(truth, sightings, range(4))

    assert scores.mota == pytest.approx(1 - (1 + 1 + 1) / 8)
    assert scores.recall == pytest.approx(7 / 8)
    assert scores.precision == pytest.approx(7 / 8)
    assert scores.switches == 1
    # One is a or c, each for two frames, two is b for three: 5 of 8 boxes on each side.
    assert scores.idf1 == pytest.approx(2 * 5 / (8 + 8))
    assert (scores.people, scores.identities) == (2, 4)
    assert scores.count_error == pytest.approx((0 + 1 + 1 + 0) / 4)


def test_a_box_beside_its_person_has_the_overlap_of_both():
    truth = {0: (person(1, LEFT),)}

    scores = score(truth, {0: alerted(a=LEFT.moved(0.01, 0))}, range(1))

    assert scores.motp == pytest.approx(0.09 / 0.11)


def test_half_an_overlap_is_needed():
    truth = {0: (person(1, LEFT),)}

    scores = score(truth, {0: alerted(a=LEFT.moved(0.04, 0))}, range(1))  # .06 / .14

    assert (scores.recall, scores.precision) == (0, 0)
    assert scores.mota == -1


def test_who_does_not_count_is_neither_missed_nor_wrongly_found():
    truth = {
        0: (person(1, LEFT), person(2, RIGHT, counts=False)),
        1: (person(1, LEFT), person(2, RIGHT, counts=False)),
    }
    sightings = {0: alerted(a=LEFT, b=RIGHT), 1: alerted(a=LEFT)}

    scores = score(truth, sightings, range(2))

    assert (scores.mota, scores.precision, scores.recall) == (1, 1, 1)
    assert (scores.people, scores.identities, scores.count_error) == (1, 1, 0)


def test_who_does_not_count_excuses_one_box_only():
    truth = {0: (person(1, LEFT), person(2, RIGHT, counts=False))}
    sightings = {0: alerted(a=LEFT, b=RIGHT, c=RIGHT.moved(0.005, 0))}

    scores = score(truth, sightings, range(1))

    assert scores.precision == pytest.approx(1 / 2)
    assert scores.count_error == 1


def test_who_does_not_count_excuses_no_box_that_hardly_touches_him():
    truth = {0: (person(1, LEFT), person(2, RIGHT, counts=False))}

    scores = score(truth, {0: alerted(a=LEFT, b=RIGHT.moved(0.05, 0))}, range(1))  # .05 / .15

    assert scores.precision == pytest.approx(1 / 2)


def test_who_counts_is_not_robbed_by_one_beside_him_who_does_not():
    truth = {0: (person(1, LEFT.moved(0.01, 0)), person(2, LEFT, counts=False))}

    scores = score(truth, {0: alerted(a=LEFT.moved(0.01, 0))}, range(1))

    assert (scores.mota, scores.recall) == (1, 1)


def test_only_the_frames_asked_for_are_scored():
    truth = {0: BOTH, 1: BOTH, 2: BOTH}
    sightings = {0: alerted(a=LEFT, b=RIGHT), 1: [], 2: alerted(a=LEFT, b=RIGHT)}

    scores = score(truth, sightings, range(0, 3, 2))

    assert (scores.mota, scores.frames) == (1, 2)


def test_without_results_there_is_no_precision():
    scores = score({0: BOTH}, {}, range(1))

    assert isnan(scores.precision)
    assert isnan(scores.motp)
    assert (scores.mota, scores.recall, scores.identities) == (0, 0, 0)
    assert scores.count_error == 2


def test_a_frame_with_nobody_in_it_counts_too():
    scores = score({0: (person(1, LEFT),)}, {0: alerted(a=LEFT), 1: alerted(a=LEFT)}, range(2))

    assert scores.mota == 0
    assert scores.precision == pytest.approx(1 / 2)
    assert scores.count_error == pytest.approx(1 / 2)
