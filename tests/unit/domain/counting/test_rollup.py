import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.counting.rollup import MINUTES, attendance, roll_up, total
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.times import parse_rfc3339, rfc3339
from tests.scenes import LEFT_HALF, MIDDLE, NINE, REPLAY, CameraRun, there_and_back

MINUTE, HOUR = 60_000, 3_600_000


def window(start=NINE, **numbers):
    count = WindowCount(
        camera_id="gate",
        site="north",
        timezone="UTC",
        label="person",
        window_start=start,
        window_end=start + MINUTE,
        frames=10,
        maximum=1,
        mean=0.5,
        unique=1,
        new=1,
        entered={"door": 0},
        left={"door": 0},
        crossed_in={},
        crossed_out={},
        revision=1,
    )
    return replace(count, **numbers)


def spans(counts):
    return [(rfc3339(c.window_start), rfc3339(c.window_end)) for c in counts]


def test_a_total_has_the_maximum_the_weighted_mean_and_the_sums_of_zone_events():
    (hour,) = roll_up(
        [
            window(maximum=3, mean=1.0, frames=30, entered={"door": 1}, crossed_in={"sill": 2}),
            window(NINE + MINUTE, maximum=5, mean=3.0, entered={"door": 2}, left={"door": 1}),
            window(NINE + 59 * MINUTE, mean=0.0, frames=20, crossed_out={"sill": 1}),
        ],
        "1h",
    )
    assert (hour.frames, hour.maximum, hour.mean) == (60, 5, 1.0)
    assert (hour.entered, hour.left) == ({"door": 3}, {"door": 1})
    assert (hour.crossed_in, hour.crossed_out) == ({"sill": 2}, {"sill": 1})
    assert spans([hour]) == [("2026-11-21T09:00:00.000Z", "2026-11-21T10:00:00.000Z")]


def test_an_object_in_many_windows_is_one_object_in_their_total():
    windows = [
        window(unique=3, new=1),  # two were there before
        window(NINE + MINUTE, unique=2, new=0),
        window(NINE + 2 * MINUTE, unique=4, new=2),
    ]
    (hour,) = roll_up(windows, "1h")
    assert (hour.unique, hour.new) == (5, 3)


def test_cameras_labels_and_spans_are_separate_the_newest_first():
    counts = roll_up(
        [
            window(),
            window(label="car"),
            window(camera_id="attic"),
            window(NINE + 5 * MINUTE),
            window(NINE + 4 * MINUTE),
        ],
        "5m",
    )
    assert [(c.camera_id, c.label, c.window_start - NINE) for c in counts] == [
        ("gate", "person", 5 * MINUTE),
        ("attic", "person", 0),
        ("gate", "car", 0),
        ("gate", "person", 0),
    ]


def test_a_day_is_the_cameras_own():
    london, kolkata = (
        roll_up([window(NINE, timezone=name)], "1d") for name in ("Europe/London", "Asia/Kolkata")
    )
    assert spans(london) == [("2026-11-21T00:00:00.000Z", "2026-11-22T00:00:00.000Z")]
    assert spans(kolkata) == [("2026-11-20T18:30:00.000Z", "2026-11-21T18:30:00.000Z")]


def test_an_hour_is_the_cameras_own():
    hours = roll_up([window(NINE, timezone="Asia/Kolkata")], "1h")
    assert spans(hours) == [("2026-11-21T08:30:00.000Z", "2026-11-21T09:30:00.000Z")]


@pytest.mark.parametrize(
    ("at", "day", "hours"),
    [
        ("2026-03-29T12:00:00.000Z", "2026-03-28T23:00:00.000Z", 23),
        ("2026-10-25T12:00:00.000Z", "2026-10-24T22:00:00.000Z", 25),
    ],
)
def test_a_day_on_which_the_clock_is_put_has_an_hour_less_or_more(at, day, hours):
    (count,) = roll_up([window(parse_rfc3339(at), timezone="Europe/Vienna")], "1d")
    assert rfc3339(count.window_start) == day
    assert count.window_end - count.window_start == hours * HOUR


def test_the_hour_that_comes_twice_is_two_hours():
    twice = [parse_rfc3339(f"2026-10-25T0{hour}:30:00.000Z") for hour in (0, 1)]
    hours = roll_up([window(at, timezone="Europe/Vienna") for at in twice], "1h")
    assert spans(hours) == [
        ("2026-10-25T01:00:00.000Z", "2026-10-25T02:00:00.000Z"),
        ("2026-10-25T00:00:00.000Z", "2026-10-25T01:00:00.000Z"),
    ]


def test_a_window_that_is_longer_than_the_span_stays_as_it_is():
    long = window(NINE, window_end=NINE + 10 * MINUTE)
    assert roll_up([long], "5m") == [long]


def test_a_day_without_windows_has_no_total():
    days = roll_up([window(NINE), window(NINE + 48 * HOUR)], "1d")
    assert len(days) == 2


@given(
    st.lists(
        st.tuples(st.integers(0, 3_000), st.integers(0, 5), st.integers(0, 5), st.integers(1, 99)),
        unique_by=lambda numbers: numbers[0],
        min_size=1,
    ),
    st.sampled_from(list(MINUTES)),
)
def test_totals_of_totals_are_the_totals(numbers, span):
    windows = [
        window(NINE + minute * MINUTE, unique=old + new, new=new, frames=frames, maximum=old + new)
        for minute, old, new, frames in numbers
    ]
    (at_once,) = total(windows)
    (in_steps,) = total(roll_up(windows, span))
    assert in_steps.frames == at_once.frames
    assert in_steps.mean == pytest.approx(at_once.mean)
    assert (in_steps.maximum, in_steps.unique, in_steps.new) == (
        at_once.maximum,
        at_once.unique,
        at_once.new,
    )


def test_the_label_with_the_most_different_objects_comes_first():
    labels = {"person": (3, 0.1), "car": (5, 2.0), "dog": (3, 0.4)}
    counts = total(window(label=name, new=n, unique=n, mean=m) for name, (n, m) in labels.items())
    assert [count.label for count in counts] == ["car", "dog", "person"]


def test_attendance_is_counted_on_the_line_where_there_is_one():
    doors = window(unique=9, crossed_in={"north": 3, "south": 0}, crossed_out={"north": 5})
    assert [(a.people, a.line) for a in attendance([doors])] == [(3, "north"), (0, "south")]
    assert [(a.people, a.line) for a in attendance([window(unique=9)])] == [(9, None)]


def test_a_person_who_crossed_a_line_twice_came_in_twice_and_is_one_track():
    both = [*there_and_back(), *there_and_back(at=NINE + 14_000)]
    lined = (
        CameraRun(Camera("gate", zones=(LEFT_HALF,), lines=(MIDDLE,)), REPLAY).see(*both).finish()
    )
    (came,) = attendance(total(lined.counts))
    assert (came.people, came.line, came.count.unique) == (2, "middle", 1)
