"""What is unusual for a camera, hour by hour, by its own past."""

import pytest
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.domain.detection import Detection
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.hourly_baseline import PAST_DAYS, HourlyBaseline, update
from pycturestream.domain.times import HOUR_MS, parse_rfc3339
from pycturestream.domain.tracking.scene import see
from pycturestream.domain.tracking.track import Sighting
from tests.scenes import CameraRun, box, empty, frame, guarded, person, track

MONDAY = parse_rfc3339("2026-11-02T00:00:00Z")
DAY_MS = 24 * HOUR_MS
BUSY = Rule("busy", ("person",), about="unusually-busy", frames=1)
QUIET = Rule("quiet", ("person",), about="unusually-quiet", frames=1)
GATE = Camera("gate")


def scene(at, *names):
    """Return a scene with people of these track ids."""
    person = Detection("person", 0.9, box())
    tracks = [track(box(), at=at, track_id=name) for name in names]
    seen = [see(Sighting(person, each), {}) for each in tracks]
    return Scene(GATE, "f", at, seen, frozenset(names))


def hour(baseline, rule, at, number, *, share=1.0):
    """Watch an hour in which so many people come, and the beginning of the next one."""
    pictures = range(at, at + round(HOUR_MS * share), 60_000)
    for minute, moment in enumerate(pictures):
        names = [f"{at} {n}" for n in range(number) if n % len(pictures) == minute]
        baseline = update(baseline, rule, scene(moment, *names), 60_000)
    return baseline


def days(rule, numbers, *, start=MONDAY, hour_of_day=9):
    """Observe the same hour on working days in turn; return the baseline after each."""
    baseline, baselines = HourlyBaseline(), []
    at = start + hour_of_day * HOUR_MS
    for number in numbers:
        while (at // DAY_MS + 3) % 7 >= 5:
            at += DAY_MS
        baseline = hour(baseline, rule, at, number)
        baselines.append(baseline)
        baseline = hour(baseline, rule, at + HOUR_MS, 0, share=0.05)
        baselines.append(baseline)
        at += DAY_MS
    return baselines


@pytest.mark.parametrize(("number", "unusual"), [(40, False), (55, False), (90, True)])
def test_an_hour_with_far_more_than_ever_is_busy_while_it_runs(number, unusual):
    *_, running, _ = days(BUSY, [38, 44, 40, 35, 47, number])
    assert (running.unusual is not None) == unusual


def test_the_reason_has_the_number_and_the_usual_number():
    *_, running, _ = days(BUSY, [40, 40, 40, 40, 40, 90])
    _, number, baseline = running.unusual
    assert number == 90
    assert abs(baseline - 40) <= 2


@pytest.mark.parametrize(("number", "unusual"), [(40, False), (25, False), (5, True), (0, True)])
def test_an_hour_with_far_fewer_is_quiet_once_it_has_ended(number, unusual):
    *_, running, after = days(QUIET, [38, 44, 40, 35, 47, number])
    assert running.unusual is None
    assert (after.unusual is not None) == unusual


def test_where_little_happens_nothing_is_quiet():
    assert days(QUIET, [3, 2, 4, 3, 2, 0])[-1].unusual is None


@pytest.mark.parametrize("rule", [BUSY, QUIET])
def test_without_a_past_nothing_is_unusual(rule):
    assert all(baseline.unusual is None for baseline in days(rule, [40, 400, 0, 90]))


def test_strange_days_of_the_past_do_not_make_others_usual():
    *_, running, _ = days(BUSY, [40, 900, 40, 800, 40, 40, 120])
    assert running.unusual is not None


def test_a_weekend_is_held_against_weekends():
    *_, baselines = days(BUSY, [40, 40, 40, 40, 40])
    saturday = MONDAY + 5 * DAY_MS + 9 * HOUR_MS
    assert hour(baselines, BUSY, saturday, 200).unusual is None


def test_an_hour_that_was_hardly_observed_raises_nothing_and_is_not_remembered():
    *_, baselines = days(QUIET, [40, 40, 40, 40, 40])
    at = MONDAY + 7 * DAY_MS + 9 * HOUR_MS
    seen = hour(hour(baselines, QUIET, at, 0, share=0.5), QUIET, at + HOUR_MS, 0, share=0.05)
    assert seen.unusual is None
    assert seen.past == baselines.past


def test_a_person_who_stays_is_counted_once():
    baseline = HourlyBaseline()
    for minute in range(60):
        baseline = update(baseline, BUSY, scene(MONDAY + minute * 60_000, "a"), 60_000)
    assert baseline.number == 1


def test_the_past_is_bounded():
    baselines = days(BUSY, [40] * (PAST_DAYS + 3))[-1]
    assert {len(numbers) for numbers in baselines.past.values()} == {PAST_DAYS}


def test_one_alert_stays_open_until_an_hour_is_usual_again():
    rule = Rule("busy", ("person",), about="unusually-busy", frames=1, level=1)
    scene = CameraRun(guarded(rule))
    *_, baselines = days(rule, [10, 10, 10, 10, 10])
    nine = MONDAY + 7 * DAY_MS + 9 * HOUR_MS
    scene.see(frame(at=nine - 3 * HOUR_MS))
    at = nine
    scene.state = _with_baseline(scene.state, "busy", baselines)
    for number in range(60):
        scene.see(frame([person(0.1 + 0.5 * (number % 2))], at=at))
        at += 10_000
        scene.see(*empty(5, at=at, every_ms=10_000))
        at += 50_000
    while at < nine + 3 * HOUR_MS:
        scene.see(frame(at=at))
        at += 14_000
    raised, cleared = scene.alerts
    assert (raised.state, cleared.state) == ("raised", "cleared")
    assert "Unusually busy: " in raised.alert.reason
    assert raised.alert.reason.endswith("in the hour from 09:00, usually 10.")
    assert nine < raised.at < nine + HOUR_MS
    assert cleared.at >= nine + 2 * HOUR_MS


def _with_baseline(state, rule, baseline):
    rule_state = replace(state.judge.rule_state, hourly_baselines={rule: baseline})
    return replace(state, judge=replace(state.judge, rule_state=rule_state))
