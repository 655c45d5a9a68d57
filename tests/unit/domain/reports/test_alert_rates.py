"""Cameras with too many or too few alerts, beside their peers and their own past."""

from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.reports.alert_rates import CHANCE_LIMIT, CameraDay, alert_rates
from pycturestream.domain.times import DAY_MS
from tests.builders import NOON

WEEK = [NOON + day * DAY_MS for day in range(7)]


def week(camera_id, alerts, hours=24.0):
    """Return seven days of the period with so many alerts in all."""
    return [
        CameraDay(camera_id, start, alerts // 7 + (number < alerts % 7), hours)
        for number, start in enumerate(WEEK)
    ]


def before(camera_id, *alerts, hours=24.0):
    """Return the days before the period, the newest last."""
    return [
        CameraDay(camera_id, NOON - (number + 1) * DAY_MS, many, hours)
        for number, many in enumerate(reversed(alerts))
    ]


def cameras(*alerts):
    return [day for number, many in enumerate(alerts) for day in week(f"c{number}", many)]


def marks(days, camera_id):
    (rate,) = (rate for rate in alert_rates(days, NOON) if rate.camera_id == camera_id)
    return [(mark.against, mark.direction) for mark in rate.marks]


def test_alerts_are_told_by_the_day_and_the_hour_seen():
    (rate,) = alert_rates(week("gate", 14, hours=12), NOON)
    assert (rate.alerts, rate.hours) == (14, 84)
    assert rate.per_hour == 14 / 84
    assert rate.per_day == 4
    assert [day.alerts for day in rate.days] == [2] * 7


def test_a_camera_that_was_not_seen_has_no_rate_and_no_mark():
    days = [*cameras(10, 10, 10, 10), CameraDay("gone", NOON, 40, 0.0)]
    (rate,) = (rate for rate in alert_rates(days, NOON) if rate.camera_id == "gone")
    assert (rate.alerts, rate.per_hour, rate.per_day, rate.marks) == (40, None, None, ())


def test_less_than_a_minute_makes_no_rate_and_neither_a_peer_nor_a_past():
    blinks = [CameraDay(f"blink{n}", NOON, 1, 5e-324) for n in range(4)]
    assert [(rate.per_hour, rate.marks) for rate in alert_rates(blinks, NOON)] == [(None, ())] * 4
    assert marks([*before("gate", *[9] * 14, hours=5e-324), *week("gate", 40)], "gate") == []


def test_a_camera_far_above_its_peers_is_marked_and_comes_first():
    days = cameras(10, 12, 9, 11, 60)
    first, *others = alert_rates(days, NOON)
    assert first.camera_id == "c4"
    (mark,) = first.marks
    assert (mark.against, mark.direction) == ("peers", "above")
    assert mark.why == "60 alerts; 10.8 expected (median of 4 other cameras)"
    assert not any(rate.marks for rate in others)


def test_a_camera_far_below_its_peers_is_marked():
    assert marks(cameras(30, 28, 33, 31, 4), "c4") == [("peers", "below")]


def test_small_numbers_are_no_reason():
    assert marks(cameras(0, 0, 0, 0, 1), "c4") == []
    assert marks(cameras(0, 0, 0, 0, 2), "c4") == []
    assert marks(cameras(2, 3, 1, 2, 0), "c4") == []
    assert marks(cameras(0, 0, 0, 0, 6), "c4") == [("peers", "above")]


def test_peers_that_differ_much_allow_a_camera_to_differ():
    alike, unlike = (20, 21, 19, 20, 22, 45), (2, 40, 11, 33, 22, 45)
    assert marks(cameras(*alike), "c5") == [("peers", "above")]
    assert marks(cameras(*unlike), "c5") == []


def test_one_wild_camera_does_not_decide_what_is_usual():
    assert marks(cameras(10, 11, 9, 10, 5_000, 60), "c5") == [("peers", "above")]


def test_what_a_camera_has_is_held_against_the_time_it_was_seen():
    half = week("half", 12, hours=3)
    assert marks([*cameras(12, 12, 12, 12), *half], "half") == [("peers", "above")]
    assert marks([*cameras(96, 96, 96, 96), *half], "half") == []


def test_two_cameras_are_no_peers_yet():
    assert marks(cameras(1, 1, 300), "c2") == []


def test_a_camera_that_was_hardly_seen_is_no_peer():
    blinks = [CameraDay(f"blink{n}", NOON, 1, 0.1) for n in range(9)]
    assert marks([*cameras(10, 12, 9, 11, 60), *blinks], "c4") == [("peers", "above")]


def test_a_camera_is_held_against_its_own_past():
    calm = before("gate", *[1, 0, 2, 1] * 4)
    assert marks([*calm, *week("gate", 40)], "gate") == [("past", "above")]
    assert marks([*calm, *week("gate", 9)], "gate") == []
    busy = before("gate", *[9, 11, 10, 8] * 4)
    assert marks([*busy, *week("gate", 2)], "gate") == [("past", "below")]


def test_a_past_whose_days_differ_allows_more():
    steady, uneven = before("gate", *[4] * 20), before("gate", *([0] * 9 + [40]) * 2)
    assert marks([*steady, *week("gate", 70)], "gate") == [("past", "above")]
    assert marks([*uneven, *week("gate", 70)], "gate") == []


def test_a_short_past_says_nothing_and_a_past_without_alerts_does():
    assert marks([*before("gate", 0, 0), *week("gate", 40)], "gate") == []
    assert marks([*before("gate", *[0] * 14), *week("gate", 40)], "gate") == [("past", "above")]
    assert marks([*before("gate", *[0] * 14), *week("gate", 1)], "gate") == []


days = st.builds(
    CameraDay,
    st.sampled_from(["a", "b", "c", "d", "e", "f"]),
    st.integers(-21, 6).map(lambda day: NOON + day * DAY_MS),
    st.integers(0, 10_000),
    st.floats(0, 24),
)


@given(st.lists(days, max_size=60))
def test_whatever_happened_every_alert_of_the_period_is_counted_and_every_mark_has_a_chance(given):
    rates = alert_rates(given, NOON)
    assert sum(rate.alerts for rate in rates) == sum(
        day.alerts for day in given if day.start >= NOON
    )
    for mark in (mark for rate in rates for mark in rate.marks):
        assert 0 <= mark.chance < CHANCE_LIMIT
        assert mark.expected >= 0


@given(
    st.integers(0, 200), st.integers(0, 200), st.lists(st.integers(0, 60), min_size=4, max_size=9)
)
def test_more_alerts_never_bring_a_camera_nearer_to_being_far_above(fewer, more, others):
    fewer, more = sorted((fewer, more))
    if ("peers", "above") in marks(cameras(*others, fewer), f"c{len(others)}"):
        assert ("peers", "above") in marks(cameras(*others, more), f"c{len(others)}")
