from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.tracking.far_pairs import (
    ALIKE,
    CLEARLY,
    FASTEST,
    LONGEST_S,
    LeftOver,
    pair_far,
)

ASPECT = 16 / 9
WIDTH, HEIGHT = 0.1, 0.06
"""Of a car from the side."""


def box(x, y=0.5, width=WIDTH, height=HEIGHT):
    """Return the box whose center is at x, y."""
    return BoundingBox(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def once(x, y=0.5, *, index=0, label="car", **size):
    return LeftOver(index, label, box(x, y, **size), None)


def moving(x, velocity, y=0.5, **size):
    return LeftOver(0, "car", box(x, y, **size), velocity)


def found(x, y=0.5, *, label="car", **size):
    return Detection(label, 0.8, box(x, y, **size))


def pairs(objects, detections, seconds=0.5):
    return pair_far(objects, dict(enumerate(detections)), ASPECT, seconds)


class TestWhatWasSeenOnce:
    def test_is_found_again_beyond_its_own_place(self):
        assert pairs([once(0.3, index=7)], [found(0.5)]) == {0: 7}

    def test_is_found_up_or_down_the_picture_too(self):
        assert pairs([once(0.3)], [found(0.3, 0.7)]) == {0: 0}

    def test_is_not_found_beyond_what_is_fast(self):
        farthest = FASTEST * WIDTH * 0.1
        assert pairs([once(0.3)], [found(0.3 + 0.99 * farthest)], 0.1) == {0: 0}
        assert pairs([once(0.3)], [found(0.3 + 1.01 * farthest)], 0.1) == {}

    def test_has_the_same_label(self):
        assert pairs([once(0.3)], [found(0.5, label="bus")]) == {}

    def test_is_as_large(self):
        for factor in (1.05 * ALIKE, 1 / (1.05 * ALIKE)):
            assert pairs([once(0.3)], [found(0.5, width=factor * WIDTH)]) == {}
            assert pairs([once(0.3)], [found(0.5, height=factor * HEIGHT)]) == {}
        assert pairs([once(0.3)], [found(0.5, width=0.95 * ALIKE * WIDTH)]) == {0: 0}

    def test_may_be_cut_off_by_the_edge_of_the_picture(self):
        entering = LeftOver(0, "car", BoundingBox(0.0, 0.47, 0.03, 0.53), None)
        assert pairs([entering], [found(0.25)]) == {0: 0}
        higher = found(0.25, height=2 * HEIGHT)
        assert pairs([entering], [higher]) == {}

    def test_is_not_looked_for_after_a_long_gap(self):
        assert pairs([once(0.3)], [found(0.5)], LONGEST_S) == {0: 0}
        assert pairs([once(0.3)], [found(0.5)], LONGEST_S + 0.1) == {}


class TestWhatCompetes:
    def test_two_detections_that_could_both_be_meant_are_new_objects(self):
        assert pairs([once(0.5)], [found(0.3), found(0.7)]) == {}
        assert pairs([once(0.5)], [found(0.65), found(0.65 + 0.1)]) == {}

    def test_two_objects_that_could_both_be_meant_are_gone(self):
        assert pairs([once(0.3, index=0), once(0.75, index=1)], [found(0.5)]) == {}

    def test_what_is_clearly_nearer_is_meant(self):
        near, far = found(0.6), found(0.5 + 0.1 * CLEARLY + 0.01)
        assert pairs([once(0.5)], [near, far]) == {0: 0}
        assert pairs([once(0.5)], [far, near]) == {1: 0}

    def test_of_many_on_one_spot_none_is_meant(self):
        assert pairs([once(0.3, index=n) for n in range(3)], [found(0.3)] * 3) == {}

    def test_pairs_that_share_nothing_do_not_compete(self):
        objects = [once(0.1, 0.2, index=4), once(0.1, 0.9, index=5)]
        assert pairs(objects, [found(0.3, 0.9), found(0.3, 0.2)]) == {0: 5, 1: 4}

    def test_what_can_not_be_meant_does_not_compete(self):
        others = [found(0.3, label="bus"), found(0.35, width=0.2), found(0.4, height=0.2)]
        assert pairs([once(0.5)], [found(0.7), *others]) == {0: 0}


class TestWhatGoesOnInItsDirection:
    """Coming down the picture towards the camera, by a tenth of its height in half a second."""

    VELOCITY = (0.0, 0.2)

    def moved(self, down, growth, across=0.0):
        there = found(0.5 + across, 0.3 + down, width=growth * WIDTH, height=growth * HEIGHT)
        return pairs([moving(0.5, self.VELOCITY, 0.3)], [there])

    def test_takes_longer_steps_as_it_grows(self):
        assert self.moved(0.3, growth=2.0) == {0: 0}
        assert self.moved(0.3, growth=1.2) == {}

    def test_takes_shorter_steps_as_it_becomes_smaller(self):
        assert self.moved(0.04, growth=0.7) == {0: 0}
        assert self.moved(0.02, growth=0.7) == {}

    def test_does_not_turn_or_come_back(self):
        assert self.moved(0.2, growth=1.5, across=0.05) == {0: 0}
        assert self.moved(0.2, growth=1.5, across=0.1) == {}
        assert self.moved(-0.2, growth=1.5) == {}

    def test_stays_where_it_was_expected_unless_it_grows_or_becomes_smaller(self):
        assert self.moved(0.14, growth=1.0) == {}

    def test_grows_in_all_directions(self):
        wider = found(0.5, 0.45, width=1.6 * WIDTH, height=0.7 * HEIGHT)
        assert pairs([moving(0.5, self.VELOCITY, 0.3)], [wider]) == {}

    def test_goes_nowhere_if_it_stands(self):
        there = found(0.5, 0.6, width=1.5 * WIDTH, height=1.5 * HEIGHT)
        assert pairs([moving(0.5, (0.0, 0.0), 0.3)], [there]) == {}
