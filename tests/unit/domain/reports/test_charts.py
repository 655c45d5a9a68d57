"""What charts show of the figures of a search, held against a plain count."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.reports.attendance import came_by_day, came_by_hour, came_by_line
from pycturestream.domain.reports.camera_health import LATE_MS, camera_health
from pycturestream.domain.reports.common_labels import common_labels
from pycturestream.domain.reports.hours_of_week import busiest, hours_of_week
from pycturestream.domain.reports.period import LONGEST_MS, MOST_STEPS, STEPS_MS, period
from pycturestream.domain.reports.tallies import (
    AccountTally,
    HourTally,
    LabelTally,
    LineTally,
    PresenceTally,
    StepTally,
    WeekHourTally,
)
from pycturestream.domain.reports.timeline import PEOPLE, timeline
from pycturestream.domain.times import DAY_MS, HOUR_MS, MINUTE_MS, to_local
from tests.builders import NOON

spans = st.integers(1, LONGEST_MS)
begins = st.integers(NOON - LONGEST_MS, NOON)
numbers = st.integers(0, 10_000)


class TestPeriod:
    @given(begins, spans)
    def test_it_holds_what_was_asked_for_in_whole_minutes(self, since, span):
        found = period(since, since + span)

        assert found.since <= since < found.since + MINUTE_MS
        assert since + span <= found.until < since + span + MINUTE_MS

    @given(begins, spans)
    def test_in_whole_steps_it_begins_less_than_a_step_earlier(self, since, span):
        found = period(since, since + span, whole_steps=True)

        assert found.since <= since < found.since + found.step_ms
        assert found.since % found.step_ms == 0

    @given(begins, spans)
    def test_its_step_is_the_shortest_of_which_there_are_not_too_many(self, since, span):
        found = period(since, since + span)

        assert len(found.starts) <= MOST_STEPS + 1
        shorter = [step for step in STEPS_MS if step < found.step_ms]
        assert all(span + MINUTE_MS > MOST_STEPS * step for step in shorter)

    @pytest.mark.parametrize(
        ("days", "step"), [(1, 15 * MINUTE_MS), (7, HOUR_MS), (30, 6 * HOUR_MS)]
    )
    def test_the_usual_ones_have_usual_steps(self, days, step):
        assert period(NOON - days * DAY_MS, NOON).step_ms == step

    @pytest.mark.parametrize("span", [0, -1, LONGEST_MS + 1])
    def test_an_empty_or_endless_one_is_none(self, span):
        with pytest.raises(ValueError, match=r"since|at most"):
            period(NOON, NOON + span)


class TestTimeline:
    day = period(NOON, NOON + DAY_MS)
    steps = st.dictionaries(
        st.tuples(st.sampled_from([PEOPLE, "car", "dog"]), st.sampled_from(day.starts)), numbers
    )

    @given(steps)
    def test_each_step_is_its_number_or_zero_if_anything_was_counted_in_it_or_a_gap(self, found):
        tallies = [StepTally(*key, most) for key, most in found.items()]

        shown = timeline("gate", tallies, self.day)

        assert shown.starts == tuple(self.day.starts)
        assert set(shown.most) == {PEOPLE, *(label for label, _ in found)}
        seen = {start for _, start in found}
        for label, row in shown.most.items():
            for start, number in zip(shown.starts, row, strict=True):
                assert number == (found.get((label, start), 0) if start in seen else None)

    def test_people_come_first_and_then_what_there_was_most_of(self):
        tallies = [StepTally("dog", NOON, 1), StepTally("car", NOON, 5), StepTally(PEOPLE, NOON, 2)]

        assert list(timeline("gate", tallies, self.day).most) == [PEOPLE, "car", "dog"]


class TestAttendance:
    zones = st.sets(
        st.sampled_from(["UTC", "Europe/Vienna", "Asia/Kolkata", "America/St_Johns"]), min_size=1
    )
    two_days = period(NOON, NOON + 2 * DAY_MS)

    @given(zones, st.lists(st.tuples(st.integers(0, 2), st.integers(0, 23), numbers)))
    def test_hours_are_those_of_the_clocks_and_sums_are_those_of_the_tallies(self, zones, came):
        first = to_local(NOON, "UTC").date()
        tallies = [
            HourTally((first + timedelta(days=day)).isoformat(), hour, number)
            for day, hour, number in came
        ]

        hours = came_by_hour(tallies, self.two_days, zones)

        shown = {(hour.day, hour.hour): hour.different for hour in hours}
        assert list(shown) == sorted(shown)
        for minute in range(self.two_days.since, self.two_days.until, MINUTE_MS * 30):
            for zone in zones:
                local = to_local(minute, zone)
                assert (local.date().isoformat(), local.hour) in shown
        expected: dict[tuple[str, int], int] = {}
        for tally in tallies:
            key = tally.day, tally.hour
            expected[key] = expected.get(key, 0) + tally.different
        assert {key: number for key, number in shown.items() if number is not None} == expected
        days = came_by_day(hours)
        assert sum(day.different or 0 for day in days) == sum(expected.values())
        assert [day.day for day in days] == sorted({day for day, _ in shown})

    def test_a_day_without_a_seen_hour_is_unknown_and_not_zero(self):
        seen = HourTally(to_local(NOON, "UTC").date().isoformat(), 12, 0)

        days = came_by_day(came_by_hour([seen], self.two_days, ["UTC"]))

        assert [day.different for day in days] == [0, None, None]

    @given(st.lists(st.builds(LineTally, st.sampled_from("ab"), st.sampled_from("xy"),
                              st.just("2026-11-21"), numbers, numbers)))  # fmt: skip
    def test_lines_add_up(self, tallies):
        lines = came_by_line(tallies)

        for line in lines:
            own = [t for t in tallies if (t.camera_id, t.line) == (line.camera_id, line.line)]
            assert line.crossed_in == sum(one.crossed_in for one in own)
            assert line.crossed_out == sum(one.crossed_out for one in own)
        assert {(one.camera_id, one.line) for one in lines} == {
            (one.camera_id, one.line) for one in tallies
        }


class TestHoursOfTheWeek:
    grid = st.dictionaries(
        st.tuples(st.integers(1, 7), st.integers(0, 23)), st.tuples(numbers, numbers)
    )

    @given(grid)
    def test_each_hour_is_there_once_and_an_average_of_the_time_seen(self, found):
        tallies = [WeekHourTally(*key, *values) for key, values in found.items()]

        week = hours_of_week(tallies, 0.25)

        assert [(one.weekday, one.hour) for one in week] == [
            (weekday, hour) for weekday in range(1, 8) for hour in range(24)
        ]
        for one in week:
            windows, different = found.get((one.weekday, one.hour), (0, 0))
            assert one.hours_seen == windows / 4
            assert one.an_hour == (different / (windows / 4) if windows else None)

    def test_what_was_seen_for_a_few_minutes_has_no_average(self):
        week = hours_of_week([WeekHourTally(1, 0, 14, 29), WeekHourTally(1, 1, 15, 1)], 1 / 60)
        assert [hour.an_hour for hour in week[:3]] == [None, 4, None]
        assert week[0].different == 29
        assert busiest(week) == week[1]

    def test_the_busiest_is_the_one_with_most_in_the_time_seen(self):
        week = hours_of_week([WeekHourTally(1, 8, 60, 60), WeekHourTally(2, 9, 30, 60)], 1 / 60)

        top = busiest(week)

        assert top is not None
        assert (top.weekday, top.hour, round(top.an_hour or 0)) == (2, 9, 120)

    def test_where_nothing_came_there_is_none(self):
        assert busiest(hours_of_week([WeekHourTally(1, 8, 60, 0)], 1 / 60)) is None


@given(st.dictionaries(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), numbers))
def test_labels_have_their_shares_the_most_common_first(found):
    labels = common_labels([LabelTally(*key, number) for key, number in found.items()])

    assert {(one.camera_id, one.label): one.different for one in labels} == {
        key: number for key, number in found.items() if number
    }
    for camera in {one.camera_id for one in labels}:
        own = [one for one in labels if one.camera_id == camera]
        assert sum(one.share for one in own) == pytest.approx(1)
        assert [one.different for one in own] == sorted((o.different for o in own), reverse=True)


class TestHealth:
    def health(self, *presence, accounts=()):
        return [(one.camera_id, one.state) for one in camera_health(presence, accounts, NOON)]

    def test_a_camera_without_new_results_is_late_and_one_without_events_unknown(self):
        recent, old = NOON - LATE_MS, NOON - LATE_MS - 1
        assert self.health(
            PresenceTally("fine", online=True, changed_at=old, last_result_at=recent),
            PresenceTally("slow", online=True, changed_at=old, last_result_at=old),
            PresenceTally("gone", online=False, changed_at=old, last_result_at=recent),
            PresenceTally("new", None, None, recent),
            PresenceTally("never", online=True, changed_at=old, last_result_at=None),
            PresenceTally("odd", None, None, old),
        ) == [
            ("gone", "offline"),
            ("never", "late"),
            ("slow", "late"),
            ("odd", "unknown"),
            ("fine", "online"),
            ("new", "online"),
        ]

    def test_a_camera_of_which_there_are_only_accounts_is_listed_too(self):
        assert self.health(accounts=[AccountTally("gate", 3, 3)]) == [("gate", "unknown")]

    def test_the_age_of_a_result_of_the_future_is_none_at_all(self):
        (one,) = camera_health(
            [PresenceTally("gate", online=True, changed_at=NOON, last_result_at=NOON + 60_000)],
            [],
            NOON,
        )
        assert one.age_ms == 0
