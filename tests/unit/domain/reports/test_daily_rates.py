"""The alert rate of each camera on each complete day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.erasure import Erasures
from pycturestream.domain.reports.alert_rates import CameraDay
from pycturestream.domain.reports.daily_rates import DAYS, daily_rates, recorded_days
from pycturestream.domain.times import DAY_MS, HOUR_MS, parse_rfc3339
from tests.builders import NOON
from tests.erasures import erasure

TODAY = parse_rfc3339("2026-11-21T00:00:00Z")
YESTERDAY = TODAY - DAY_MS


def day(camera_id, before, alerts, hours=24.0):
    return CameraDay(camera_id, TODAY - before * DAY_MS, alerts, hours)


def rates(days, camera_id="gate"):
    """The rates of a camera by how many days before today they are."""
    found = [rate for rate in daily_rates(days, NOON) if rate.camera_id == camera_id]
    return {(TODAY - rate.at) // DAY_MS: rate for rate in found}


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["gate", "yard", "roof", "lawn", "door"]), st.integers(0, 30)),
        st.tuples(st.integers(0, 60), st.floats(0, 24)),
    )
)
def test_each_camera_and_recorded_day_has_one_rate_and_no_other_day_has_any(given_days):
    days = [day(name, before, *seen) for (name, before), seen in given_days.items()]

    found = list(daily_rates(days, NOON))

    assert sorted((rate.camera_id, (TODAY - rate.at) // DAY_MS) for rate in found) == sorted(
        (name, before) for name, before in given_days if 1 <= before <= DAYS
    )
    assert len({rate.id for rate in found}) == len(found)
    for rate in found:
        assert bool(rate.mark) == bool(rate.why) == (rate.expected is not None)


@pytest.mark.parametrize("at", [TODAY, NOON, TODAY + DAY_MS - 1])
def test_the_day_that_is_not_over_is_left_out(at):
    days = recorded_days(at)

    assert (len(days), days[-1]) == (DAYS, YESTERDAY)
    assert list(days) == sorted(days)


def test_each_day_on_which_a_camera_was_seen_has_its_rate():
    found = rates([day("gate", 0, 9), day("gate", 1, 2, 12.3456), day("gate", 8, 5)])

    assert found.keys() == {1}
    assert (found[1].alerts, found[1].hours, found[1].mark) == (2, 12.346, 0)
    assert (found[1].why, found[1].expected) == ("", None)
    assert (found[1].at, found[1].said_at) == (YESTERDAY, NOON)


@pytest.mark.parametrize(("alerts", "mark"), [(60, 1), (20, 0), (0, -1)])
def test_a_day_is_compared_with_those_before_it(alerts, mark):
    found = rates([day("gate", 1, alerts), *(day("gate", 2 + n, 20) for n in range(20))])

    assert found[1].mark == mark
    assert {found[before].mark for before in range(2, DAYS + 1)} == {0}
    assert found[1].expected == (20 if mark else None)
    assert ("previous 20 days" in found[1].why) is bool(mark)


def test_a_day_is_compared_with_the_other_cameras_same_day():
    others = [day(f"c{n}", before, 10) for n in range(4) for before in (1, 2)]

    found = rates([*others, day("gate", 1, 60), day("gate", 2, 10)])

    assert (found[1].mark, found[2].mark) == (1, 0)
    assert "median of 4 other cameras" in found[1].why


def test_where_both_comparisons_differ_the_surer_one_counts():
    others = [day(f"c{n}", 1, 5) for n in range(4)]
    past = [day("gate", 2 + n, 60) for n in range(20)]

    found = rates([*others, *past, day("gate", 1, 20)])

    assert "other cameras" in found[1].why  # above these
    assert "previous 20 days" in found[1].why
    assert found[1].mark == -1
    assert found[1].expected == 60


def test_what_is_found_again_about_a_day_has_the_same_id():
    days = [day("gate", 1, 3)]
    (first,), (again,) = daily_rates(days, NOON), daily_rates(days, NOON + HOUR_MS)

    assert first.id == again.id
    assert first.said_at < again.said_at
    assert len({rate.id for rate in daily_rates([*days, day("gate", 2, 3)], NOON)}) == 2


@pytest.mark.parametrize(
    ("since", "until", "erased"),
    [
        (YESTERDAY - HOUR_MS, YESTERDAY, False),
        (YESTERDAY - HOUR_MS, YESTERDAY + 1, True),
        (TODAY - 1, TODAY + HOUR_MS, True),
        (TODAY, TODAY + HOUR_MS, False),
    ],
)
def test_a_rate_is_erased_with_any_moment_of_its_day(since, until, erased):
    (rate,) = daily_rates([day("gate", 1, 3)], NOON)

    assert rate.is_erased(Erasures.of([erasure("gate", since, until)])) is erased
    assert not rate.is_erased(Erasures.of([erasure("yard", since, until)]))
