from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera, Line, Zone
from pycturestream.domain.detection import Detection
from pycturestream.domain.tracking.track import Sighting
from pycturestream.domain.zones.zone_state import MARGINS, PENDING_LIMIT, UNSEEN_LIMIT_MS, locate
from tests.scenes import LEFT_HALF, NINE, standing_at, track

WIDTH, HEIGHT = 0.1, 0.2
"""Of everybody's box here; pictures are wider than high, and so are the numbers not square."""
BAND = MARGINS[0] * WIDTH
"""How far from an upright border one must be to be clear of it."""
DOWNWARDS = Line("gate", (0.5, 0.2), (0.5, 0.8))
"""Looking down the picture, its left half is on the right."""
DOORMAT = Zone("doormat", ((0.4, 0.5), (0.41, 0.5), (0.41, 0.51), (0.4, 0.51)))
ZONED = Camera("gate", zones=(LEFT_HALF,))
LINED = Camera("gate", lines=(DOWNWARDS,))


def seen(*tracks, weak=False):
    """Return sightings of these tracks."""
    return [Sighting(Detection(each.label, 0.8, each.box, weak=weak), each) for each in tracks]


class Walk:
    """One person on the way through a camera's picture, a sighting each half second."""

    def __init__(self, camera):
        self.camera = camera
        self.at = NINE
        self.zone_states = {}
        self.kinds = []

    def step(self, *points, confirmed=True, weak=False, every_ms=500):
        for x, y in points:
            moved = track(standing_at(x, y, WIDTH, HEIGHT), at=self.at, confirmed=confirmed)
            self.zone_states, zone_events = locate(
                self.zone_states, self.camera, seen(moved, weak=weak), [moved], self.at
            )
            self.kinds += [(zone_event.kind, zone_event.border) for zone_event in zone_events]
            self.seen_at = self.at
            self.at += every_ms
        return self

    @property
    def dwell_ms(self):
        return self.zone_states["gate#0"].dwell_ms(self.seen_at)


def row(*xs, y=0.5):
    return [(x, y) for x in xs]


class TestZones:
    def test_walking_in_is_entering_and_walking_out_is_leaving(self):
        walk = Walk(ZONED).step(*row(0.7, 0.6, 0.45, 0.3, 0.45, 0.6, 0.7))
        assert walk.kinds == [("entered", "left-half"), ("left", "left-half")]

    def test_being_inside_from_the_beginning_is_not_entering(self):
        assert Walk(ZONED).step(*row(0.3, 0.35, 0.3)).kinds == []

    def test_an_object_inside_from_the_beginning_leaves_all_the_same(self):
        assert Walk(ZONED).step(*row(0.3, 0.6, 0.7)).kinds == [("left", "left-half")]

    def test_appearing_beside_the_border_and_trembling_is_not_entering(self):
        assert Walk(ZONED).step(*row(0.501, 0.499, 0.498, 0.501, 0.499, 0.499)).kinds == []

    def test_swaying_over_the_border_by_a_tenth_of_the_width_is_entering_once(self):
        walk = Walk(ZONED).step((0.7, 0.5), *row(0.51, 0.51, 0.49, 0.49) * 5)
        assert walk.kinds == [("entered", "left-half")]

    def test_leaving_by_less_than_the_margin_ends_no_stay(self):
        walk = Walk(ZONED).step(*row(0.3, 0.3, 0.5 + 0.9 * BAND, 0.5 + 0.9 * BAND))
        assert walk.kinds == []
        assert walk.dwell_ms == {"left-half": 1_500}

    def test_the_band_is_as_wide_as_the_box_is_large(self):
        below = Zone("below", ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)))
        clear = 0.5 - 1.01 * MARGINS[1] * HEIGHT
        near = 0.5 - 0.99 * MARGINS[1] * HEIGHT
        assert Walk(Camera("gate", zones=(below,))).step((0.2, 0.7), (0.2, near)).kinds == []
        walk = Walk(Camera("gate", zones=(below,))).step((0.2, 0.7), (0.2, clear))
        assert walk.kinds == [("left", "below")]

    @pytest.mark.parametrize("inside", [(0.7, 0.3), (0.3, 0.7)])
    def test_feet_that_are_hidden_for_a_picture_or_two_are_no_way_there_and_back(self, inside):
        here, moved = inside
        steps = row(here, here, moved, moved, here, here)
        assert Walk(ZONED).step(*steps, every_ms=100).kinds == []

    def test_staying_for_longer_than_that_is_entering_once(self):
        walk = Walk(ZONED).step(*row(0.7, 0.7, 0.3, 0.3, 0.3, 0.3, 0.3), every_ms=100)
        assert walk.kinds == [("entered", "left-half")]

    def test_a_zone_may_be_smaller_than_the_band_around_it(self):
        camera = Camera("gate", zones=(DOORMAT,))
        inside = (0.405, 0.505)
        walk = Walk(camera).step((0.405, 0.9), inside)
        assert walk.kinds == [("entered", "doormat")]

    def test_the_stay_begins_at_the_border_on_the_way_to_the_first_sighting_inside(self):
        walk = Walk(ZONED).step(*row(0.7, 0.4, 0.4, 0.4))
        assert walk.dwell_ms == {"left-half": 1_167}

    @pytest.mark.parametrize("every_ms", [100, 200])
    def test_so_it_does_where_several_sightings_make_it_certain(self, every_ms):
        walk = Walk(ZONED).step(*row(0.52, 0.48, 0.44, 0.40, 0.36), every_ms=every_ms)
        assert walk.dwell_ms["left-half"] == pytest.approx(3.5 * every_ms, abs=1)

    def test_the_stay_ends_with_the_zone(self):
        assert Walk(ZONED).step(*row(0.3, 0.7, 0.7)).dwell_ms == {}

    def test_zones_that_overlap_are_entered_each(self):
        inner = Zone("inner", ((0.0, 0.0), (0.2, 0.0), (0.2, 1.0), (0.0, 1.0)))
        walk = Walk(Camera("gate", zones=(LEFT_HALF, inner))).step(*row(0.7, 0.4, 0.3, 0.1, 0.1))
        assert walk.kinds == [("entered", "left-half"), ("entered", "inner")]
        assert list(walk.dwell_ms) == ["left-half", "inner"]


STRIP = Zone("strip", ((0.5, 0.0), (0.51, 0.0), (0.51, 1.0), (0.5, 1.0)))
STRIPED = Camera("gate", zones=(STRIP,))
THROUGH = [("entered", "strip"), ("left", "strip")]


class TestTheWayBetweenTwoSightings:
    @pytest.mark.parametrize("phase", range(10))
    @pytest.mark.parametrize("every_ms", [100, 143, 200, 250, 500, 1_000])
    @pytest.mark.parametrize("width", [0.005, 0.01, 0.05, 0.1])
    def test_a_walker_through_a_narrow_zone_enters_and_leaves_it_once(self, width, every_ms, phase):
        beyond = 0.5 + width
        strip = Zone("strip", ((0.5, 0.0), (beyond, 0.0), (beyond, 1.0), (0.5, 1.0)))
        step = 0.1 * every_ms / 1_000
        xs = (0.2 + step * (number + phase / 10) for number in range(round(0.7 / step)))
        walk = Walk(Camera("gate", zones=(strip,))).step(*row(*xs), every_ms=every_ms)
        assert walk.kinds == THROUGH

    def test_a_zone_that_was_passed_has_the_stay_of_the_way_through_it_and_only_then(self):
        walk = Walk(STRIPED).step(*row(0.4, 0.6))
        assert walk.dwell_ms == {"strip": 25}
        assert walk.step((0.7, 0.5)).dwell_ms == {}

    def test_nor_does_a_weak_sighting_after_it_repeat_the_stay(self):
        walk = Walk(STRIPED).step(*row(0.4, 0.6)).step((0.6, 0.5), weak=True)
        assert walk.dwell_ms == {}

    def test_borders_on_one_way_are_passed_in_their_order(self):
        far = Zone("far", ((0.2, 0.0), (0.25, 0.0), (0.25, 1.0), (0.2, 1.0)))
        near = Zone("near", ((0.6, 0.0), (0.65, 0.0), (0.65, 1.0), (0.6, 1.0)))
        camera = Camera("gate", zones=(far, LEFT_HALF, near), lines=(DOWNWARDS,))
        assert Walk(camera).step(*row(0.8, 0.1)).kinds == [
            ("entered", "near"),
            ("left", "near"),
            ("entered", "left-half"),
            ("in", "gate"),
            ("entered", "far"),
            ("left", "far"),
        ]

    def test_a_doormat_is_passed_over(self):
        camera = Camera("gate", zones=(DOORMAT,))
        walk = Walk(camera).step((0.405, 0.9), (0.405, 0.2))
        assert walk.kinds == [("entered", "doormat"), ("left", "doormat")]

    def test_who_stops_right_behind_a_narrow_zone_leaves_it_when_clear_of_it(self):
        walk = Walk(STRIPED).step(*row(0.4, 0.51 + BAND / 2))
        assert walk.kinds == THROUGH[:1]
        assert walk.step(*row(0.51 + BAND / 2, 0.6)).kinds == THROUGH

    def test_swaying_across_a_narrow_zone_is_entering_once(self):
        walk = Walk(STRIPED).step((0.4, 0.5), *row(0.495, 0.515) * 8)
        assert walk.kinds == THROUGH[:1]

    def test_feet_that_seem_beyond_a_narrow_zone_for_a_picture_or_two_passed_nothing(self):
        walk = Walk(STRIPED).step(*row(0.4, 0.4, 0.6, 0.6, 0.4, 0.4), every_ms=100)
        assert walk.kinds == []

    @pytest.mark.parametrize(("depth", "passes"), [(0.9, False), (1.1, True)])
    def test_cutting_off_less_of_a_corner_than_the_band_is_going_around_it(self, depth, passes):
        lawn = Zone("lawn", ((0.6, 0.0), (1.0, 0.0), (1.0, 0.4), (0.6, 0.4)))
        assert MARGINS[1] * HEIGHT == BAND  # so that the band is as wide at 45 degrees
        aside = depth * BAND / 2**0.5
        walk = Walk(Camera("gate", zones=(lawn,))).step(
            (0.5 + aside, 0.3 - aside), (0.7 + aside, 0.5 - aside)
        )
        assert bool(walk.kinds) == passes

    def test_who_is_inside_at_both_ends_has_stayed(self):
        arms = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.8), (0.6, 0.8), (0.6, 0.1), (0.9, 0.1), (0.9, 0.9))
        camera = Camera("gate", zones=(Zone("court", (*arms, (0.1, 0.9))),))
        walk = Walk(camera).step((0.3, 0.3), (0.7, 0.3))
        assert walk.kinds == []
        assert walk.dwell_ms == {"court": 500}

    def test_what_was_unseen_for_long_passed_nothing(self):
        walk = Walk(STRIPED).step((0.4, 0.5), every_ms=UNSEEN_LIMIT_MS + 1)
        assert walk.step(*row(0.6, 0.6)).kinds == []

    def test_appearing_beside_a_narrow_zone_and_passing_it_is_neither(self):
        assert Walk(STRIPED).step(*row(0.5 - BAND / 2, 0.6, 0.7)).kinds == []

    def test_it_goes_on_with_the_state_of_an_older_program(self):
        walk = Walk(ZONED).step(*row(0.7, 0.7, 0.4), every_ms=100)
        name, state = next(iter(walk.zone_states.items()))
        assert state.zones["left-half"].beyond_since
        walk.zone_states = {name: replace(state, beyond_from={})}
        assert walk.step(*row(0.4, 0.4, 0.4), every_ms=100).kinds == [("entered", "left-half")]


class TestLines:
    def test_in_is_from_left_to_right_as_seen_from_its_first_point(self):
        assert Walk(LINED).step(*row(0.7, 0.6, 0.4, 0.3)).kinds == [("in", "gate")]
        assert Walk(LINED).step(*row(0.3, 0.4, 0.6, 0.7)).kinds == [("out", "gate")]

    @pytest.mark.parametrize("y", [0.1, 0.9])
    def test_passing_beyond_its_ends_is_no_crossing(self, y):
        assert Walk(LINED).step(*row(0.7, 0.6, 0.4, 0.3, y=y)).kinds == []

    def test_coming_back_crosses_it_the_other_way(self):
        walk = Walk(LINED).step(*row(0.7, 0.6, 0.4, 0.3, 0.4, 0.6, 0.7))
        assert walk.kinds == [("in", "gate"), ("out", "gate")]

    def test_coming_back_around_its_end_is_no_second_crossing(self):
        around = [(0.3, 0.5), (0.3, 0.9), (0.7, 0.9), (0.7, 0.5)]
        walk = Walk(LINED).step((0.7, 0.5), *around, *around)
        assert walk.kinds == [("in", "gate"), ("in", "gate")]

    def test_walking_along_it_and_around_its_end_is_no_crossing(self):
        near = 0.5 + BAND / 2
        walk = Walk(LINED).step(
            (0.7, 0.5), (near, 0.5), (near, 0.9), (0.5 - BAND / 2, 0.9), (0.3, 0.5), (0.3, 0.5)
        )
        assert walk.kinds == []

    def test_turning_back_on_it_is_no_crossing(self):
        inside_band = 0.5 - BAND / 2
        assert Walk(LINED).step(*row(0.7, 0.55, inside_band, inside_band, 0.55, 0.7)).kinds == []

    def test_appearing_on_it_is_no_crossing(self):
        assert Walk(LINED).step(*row(0.505, 0.495, 0.4, 0.3)).kinds == []

    def test_jumping_across_within_one_gap_is_a_crossing(self):
        walk = Walk(LINED).step((0.7, 0.5), every_ms=UNSEEN_LIMIT_MS)
        assert walk.step(*row(0.3, 0.3)).kinds == [("in", "gate")]

    def test_swaying_over_it_by_a_tenth_of_the_width_is_no_crossing(self):
        assert Walk(LINED).step((0.7, 0.5), *row(0.51, 0.51, 0.49, 0.49) * 5).kinds == []

    def test_a_line_without_a_length_is_never_crossed(self):
        camera = Camera("gate", lines=(Line("dot", (0.5, 0.5), (0.5, 0.5)),))
        assert Walk(camera).step(*row(0.7, 0.3, 0.3, 0.7, 0.7)).kinds == []


@given(
    st.lists(
        st.tuples(st.floats(0.5 - 0.9 * BAND, 0.5 + 0.9 * BAND), st.floats(0.3, 0.7)),
        max_size=30,
    ),
    st.booleans(),
)
def test_however_long_a_box_trembles_on_a_border_it_crosses_once(trembling, turns_back):
    camera = Camera("gate", zones=(LEFT_HALF,), lines=(DOWNWARDS,))
    end = row(0.8, 0.8) if turns_back else row(0.2, 0.2)
    walk = Walk(camera).step(*row(0.8, 0.8), *trembling, *end)
    crossed = [] if turns_back else [("in", "gate")]
    assert [kind for kind in walk.kinds if kind[1] == "gate"] == crossed
    zone = [kind for kind, border in walk.kinds if border == "left-half"]
    assert zone in ([["entered"]] if not turns_back else [[], ["entered", "left"]])


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=30))
def test_whatever_the_path_zone_events_alternate(points):
    walk = Walk(ZONED).step(*points)
    kinds = [kind for kind, _ in walk.kinds]
    assert all(one != other for one, other in pairwise(kinds))


class TestWhatCounts:
    def test_an_unconfirmed_track_has_no_events(self):
        assert Walk(LINED).step(*row(0.7, 0.3, 0.3, 0.3), confirmed=False).kinds == []

    def test_earlier_events_are_emitted_once_when_the_track_is_confirmed(self):
        walk = Walk(LINED).step(*row(0.7, 0.3, 0.3), confirmed=False)
        assert walk.step((0.3, 0.5)).step((0.3, 0.5)).kinds == [("in", "gate")]

    def test_a_track_that_flickers_unconfirmed_keeps_few_events(self):
        walk = Walk(LINED).step(*row(0.7, 0.3) * 50, confirmed=False)
        assert len(walk.zone_states["gate#0"].pending) == PENDING_LIMIT

    def test_an_object_that_was_unseen_for_long_has_crossed_nothing(self):
        camera = replace(LINED, zones=(LEFT_HALF,))
        walk = Walk(camera).step((0.7, 0.5), every_ms=UNSEEN_LIMIT_MS + 1)
        assert walk.step(*row(0.3, 0.3, 0.3)).kinds == []
        assert walk.dwell_ms == {"left-half": 1_000}

    def test_still_being_inside_after_a_gap_continues_the_stay(self):
        walk = Walk(ZONED).step((0.3, 0.5), every_ms=10_000).step(*row(0.3, 0.3))
        assert walk.kinds == []
        assert walk.dwell_ms == {"left-half": 10_500}

    def test_a_border_that_is_redrawn_across_somebody_is_not_crossed(self):
        walk = Walk(ZONED).step(*row(0.7, 0.7))
        right_half = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
        walk.camera = Camera("gate", zones=(Zone("left-half", right_half),), revision=1)
        assert walk.step(*row(0.7, 0.7)).kinds == []
        assert walk.dwell_ms == {"left-half": 500}

    def test_other_settings_end_no_stay(self):
        walk = Walk(ZONED).step(*row(0.3, 0.3))
        walk.camera = replace(ZONED, narration=False, revision=1)
        assert walk.step((0.3, 0.5)).dwell_ms == {"left-half": 1_000}

    def test_a_half_hidden_person_stays_in_the_zone(self):
        walk = Walk(ZONED).step(*row(0.3, 0.3)).step(*row(0.7, 0.7, 0.7), weak=True)
        assert walk.step(*row(0.3, 0.3)).kinds == []
        assert walk.step(*row(0.7, 0.7)).kinds == [("left", "left-half")]

    def test_tracks_that_are_gone_are_forgotten_and_those_not_seen_are_not(self):
        one, other = (track(standing_at(0.3, 0.5), track_id=name) for name in ("a", "b"))
        zone_states, _ = locate({}, ZONED, seen(one, other), [one, other], NINE)
        zone_states, _ = locate(zone_states, ZONED, seen(), [one], NINE + 500)
        assert list(zone_states) == ["a"]

    def test_a_zone_event_has_the_label_that_its_track_has_when_it_is_emitted(self):
        place = standing_at(0.3, 0.5)
        far = track(standing_at(0.7, 0.5), confirmed=False)
        zone_states, _ = locate({}, LINED, seen(far), [far], NINE)
        for number in (1, 2):
            near = track(place, confirmed=False)
            zone_states, _ = locate(zone_states, LINED, seen(near), [near], NINE + number * 500)
        dog = replace(track(place), label="dog")
        _, zone_events = locate(zone_states, LINED, seen(dog), [dog], NINE + 1_500)
        assert [(zone_event.label, zone_event.kind) for zone_event in zone_events] == [
            ("dog", "in")
        ]
