"""Objects that one frame does not show, while their tracks live on, are still in view."""

import pytest
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.frames.admission import Dropped, Place
from tests.scenes import (
    LEFT_HALF,
    NINE,
    NOBODY_HERE,
    CameraRun,
    car,
    empty,
    frame,
    guarded,
    person,
    restored,
    walk,
)

MINUTE = 60_000


def hidden_in(run):
    return [[item.label for item in judged.frame.hidden] for judged in run.judged]


def standing(*items, at=NINE, frames=8, every_ms=500):
    return [frame(items, at=at + number * every_ms) for number in range(frames)]


class TestNarration:
    @pytest.mark.parametrize("every_ms", [100, 250, 500, 1_000])
    def test_somebody_who_is_hidden_for_a_second_again_and_again_is_told_once(self, every_ms):
        run = CameraRun()
        for number in range(60_000 // every_ms):
            is_hidden = (number * every_ms) % 6_000 >= 4_500
            items = () if is_hidden else [person()]
            run.see(frame(items, at=NINE + number * every_ms))
        assert run.sentences == ["A person on the left."]

    def test_somebody_who_is_hidden_on_the_way_is_told_where_they_are_found(self):
        xs = [0.02 + 0.03 * number for number in range(28)]
        run = CameraRun()
        for number, x in enumerate(xs):
            items = [] if 8 <= number < 10 else [person(x, 0.35)]
            run.see(frame(items, at=NINE + number * 500))
        assert run.sentences == [
            "A person on the left.",
            "A person in the center.",
            "A person on the right.",
        ]

    def test_two_people_who_take_turns_are_two(self):
        run = CameraRun().see(*standing(person(0.02, 0.35), person(0.2, 0.35)))
        for number in range(40):
            x = 0.02 if number % 4 < 2 else 0.2
            run.see(frame([person(x, 0.35)], at=NINE + 4_000 + number * 500))
        assert run.sentences == ["Two people on the left."]

    def test_somebody_who_comes_while_another_one_is_hidden_is_told(self):
        run = CameraRun().see(*standing(person(0.02, 0.35)))
        run.see(*standing(person(0.8, 0.35), at=NINE + 4_000, frames=4))
        run.see(*standing(person(0.02, 0.35), person(0.8, 0.35), at=NINE + 6_000))
        assert run.sentences == ["A person on the left.", "A person on the right."]

    def test_what_stays_away_is_no_longer_in_view(self):
        run = CameraRun().see(*standing(person()), *empty(12, at=NINE + 4_000))
        assert run.sentences[1:] == ["Nothing in view."]

    def test_whoever_leaves_the_picture_at_its_edge_is_gone_at_once(self):
        run = CameraRun().see(*walk(0.45, 0.05, 10))
        run.see(*empty(8, at=NINE + 5_000))
        assert run.sentences[-1] == "Nothing in view."
        assert hidden_in(run)[-8:] == [[]] * 8

    def test_whoever_leaves_through_the_lower_edge_is_gone_at_once(self):
        run = CameraRun()
        for number in range(8):
            y = 0.3 + 0.08 * number
            whole = person(0.4, y)
            cut = replace(whole, box=replace(whole.box, y_max=min(whole.box.y_max, 1.0)))
            run.see(frame([cut], at=NINE + number * 500))
        run.see(*empty(4, at=NINE + 4_000))
        assert hidden_in(run)[-4:] == [[]] * 4

    def test_whoever_stands_half_cut_off_at_the_edge_may_be_hidden(self):
        cut = person(0.4, 0.75)
        cut = replace(cut, box=replace(cut.box, y_max=1.0))
        run = CameraRun().see(*standing(cut), *empty(2, at=NINE + 4_000))
        assert hidden_in(run)[-2:] == [["person"]] * 2


class TestWhatIsHidden:
    def test_a_false_detection_is_not(self):
        run = CameraRun().see(*standing(person(), frames=2), *empty(2, at=NINE + 1_000))
        assert hidden_in(run) == [[]] * 4

    def test_what_moved_is_for_three_seconds(self):
        run = CameraRun().see(*walk(0.1, 0.02, 8), *empty(10, at=NINE + 4_000))
        assert hidden_in(run)[8:] == [["person"]] * 6 + [[]] * 4

    def test_what_stood_still_is_for_ten(self):
        run = CameraRun().see(*standing(car(), frames=24), *empty(24, at=NINE + 12_000))
        assert hidden_in(run)[24:] == [["car"]] * 20 + [[]] * 4

    def test_where_frames_are_rare_it_is_for_one_frame(self):
        run = CameraRun().see(*standing(person(), frames=5, every_ms=5_000))
        run.see(*empty(3, at=NINE + 25_000, every_ms=5_000))
        assert hidden_in(run)[5:] == [["person"], ["person"], []]  # it stood still
        run = CameraRun()
        for number in range(5):
            run.see(frame([person(0.1 + 0.04 * number)], at=NINE + number * 5_000))
        run.see(*empty(2, at=NINE + 25_000, every_ms=5_000))
        assert hidden_in(run)[5:] == [["person"], []]

    def test_where_frames_are_farther_apart_nothing_is(self):
        run = CameraRun().see(*standing(person(), frames=5, every_ms=30_000))
        run.see(*empty(2, at=NINE + 150_000, every_ms=30_000))
        assert hidden_in(run) == [[]] * 7

    def test_what_was_lost_while_frames_were_dropped_is_not(self):
        run = CameraRun().see(*walk(0.1, 0.02, 8))
        run.drop(Dropped("gate", Place("frames", 0, 9), NINE + 5_000, "overload", NINE + 5_000))
        run.see(*empty(1, at=NINE + 6_000))
        assert hidden_in(run)[-1] == []

    def test_a_track_that_a_new_one_may_continue_is_not(self):
        """Somebody who turns on the spot and runs is lost, and found again as another track."""
        run = CameraRun().see(*walk(0.1, 0.04, 8))
        run.see(*walk(0.1, -0.01, 4, at=NINE + 4_500))
        assert len({item.track_id for judged in run.judged for item in judged.seen}) == 2
        assert hidden_in(run)[8:] == [[]] * 4

    def test_one_new_track_continues_one_at_most(self):
        run = CameraRun().see(*standing(person(0.1), person(0.2)))
        run.see(*standing(person(0.32), at=NINE + 4_500, frames=1))
        assert hidden_in(run)[-1] == ["person"]

    def test_a_late_frame_hides_nothing(self):
        run = CameraRun(limits=replace(CameraRun().limits, mode="replay"))
        run.see(*walk(0.1, 0.02, 8), frame(at=NINE + 1_750))
        assert hidden_in(run)[-1] == []

    def test_it_survives_a_restart(self):
        run = CameraRun().see(*walk(0.1, 0.02, 8))
        run.state = restored(run.state)
        run.see(*empty(1, at=NINE + 4_000))
        assert hidden_in(run)[-1] == ["person"]


class TestCounts:
    def test_the_mean_is_that_of_the_objects_in_view(self):
        run = CameraRun()
        for number in range(120):
            items = [] if number % 12 in (10, 11) else [person()]
            run.see(frame(items, at=NINE + number * 500))
        run.wait_until(NINE + 2 * MINUTE)
        (count,) = [count for count in run.counts if count.window_start == NINE]
        assert (count.maximum, count.mean, count.unique) == (1, 1.0, 1)

    def test_two_who_take_turns_are_two_at_once(self):
        run = CameraRun().see(*standing(person(0.1)), *standing(person(0.6), at=NINE + 4_000))
        run.see(*standing(person(0.1), at=NINE + 6_500, frames=2)).wait_until(NINE + 2 * MINUTE)
        (count,) = [count for count in run.counts if count.window_start == NINE]
        assert (count.maximum, count.unique) == (2, 2)


class TestAlerts:
    def test_an_alert_waits_for_whoever_is_hidden(self):
        rule = replace(NOBODY_HERE, clear_after_ms=1_000)
        run = CameraRun(guarded(rule))
        for number in range(60):
            items = [] if number % 12 >= 8 else [person(0.2 + 0.004 * number)]
            run.see(frame(items, at=NINE + number * 500))
        assert [change.state for change in run.alerts] == ["raised"]
        run.see(*empty(20, at=NINE + 30_000))
        assert [change.state for change in run.alerts] == ["raised", "cleared"]
        cleared = run.alerts[-1]
        assert cleared.at == NINE + 27_500 + 1_000
        assert cleared.alert.reason.endswith("Ended at 09:00:27.")

    def test_an_alert_waits_for_nobody_who_left_its_zone_before(self):
        rule = replace(NOBODY_HERE, zones=("left-half",), clear_after_ms=1_000)
        camera = guarded(rule, zones=(LEFT_HALF,))
        run = CameraRun(camera).see(*walk(0.3, 0.04, 10), *empty(1, at=NINE + 5_000))
        assert [change.state for change in run.alerts] == ["raised", "cleared"]

    def test_objects_that_hide_each_other_in_turns_are_counted_together(self):
        rule = Rule("two", ("person",), count=2, frames=3, clear_after_ms=2_000)
        run = CameraRun(guarded(rule))
        for number in range(60):
            x = 0.1 if number % 8 < 4 else 0.6
            run.see(frame([person(x)], at=NINE + number * 500))
        assert [(change.state, change.alert.count) for change in run.alerts] == [("raised", 2)]
        assert run.alerts[0].alert.reason.startswith("Two people, seen in 3 pictures")
        assert len(run.alerts[0].alert.track_ids) == 2

    def test_one_person_found_again_as_another_track_is_no_crowd(self):
        rule = Rule("two", ("person",), count=2, frames=3)
        run = CameraRun(guarded(rule)).see(*walk(0.1, 0.04, 8))
        run.see(*walk(0.1, -0.01, 8, at=NINE + 4_500))
        assert len({item.track_id for judged in run.judged for item in judged.seen}) == 2
        assert not run.alerts

    def test_what_is_hidden_raises_nothing_by_itself(self):
        rule = Rule("dwelling", ("person",), dwell_ms=5_000, frames=1)
        run = CameraRun(guarded(rule)).see(*walk(0.1, 0.02, 9), *empty(4, at=NINE + 4_500))
        assert not run.alerts
